package winequality.report;

import elasticnet.CoefficientSignificance;
import elasticnet.FittedElasticNet;
import elasticnet.Significance;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import winequality.data.ColumnDescription;
import winequality.data.DatasetDescription;
import winequality.metrics.HoldoutEvaluation;

/**
 * A fit's coefficients with what belongs to them.
 *
 * @param lines the intercept first, then the features in their order
 * @param untested why there are no standard errors; empty if there are
 */
public record CoefficientTable(List<Line> lines, Optional<String> untested) {

  /** What the intercept is called. */
  public static final String INTERCEPT = "(intercept)";

  /**
   * One coefficient.
   *
   * @param unit of the column; that of the label for the intercept
   * @param coefficient label units per unit of the column
   * @param standardized standard deviations of the label per standard deviation of the column, both
   *     over the train rows; empty for the intercept and for a constant label
   * @param test empty if the theory does not hold
   */
  public record Line(
      String name,
      String unit,
      double coefficient,
      OptionalDouble standardized,
      Optional<Significance> test) {}

  public CoefficientTable {
    lines = List.copyOf(lines);
  }

  /** Puts together what learning and evaluation found. */
  public static CoefficientTable of(
      DatasetDescription dataset,
      FittedElasticNet fitted,
      CoefficientSignificance tests,
      HoldoutEvaluation evaluation) {
    List<Line> lines = new ArrayList<>();
    lines.add(
        new Line(
            INTERCEPT,
            unit(dataset, dataset.label()),
            fitted.intercept(),
            OptionalDouble.empty(),
            tests.ofIntercept()));
    double labelDeviation = evaluation.trainLabelDeviation();
    fitted
        .coefficients()
        .forEach(
            (name, coefficient) ->
                lines.add(
                    new Line(
                        name,
                        unit(dataset, name),
                        coefficient,
                        labelDeviation > 0.0
                            ? OptionalDouble.of(
                                coefficient
                                    * evaluation.trainDeviations().getOrDefault(name, Double.NaN)
                                    / labelDeviation)
                            : OptionalDouble.empty(),
                        tests.of(name))));
    return new CoefficientTable(
        lines,
        tests instanceof CoefficientSignificance.Untested none
            ? Optional.of(none.reason())
            : Optional.empty());
  }

  private static String unit(DatasetDescription dataset, String name) {
    return dataset.columns().stream()
        .filter(column -> column.name().equals(name))
        .map(ColumnDescription::unit)
        .findFirst()
        .orElse("");
  }
}
