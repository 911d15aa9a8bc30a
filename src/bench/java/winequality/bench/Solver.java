package winequality.bench;

import elasticnet.solver.ColumnScaling;
import elasticnet.solver.ElasticNetProblem;
import elasticnet.solver.ElasticNetSolution;
import elasticnet.solver.ElasticNetSolver;
import elasticnet.solver.SolverSettings;
import elasticnet.statistics.SufficientStatistics;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The solver alone: {@code FOLDER FEATURES α,α… GAP,GAP…}. Its task are 100 penalties on the Gram
 * matrix that {@code elastic_net.py} wrote, from the largest one down to 1/10,000 of it.
 *
 * <p>The coefficients are written too, penalty after penalty, as little-endian doubles. {@code
 * bench.py} computes from them how exact a path is; that at a gap of 10⁻¹⁴ is its reference.
 */
public final class Solver {
  private static final String REFERENCE = "1e-14";
  private static final int LENGTH = 100;
  private static final double MIN_RATIO = 1e-4;
  private static final int ENOUGH_SWEEPS = 100_000;

  private Solver() {}

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    int features = Integer.parseInt(arguments[1]);
    SufficientStatistics statistics =
        SufficientStatistics.ofBytes(
            Files.readAllBytes(folder.resolve("solver-" + features + ".statistics")));
    for (String alpha : arguments[2].split(",")) {
      write(folder, features, alpha, REFERENCE, "exact", solve(statistics, alpha, REFERENCE));
      for (String gap : arguments[3].split(",")) {
        List<ElasticNetSolution> last = new ArrayList<>();
        new Turns("%d, %s, %s".formatted(features, alpha, gap), () -> true)
            .take(
                new Turns.Contestant(
                    "ours",
                    () -> {
                      last.clear();
                      last.addAll(solve(statistics, alpha, gap));
                      return "gap " + gap;
                    }));
        write(folder, features, alpha, gap, "ours", last);
      }
    }
  }

  /** Solves all of it, no penalty known from the run before. */
  private static List<ElasticNetSolution> solve(
      SufficientStatistics statistics, String alpha, String gap) {
    int p = statistics.columns() - 1;
    double elasticNetParam = Double.parseDouble(alpha);
    double largest =
        IntStream.range(0, p)
            .mapToDouble(j -> Math.abs(statistics.product(j, p)))
            .map(product -> product / statistics.rows() / elasticNetParam)
            .max()
            .orElseThrow();
    return new ElasticNetSolver(new SolverSettings(Double.parseDouble(gap), ENOUGH_SWEEPS))
        .path(
            new ElasticNetProblem(statistics, ColumnScaling.STANDARDIZED),
            elasticNetParam,
            IntStream.range(0, LENGTH)
                .mapToObj(i -> largest * Math.pow(MIN_RATIO, i / (LENGTH - 1.0)))
                .toList());
  }

  private static void write(
      Path folder,
      int features,
      String alpha,
      String gap,
      String contestant,
      List<ElasticNetSolution> path)
      throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(8 * LENGTH * features).order(ByteOrder.LITTLE_ENDIAN);
    for (ElasticNetSolution solution : path) {
      for (int j = 0; j < features; j++) {
        bytes.putDouble(solution.coefficient(j));
      }
    }
    String name = "%d, %s, %s, %s.path".formatted(features, alpha, gap, contestant);
    Files.write(folder.resolve(name), bytes.array());
  }
}
