package winequality.metrics;

import static winequality.metrics.EvaluationPass.ROWS;
import static winequality.metrics.EvaluationPass.WEIGHT;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.stream.IntStream;
import winequality.data.profile.Histogram;

/** Profiles the errors by label and by size. It numbers the slots of these bins. */
final class ErrorProfiler implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Bins of the residual on either side of 0. */
  private static final int BINS = 25;

  private static final int BINS_PER_RMSE = 5;

  // the first slots of a pass
  static final int TRAIN = 0;
  private static final int RESIDUALS = 1;
  static final int LABELS = RESIDUALS + 2 * BINS;

  private final double[] inner;
  private final double width;

  private ErrorProfiler(double[] inner, double width) {
    this.inner = inner;
    this.width = width;
  }

  /**
   * A profiler whose residuals have bins of a fifth of the RMSE, rounded up to one digit. The
   * outermost bins also hold everything beyond 25 bins.
   *
   * @param labels its bins divide the label; at least one bin
   */
  static ErrorProfiler of(Histogram labels, double rmse) {
    return new ErrorProfiler(labels.inner(), width(rmse));
  }

  /** One bin of all labels, for figures that need no profile. */
  static ErrorProfiler undivided() {
    return new ErrorProfiler(new double[0], 1.0);
  }

  /** One digit, so that the edges are easy to read; 1 if there is no error. */
  private static double width(double rmse) {
    double width = rmse / BINS_PER_RMSE;
    return width > 0.0 && Double.isFinite(width)
        ? BigDecimal.valueOf(width).round(new MathContext(1, RoundingMode.UP)).doubleValue()
        : 1.0;
  }

  int residualSlot(double residual) {
    double bin = Math.max(-BINS, Math.min(BINS - 1.0, Math.floor(residual / width)));
    return RESIDUALS + BINS + (int) bin;
  }

  int labelSlot(double label) {
    return LABELS + Histogram.bin(label, inner);
  }

  /** The slot after these. */
  int end() {
    return LABELS + inner.length + 1;
  }

  ErrorProfile profile(EvaluationPass pass) {
    List<LabelErrors> byLabel =
        pass.slots(LABELS, end()).stream()
            .map(
                bin ->
                    new LabelErrors(
                        bin[EvaluationPass.LEAST],
                        bin[EvaluationPass.MOST],
                        (long) bin[ROWS],
                        bin[EvaluationPass.ERRORS] / bin[WEIGHT],
                        bin[EvaluationPass.ABSOLUTE_ERRORS] / bin[WEIGHT],
                        Math.sqrt(bin[EvaluationPass.SQUARED_ERRORS] / bin[WEIGHT])))
            .toList();
    List<Long> counts =
        IntStream.range(RESIDUALS, LABELS)
            .mapToObj(bin -> pass.slots(bin, bin + 1).stream())
            .map(bin -> bin.mapToLong(slot -> (long) slot[ROWS]).sum())
            .toList();
    List<Double> edges = IntStream.rangeClosed(-BINS, BINS).mapToObj(i -> i * width).toList();
    return new ErrorProfile(byLabel, new Histogram(edges, counts));
  }
}
