package winequality.bench;

import elasticnet.solver.ColumnScaling;
import elasticnet.solver.ElasticNetProblem;
import elasticnet.solver.ElasticNetSolution;
import elasticnet.solver.ElasticNetSolver;
import elasticnet.solver.SolverSettings;
import elasticnet.statistics.SufficientStatistics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The solver's task: 100 penalties on the Gram matrix that {@code generate.py} wrote, from the
 * largest one down to 1/10,000 of it.
 *
 * @param statistics of the features and, last, the label
 * @param elasticNetParam α, above 0
 * @param regParams λ, falling
 */
record SolverPath(SufficientStatistics statistics, double elasticNetParam, List<Double> regParams) {
  private static final int LENGTH = 100;
  private static final double MIN_RATIO = 1e-4;
  private static final int ENOUGH_SWEEPS = 100_000;

  static SolverPath read(Path folder, int features, double elasticNetParam) {
    Path file = folder.resolve("solver-" + features + ".statistics");
    SufficientStatistics statistics;
    try {
      statistics = SufficientStatistics.ofBytes(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read; src/bench/run writes it", e);
    }
    double largest =
        IntStream.range(0, features)
            .mapToDouble(j -> Math.abs(statistics.product(j, features)))
            .map(product -> product / statistics.rows() / elasticNetParam)
            .max()
            .orElseThrow();
    return new SolverPath(
        statistics,
        elasticNetParam,
        IntStream.range(0, LENGTH)
            .mapToObj(i -> largest * Math.pow(MIN_RATIO, i / (LENGTH - 1.0)))
            .toList());
  }

  /** Solves all of it, no penalty known from the run before. */
  List<ElasticNetSolution> solve(double dualityGap) {
    return new ElasticNetSolver(new SolverSettings(dualityGap, ENOUGH_SWEEPS))
        .path(
            new ElasticNetProblem(statistics, ColumnScaling.STANDARDIZED),
            elasticNetParam,
            regParams);
  }
}
