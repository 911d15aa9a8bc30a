package winequality.record;

import elasticnet.CoefficientSignificance;
import elasticnet.FittedElasticNet;
import elasticnet.Significance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import winequality.data.ColumnDescription;
import winequality.data.DatasetDescription;
import winequality.metrics.HoldoutEvaluation;

/**
 * The coefficients of a fit with their units and significance tests.
 *
 * @param lines the intercept first, then the features in their order
 * @param untested why there are no standard errors; empty if there are
 */
public record CoefficientTable(List<Line> lines, Optional<String> untested) {

  public static final String INTERCEPT = "(intercept)";

  /**
   * One coefficient.
   *
   * @param unit of the column; the label's for the intercept
   * @param coefficient label units per unit of the column
   * @param standardized standard deviations of the label per standard deviation of the column, both
   *     over the train rows; empty for the intercept and for a constant label
   * @param test empty if its assumptions do not hold
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

  static CoefficientTable of(
      DatasetDescription dataset,
      FittedElasticNet fitted,
      CoefficientSignificance tests,
      HoldoutEvaluation evaluation) {
    Map<String, String> units =
        dataset.columns().stream()
            .collect(Collectors.toMap(ColumnDescription::name, ColumnDescription::unit));
    String labelUnit = units.getOrDefault(dataset.label(), "");
    List<Line> lines = new ArrayList<>();
    lines.add(
        new Line(
            INTERCEPT, labelUnit, fitted.intercept(), OptionalDouble.empty(), tests.ofIntercept()));
    double labelDeviation = evaluation.trainLabelDeviation();
    fitted
        .coefficients()
        .forEach(
            (name, coefficient) -> {
              double deviation = evaluation.trainDeviations().getOrDefault(name, Double.NaN);
              OptionalDouble standardized =
                  labelDeviation > 0.0
                      ? OptionalDouble.of(coefficient * deviation / labelDeviation)
                      : OptionalDouble.empty();
              String unit = units.getOrDefault(name, "");
              lines.add(new Line(name, unit, coefficient, standardized, tests.of(name)));
            });
    return new CoefficientTable(
        lines,
        tests instanceof CoefficientSignificance.Untested none
            ? Optional.of(none.reason())
            : Optional.empty());
  }
}
