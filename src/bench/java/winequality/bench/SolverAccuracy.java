package winequality.bench;

import elasticnet.solver.ElasticNetSolution;
import elasticnet.statistics.SufficientStatistics;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * How exact the solver's paths are at the tolerances that {@link SolverBenchmark} times: {@code
 * FOLDER TIMES}. {@code glmnet.R} works out the same for glmnet, since tolerances mean different
 * things to different programs.
 *
 * <p>A line for each path: the largest distance of an objective from its minimum, as a share of the
 * null objective, and the largest error of a coefficient, as a share of the largest coefficient at
 * its penalty. The first penalty, which removes every column, does not count. The reference is the
 * path at a gap of 10⁻¹⁴.
 */
public final class SolverAccuracy {
  private static final double REFERENCE = 1e-14;
  private static final double[] GAPS = {1e-5, 1e-7, 1e-13};

  private SolverAccuracy() {}

  public static void main(String[] arguments) throws Exception {
    for (int features : new int[] {11, 100, 1000}) {
      Stopwatch lines = new Stopwatch("solver-ours", features, Path.of(arguments[1]));
      for (double alpha : new double[] {0.5, 1.0}) {
        SolverPath path = SolverPath.read(Path.of(arguments[0]), features, alpha);
        List<ElasticNetSolution> exact = path.solve(REFERENCE);
        for (double gap : GAPS) {
          List<ElasticNetSolution> solved = path.solve(gap);
          double excess = 0.0;
          double error = 0.0;
          for (int i = 1; i < exact.size(); i++) {
            excess = Math.max(excess, excess(path.statistics(), solved.get(i), exact.get(i)));
            error = Math.max(error, error(solved.get(i), exact.get(i)));
          }
          lines.write(
              String.format(Locale.ROOT, "%s %s", alpha, gap),
              excess,
              String.format(Locale.ROOT, "%.3g %.3g", excess, error));
        }
      }
    }
  }

  private static double error(ElasticNetSolution solved, ElasticNetSolution exact) {
    double difference = 0.0;
    double largest = 0.0;
    for (int j = 0; j < exact.features(); j++) {
      difference = Math.max(difference, Math.abs(solved.coefficient(j) - exact.coefficient(j)));
      largest = Math.max(largest, Math.abs(exact.coefficient(j)));
    }
    return difference / largest;
  }

  private static double excess(
      SufficientStatistics rows, ElasticNetSolution solved, ElasticNetSolution exact) {
    return (objective(rows, solved) - objective(rows, exact))
        / (0.5 * rows.variance(rows.columns() - 1));
  }

  /** {@code ½γ'Gγ − c'γ + λα‖γ‖₁ + λ(1−α)/(2s)·‖γ‖²} for standardised columns. */
  private static double objective(SufficientStatistics rows, ElasticNetSolution solution) {
    int p = solution.features();
    double lambda = solution.penalty().regParam();
    double alpha = solution.penalty().elasticNetParam();
    double deviation = Math.sqrt(rows.variance(p));
    double objective = 0.0;
    for (int i = 0; i < p; i++) {
      double beta = solution.coefficient(i);
      if (beta == 0.0) {
        continue;
      }
      double scaled = beta * Math.sqrt(rows.variance(i));
      double fitted = 0.0;
      for (int j = 0; j < p; j++) {
        fitted += solution.coefficient(j) * rows.product(i, j);
      }
      objective += beta * (0.5 * fitted - rows.product(i, p)) / rows.rows();
      objective += lambda * alpha * Math.abs(scaled);
      objective += lambda * (1.0 - alpha) / (2.0 * deviation) * scaled * scaled;
    }
    return objective;
  }
}
