package winequality.bench;

import elasticnet.solver.ElasticNetSolution;
import elasticnet.statistics.SufficientStatistics;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

/** The solver alone; {@link SolverAccuracy} says how exact each of these paths is. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class SolverBenchmark {
  @Param({"11", "100", "1000"})
  private int features;

  @Param({"0.5", "1.0"})
  private double elasticNetParam;

  /** As a share of the null objective. */
  @Param({"1e-5", "1e-7", "1e-13"})
  private double dualityGap;

  private SolverPath path = new SolverPath(SufficientStatistics.empty(1), 1.0, List.of());

  @Setup
  public void read() {
    path = SolverPath.read(Path.of(System.getProperty("bench.data")), features, elasticNetParam);
  }

  @Benchmark
  public List<ElasticNetSolution> path() {
    return path.solve(dualityGap);
  }
}
