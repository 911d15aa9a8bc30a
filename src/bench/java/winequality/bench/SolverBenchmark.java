package winequality.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import winequality.learning.ColumnScaling;
import winequality.learning.ElasticNetSolution;
import winequality.learning.ElasticNetSolver;
import winequality.learning.SolverSettings;
import winequality.learning.SufficientStatistics;

/**
 * The solver alone: 100 penalties on the Gram matrix that {@code generate.py} wrote, from the
 * largest one down to 1/10,000 of it, no penalty known from the run before.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class SolverBenchmark {
  private static final int LENGTH = 100;
  private static final double MIN_RATIO = 1e-4;

  @Param({"11", "100", "1000"})
  private int features;

  @Param({"0.5", "1.0"})
  private double elasticNetParam;

  /** As a share of the null objective. */
  @Param({"1e-7", "1e-12"})
  private double dualityGap;

  private SufficientStatistics statistics = SufficientStatistics.empty(1);
  private List<Double> regParams = List.of();
  private ElasticNetSolver solver = new ElasticNetSolver(new SolverSettings(0.5, 1));

  @Setup
  public void read() {
    Path file = Path.of(System.getProperty("bench.data"), "solver-" + features + ".statistics");
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
    regParams =
        IntStream.range(0, LENGTH)
            .mapToObj(i -> largest * Math.pow(MIN_RATIO, i / (LENGTH - 1.0)))
            .toList();
    solver = new ElasticNetSolver(new SolverSettings(dualityGap, 10_000));
  }

  @Benchmark
  public List<ElasticNetSolution> path() {
    return solver.path(statistics, ColumnScaling.STANDARDIZED, elasticNetParam, regParams);
  }
}
