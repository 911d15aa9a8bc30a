package winequality.report;

import static winequality.report.Figures.count;
import static winequality.report.Figures.number;

import java.awt.BasicStroke;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;
import winequality.data.profile.Histogram;
import winequality.metrics.ErrorProfile;
import winequality.metrics.LabelErrors;
import winequality.metrics.LabelledPrediction;

/**
 * Plots of a model's errors on the test rows; the number of points does not grow with the table.
 */
final class TrainingPlots {

  private static final int MARKER = 9;
  private static final int MARKER_OPACITY = 110;

  /** Range of the jitter, as a share of the distance between two grades. */
  private static final double JITTER = 0.3;

  /** With more bins their names are rotated. */
  private static final int MOST_LEVEL_NAMES = 8;

  private final String label;

  TrainingPlots(String label) {
    this.label = label;
  }

  /** The plots of one evaluation, in the order of the page. */
  List<Plot> of(List<LabelledPrediction> sample, ErrorProfile errors) {
    long rows = errors.byLabel().stream().mapToLong(LabelErrors::rows).sum();
    String drawn =
        sample.size() < rows
            ? "%s of %s test rows, drawn by chance among those with different features."
                .formatted(count(sample.size()), count(rows))
            : "";
    return List.of(
        predictedAgainstActual(sample, errors, drawn),
        residuals(errors.residuals()),
        residualsAgainstPrediction(sample, drawn),
        errorByLabel(errors.byLabel()));
  }

  private Plot predictedAgainstActual(
      List<LabelledPrediction> sample, ErrorProfile errors, String drawn) {
    double jitter = jitter(errors.byLabel());
    String moved =
        jitter > 0.0
            ? "Points are moved sideways by up to %s, so that equal grades do not hide each other."
                .formatted(number(jitter / 2.0))
            : "";
    double[] labels = values(sample, LabelledPrediction::label);
    double[] predictions = values(sample, LabelledPrediction::prediction);
    return new Plot(
        "predicted_vs_actual",
        "Predicted against actual",
        "Scatter of %s test rows: predicted %s over actual %s, with the line of perfect predictions. Actual values run %s, predictions %s."
            .formatted(count(sample.size()), label, label, range(labels), range(predictions)),
        (drawn + " " + moved).strip(),
        theme -> {
          SplittableRandom random = new SplittableRandom(0);
          double[] x =
              DoubleStream.of(labels)
                  .map(value -> value + jitter * (random.nextDouble() - 0.5))
                  .toArray();
          XYChart chart = scatter(theme, "actual " + label, "predicted " + label, x, predictions);
          double[] ends = ends(labels);
          line(chart, theme, ends, ends);
          return chart;
        });
  }

  private Plot residualsAgainstPrediction(List<LabelledPrediction> sample, String drawn) {
    double[] predictions = values(sample, LabelledPrediction::prediction);
    double[] residuals = values(sample, LabelledPrediction::residual);
    return new Plot(
        "residuals_vs_predicted",
        "Residuals against prediction",
        "Scatter of %s test rows: actual less predicted %s over the prediction, with the line at 0. Residuals run %s."
            .formatted(count(sample.size()), label, range(residuals)),
        drawn,
        theme -> {
          XYChart chart =
              scatter(theme, "predicted " + label, "actual − predicted", predictions, residuals);
          line(chart, theme, ends(predictions), new double[] {0.0, 0.0});
          return chart;
        });
  }

  private Plot residuals(Histogram residuals) {
    List<Double> edges = residuals.edges();
    List<Long> counts = residuals.counts();
    int bins = counts.size();
    int first = 0;
    int last = bins - 1;
    while (first < last && counts.get(first) == 0) {
      first++;
    }
    while (last > first && counts.get(last) == 0) {
      last--;
    }
    List<Double> x = edges.subList(first, last + 2);
    List<Long> y = new ArrayList<>(counts.subList(first, last + 1));
    y.add(0L);
    String outermost =
        first == 0 || last == bins - 1
            ? "Rows beyond %s and %s are counted in the outermost bins."
                .formatted(number(edges.get(0)), number(edges.get(bins)))
            : "";
    String range = "from %s to %s".formatted(number(x.get(0)), number(edges.get(last + 1)));
    return new Plot(
        "residuals",
        "Residuals",
        "Histogram of actual less predicted %s over all test rows, %s in bins of %s."
            .formatted(label, range, number(edges.get(1) - edges.get(0))),
        outermost,
        theme -> {
          XYChart chart = xy(theme, "actual − predicted " + label, "test rows");
          XYSeries series = chart.addSeries("rows", x, y);
          series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.StepArea);
          series.setMarker(SeriesMarkers.NONE);
          series.setFillColor(Theme.faint(theme.series(0), 150));
          series.setLineColor(theme.series(0));
          return chart;
        });
  }

  private Plot errorByLabel(List<LabelErrors> bins) {
    List<String> names = bins.stream().map(TrainingPlots::name).toList();
    List<String> figures = bins.stream().map(bin -> name(bin) + ": " + number(bin.rmse())).toList();
    return new Plot(
        "error_by_label",
        "Error by " + label,
        "Bars: RMSE on the test rows of each %s. %s.".formatted(label, String.join(", ", figures)),
        "",
        theme -> {
          CategoryChart chart =
              Charts.bars(
                  theme,
                  "actual " + label,
                  "error",
                  names,
                  Charts.Values.of("RMSE", bins, LabelErrors::rmse),
                  Charts.Values.of("mean of actual − predicted", bins, LabelErrors::bias),
                  CategorySeriesRenderStyle.Line);
          if (names.size() > MOST_LEVEL_NAMES) {
            chart.getStyler().setXAxisLabelRotation(60);
          }
          return chart;
        });
  }

  /** The grade, or the range of a bin with several labels. */
  static String name(LabelErrors bin) {
    return bin.least() == bin.most()
        ? number(bin.least())
        : number(bin.least()) + " to " + number(bin.most());
  }

  /** Only grades need jitter, because their points would hide each other; else 0. */
  private static double jitter(List<LabelErrors> bins) {
    if (bins.stream().anyMatch(bin -> bin.least() != bin.most())) {
      return 0.0;
    }
    return JITTER
        * IntStream.range(1, bins.size())
            .mapToDouble(i -> bins.get(i).least() - bins.get(i - 1).least())
            .min()
            .orElse(0.0);
  }

  private static XYChart xy(Theme theme, String xAxis, String yAxis) {
    XYChart chart = Charts.xy(theme, Plot.WIDTH, Plot.HEIGHT, xAxis, yAxis);
    chart.getStyler().setXAxisMaxLabelCount(12);
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setMarkerSize(MARKER);
    return chart;
  }

  private static XYChart scatter(Theme theme, String xAxis, String yAxis, double[] x, double[] y) {
    XYChart chart = xy(theme, xAxis, yAxis);
    XYSeries points = chart.addSeries("rows", x, y);
    points.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    points.setMarker(SeriesMarkers.CIRCLE);
    points.setMarkerColor(Theme.faint(theme.series(0), MARKER_OPACITY));
    return chart;
  }

  private static void line(XYChart chart, Theme theme, double[] x, double[] y) {
    XYSeries line = chart.addSeries("line", x, y);
    line.setMarker(SeriesMarkers.NONE);
    line.setLineColor(theme.series(1));
    line.setLineStyle(
        new BasicStroke(
            3f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10f, new float[] {12f, 8f}, 0f));
  }

  private static double[] values(
      List<LabelledPrediction> sample, ToDoubleFunction<LabelledPrediction> value) {
    return sample.stream().mapToDouble(value).toArray();
  }

  private static double[] ends(double[] values) {
    DoubleSummaryStatistics statistics = DoubleStream.of(values).summaryStatistics();
    return new double[] {statistics.getMin(), statistics.getMax()};
  }

  private static String range(double[] values) {
    double[] ends = ends(values);
    return "from %s to %s".formatted(number(ends[0]), number(ends[1]));
  }
}
