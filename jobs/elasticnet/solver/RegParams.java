package elasticnet.solver;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Which λ a path visits, from the largest to the smallest. */
public sealed interface RegParams {
  /** The falling values for one problem and α. */
  List<Double> values(ElasticNetProblem problem, double elasticNetParam);

  /** Given values, at least one: 0 or more, all different, in any order. */
  record Grid(List<Double> values) implements RegParams {
    public Grid {
      if (values.stream().distinct().count() < values.size()) {
        throw new IllegalArgumentException(
            "regParams is " + values + "; it must not hold a value twice");
      }
      values = values.stream().sorted(Comparator.reverseOrder()).toList();
      if (values.isEmpty()) {
        throw new IllegalArgumentException("regParams is empty; it must hold at least one penalty");
      }
      for (double value : values) {
        // written so that NaN fails too
        if (!(value >= 0.0 && value < Double.POSITIVE_INFINITY)) {
          throw new IllegalArgumentException(
              "regParams has " + value + "; it must hold finite numbers, 0 or more");
        }
      }
    }

    @Override
    public List<Double> values(ElasticNetProblem problem, double elasticNetParam) {
      return values;
    }
  }

  /**
   * glmnet's sequence: from the smallest λ that makes every coefficient 0 down to a share of it, in
   * equal steps of the logarithm. As in glmnet, an α below 0.001 counts as 0.001, because no λ
   * makes ridge coefficients 0. If the label has no covariance with any column, the only value is
   * 0.
   *
   * @param length number of values, from 2 to 10,000
   * @param minRatio the last value as a share of the first, strictly between 0 and 1
   */
  record Sequence(int length, double minRatio) implements RegParams {
    private static final double SMALLEST_ALPHA = 1e-3;
    private static final int LONGEST = 10_000;

    public Sequence {
      if (length < 2 || length > LONGEST) {
        throw new IllegalArgumentException(
            "length is " + length + "; it must lie between 2 and " + LONGEST);
      }
      // written so that NaN fails too
      if (!(minRatio > 0.0 && minRatio < 1.0)) {
        throw new IllegalArgumentException(
            "minRatio is " + minRatio + "; it must lie strictly between 0 and 1");
      }
    }

    @Override
    public List<Double> values(ElasticNetProblem problem, double elasticNetParam) {
      double largest = problem.largestCovariance() / Math.max(SMALLEST_ALPHA, elasticNetParam);
      return largest == 0.0
          ? List.of(0.0)
          : IntStream.range(0, length)
              .mapToObj(i -> largest * StrictMath.pow(minRatio, i / (length - 1.0)))
              .toList();
    }
  }
}
