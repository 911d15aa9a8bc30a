package winequality.record;

import elasticnet.CoefficientSignificance;
import elasticnet.Significance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import winequality.data.ColumnDescription;

/**
 * The coefficients of a fit with their units and significance tests.
 *
 * @param lines the intercept first, then the features in their order
 * @param untested why there are no standard errors; empty if there are
 */
public record CoefficientTable(List<Line> lines, Optional<String> untested) {

  static final String INTERCEPT = "(intercept)";

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

  static CoefficientTable of(TrainingRecord record) {
    Map<String, String> units =
        record.dataset().columns().stream()
            .collect(Collectors.toMap(ColumnDescription::name, ColumnDescription::unit));
    CoefficientSignificance tests = record.tests();
    List<Line> lines = new ArrayList<>();
    String unit = units.getOrDefault(record.dataset().label(), "");
    double intercept = record.fitted().intercept();
    lines.add(new Line(INTERCEPT, unit, intercept, OptionalDouble.empty(), tests.ofIntercept()));
    double labelDeviation = record.evaluation().trainLabelDeviation();
    Map<String, Double> deviations = record.evaluation().trainDeviations();
    Map<String, Double> coefficients = record.fitted().coefficients();
    coefficients.forEach(
        (name, value) -> {
          double scaled = value * deviations.getOrDefault(name, Double.NaN) / labelDeviation;
          OptionalDouble standardized =
              labelDeviation > 0.0 ? OptionalDouble.of(scaled) : OptionalDouble.empty();
          lines.add(
              new Line(name, units.getOrDefault(name, ""), value, standardized, tests.of(name)));
        });
    return new CoefficientTable(
        lines,
        tests instanceof CoefficientSignificance.Untested none
            ? Optional.of(none.reason())
            : Optional.empty());
  }
}
