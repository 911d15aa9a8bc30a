package elasticnet;

import elasticnet.CoefficientSignificance.Tested;
import elasticnet.CoefficientSignificance.Untested;
import elasticnet.encoding.RegressionColumns;
import elasticnet.solver.CholeskyFactor;
import elasticnet.statistics.FoldedStatisticsCollector;
import elasticnet.statistics.SufficientStatistics;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Standard errors, t and p values of least squares, as R's {@code summary(lm)} gives them.
 *
 * <p>They require the squared error without a penalty, linearly independent columns, more rows than
 * coefficients and a fit that leaves an error. Otherwise there are none: a penalised coefficient is
 * biased, which its textbook error does not show. Rows count as independent, as in R; many
 * duplicates make the errors too small. Weights are those of R's {@code lm(weights=)}: inverse
 * variances, not numbers of rows.
 *
 * @see <a href="https://stat.ethz.ch/R-manual/R-devel/library/stats/html/summary.lm.html">R,
 *     summary.lm</a>
 */
public final class SignificanceTester {

  /** The driver's inverse costs the cube of the columns: a second for this many. */
  private static final int MOST_FEATURES = 1000;

  /** Below this share of the label's variation, the remaining error is rounding. */
  private static final double NOTHING_LEFT = 1e-12;

  private final LearningSettings settings;

  public SignificanceTester(LearningSettings settings) {
    this.settings = settings;
  }

  /**
   * Tests the coefficients of a fit to these rows, with its columns. Reads the rows once, for least
   * squares without known statistics.
   *
   * @param known statistics of these rows, if they are there already
   * @throws LearningException if there are no rows, or a value is null, NaN or infinite
   */
  public CoefficientSignificance test(
      Dataset<Row> train,
      RegressionColumns columns,
      FittedElasticNet fitted,
      Optional<SufficientStatistics> known) {
    if (settings.regParam() > 0.0) {
      return new Untested("the penalty is " + settings.regParam());
    }
    if (!settings.loss().equals("squaredError")) {
      return new Untested("the loss is " + settings.loss());
    }
    if (columns.features().names().size() > MOST_FEATURES) {
      return new Untested("there are more than " + MOST_FEATURES + " features");
    }
    return test(
        known.orElseGet(() -> new FoldedStatisticsCollector().collectUnfolded(train, columns)),
        fitted);
  }

  CoefficientSignificance test(SufficientStatistics rows, FittedElasticNet fitted) {
    double[] coefficients =
        fitted.coefficients().values().stream().mapToDouble(Double::doubleValue).toArray();
    int p = coefficients.length;
    long freedom = rows.rows() - p - (settings.fitIntercept() ? 1 : 0);
    if (freedom < 1) {
      return new Untested(rows.rows() + " rows are too few for " + p + " features");
    }
    double squares = rows.squaredErrors(fitted.intercept(), coefficients);
    if (!(squares > NOTHING_LEFT * moment(rows, p, p))) {
      return new Untested("the fit leaves no error");
    }
    double[] scales = new double[p];
    Arrays.setAll(scales, j -> Math.sqrt(moment(rows, j, j)));
    CholeskyFactor factor = new CholeskyFactor(scaledMoments(rows, scales));
    if (factor.rank() < p) {
      return new Untested((p - factor.rank()) + " of the columns follow from the others");
    }
    double variance = squares / freedom;
    TDistribution distribution = new TDistribution(null, freedom);
    Map<String, Significance> tests = new LinkedHashMap<>();
    for (String feature : fitted.coefficients().keySet()) {
      int column = tests.size();
      double[] unit = new double[p];
      unit[column] = 1.0;
      factor.solve(unit);
      double error = Math.sqrt(variance * unit[column]) / scales[column];
      tests.put(feature, tested(coefficients[column], error, distribution));
    }
    Optional<Significance> intercept =
        settings.fitIntercept()
            ? Optional.of(
                tested(
                    fitted.intercept(),
                    Math.sqrt(variance * interceptVariance(rows, scales, factor)),
                    distribution))
            : Optional.empty();
    return new Tested(freedom, intercept, tests);
  }

  private static Significance tested(double value, double error, TDistribution distribution) {
    double t = value / error;
    return new Significance(error, t, 2.0 * distribution.cumulativeProbability(-Math.abs(t)));
  }

  /** The moment about the means if there is an intercept, else about 0. */
  private double moment(SufficientStatistics rows, int a, int b) {
    return settings.fitIntercept()
        ? rows.product(a, b)
        : rows.product(a, b) + rows.weight() * rows.mean(a) * rows.mean(b);
  }

  private double[][] scaledMoments(SufficientStatistics rows, double[] scales) {
    int p = scales.length;
    double[][] scaled = new double[p][p];
    for (int i = 0; i < p; i++) {
      for (int j = i; j < p; j++) {
        // a constant column has the scale 0; the factor leaves its row of zeros out
        double scale = scales[i] * scales[j];
        scaled[i][j] = scale == 0.0 ? 0.0 : moment(rows, i, j) / scale;
      }
    }
    return scaled;
  }

  /** {@code 1/n + x̄'(X'X)⁻¹x̄} with X centred and n the total weight. */
  private static double interceptVariance(
      SufficientStatistics rows, double[] scales, CholeskyFactor factor) {
    double[] means = new double[scales.length];
    Arrays.setAll(means, j -> rows.mean(j) / scales[j]);
    double[] solved = means.clone();
    factor.solve(solved);
    double variance = 1.0 / rows.weight();
    for (int j = 0; j < means.length; j++) {
      variance += means[j] * solved[j];
    }
    return variance;
  }
}
