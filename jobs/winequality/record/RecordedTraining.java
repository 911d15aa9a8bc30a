package winequality.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import elasticnet.FittedElasticNet;
import elasticnet.LearningSettings;
import elasticnet.solver.Penalty;
import elasticnet.split.Holdout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sparkmlflow.tracking.Run;
import winequality.JobTags;
import winequality.data.Fingerprint;
import winequality.data.table.TableVersion;
import winequality.metrics.HoldoutEvaluation;
import winequality.metrics.RegressionEvaluation;

/**
 * A training as {@link TrainingRecord} logged it, read back from its run.
 *
 * @param table the rows it was trained from
 * @param penalty that was used, whether set or chosen by a cross-validation
 * @param values the results by name, in the order of {@link #values(FittedElasticNet,
 *     HoldoutEvaluation)}; without those that the run lacks
 */
public record RecordedTraining(
    TableVersion table, Penalty penalty, Map<String, Double> values, Run run) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROWS = "rows";
  private static final String COEFFICIENT = "coefficient of ";

  public RecordedTraining {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /**
   * Reads a run.
   *
   * @param coefficients content of the artifact {@link TrainingRecord#COEFFICIENTS}
   * @throws IllegalArgumentException if a required value is missing, invalid or contradictory; the
   *     message names it
   */
  public static RecordedTraining of(Run run, String coefficients) {
    Map<String, Double> values = coefficients(coefficients);
    for (String metric : List.of("rmse", "mae", "r2")) {
      Double value = run.metrics().get(metric);
      if (value != null) {
        values.put(metric, value);
      }
    }
    if (run.tags().containsKey(JobTags.RUN_ROWS)) {
      values.put(ROWS, number(run.tags(), "the tag ", JobTags.RUN_ROWS));
    }
    String version = needed(run.tags(), "the tag ", JobTags.RUN_TABLE_VERSION);
    String param = run.params().getOrDefault("tableVersion", version);
    if (!param.equals(version)) {
      throw new IllegalArgumentException(
          "the tag winequality.table_version says %s and the param tableVersion %s"
              .formatted(version, param));
    }
    if (!version.matches("\\d{1,18}")) {
      throw new IllegalArgumentException(
          "the tag winequality.table_version is \"%s\", not a version".formatted(version));
    }
    String location = needed(run.tags(), "the tag ", JobTags.RUN_TABLE);
    double alpha = number(run.params(), "the param ", "alpha");
    double lambda = number(run.params(), "the param ", "lambda");
    TableVersion table = new TableVersion(location, Long.parseLong(version));
    return new RecordedTraining(table, new Penalty(alpha, lambda), values, run);
  }

  /** The results of a training, by the names under which they are compared. */
  public static Map<String, Double> values(FittedElasticNet fitted, HoldoutEvaluation evaluation) {
    RegressionEvaluation test = evaluation.test();
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(coefficient(CoefficientTable.INTERCEPT), fitted.intercept());
    fitted.coefficients().forEach((column, value) -> values.put(coefficient(column), value));
    values.put("rmse", test.rmse());
    values.put("mae", test.mae());
    test.r2().ifPresent(r2 -> values.put("r2", r2));
    values.put(ROWS, (double) (evaluation.train().rows() + test.rows()));
    return values;
  }

  public double intercept() {
    return values.getOrDefault(coefficient(CoefficientTable.INTERCEPT), 0.0);
  }

  /** Without the intercept, by column. */
  public Map<String, Double> coefficients() {
    Map<String, Double> coefficients = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          if (name.startsWith(COEFFICIENT)
              && !name.equals(coefficient(CoefficientTable.INTERCEPT))) {
            coefficients.put(name.substring(COEFFICIENT.length()), value);
          }
        });
    return coefficients;
  }

  /**
   * A sentence for each param of the run, and for the fingerprint of its split, that differs from
   * these settings; with differences another model would be trained.
   */
  public List<String> contradictions(LearningSettings learning, Holdout holdout) {
    List<String> contradictions = new ArrayList<>();
    Map<String, String> params = TrainingRecord.params(learning, holdout.settings());
    params.forEach(
        (name, value) -> {
          String recorded = run.params().getOrDefault(name, value);
          if (!recorded.equals(value)) {
            contradictions.add(
                "the param %s is %s, but %s in the settings".formatted(name, recorded, value));
          }
        });
    String split = Fingerprint.of(holdout.trainSql());
    String recorded = run.tags().getOrDefault(JobTags.RUN_SPLIT_FINGERPRINT, split);
    if (!recorded.equals(split)) {
      contradictions.add(
          "the tag winequality.split_fingerprint is %s, but the split of the settings has %s"
              .formatted(recorded, split));
    }
    return contradictions;
  }

  /** Prefixed, because a column may have the name of a metric. */
  private static String coefficient(String column) {
    return COEFFICIENT + column;
  }

  private static Map<String, Double> coefficients(String text) {
    Map<String, Double> values = new LinkedHashMap<>();
    try {
      JsonNode table = JSON.readTree(text);
      List<String> columns = new ArrayList<>();
      table.path("columns").forEach(column -> columns.add(column.asText()));
      int name = columns.indexOf("name");
      int coefficient = columns.indexOf("coefficient");
      for (JsonNode row : table.path("data")) {
        JsonNode value = row.path(coefficient);
        if (name < 0 || !value.isNumber()) {
          throw new IllegalArgumentException(
              TrainingRecord.COEFFICIENTS + " has a row without name or coefficient: " + row);
        }
        values.put(coefficient(row.path(name).asText()), value.asDouble());
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          TrainingRecord.COEFFICIENTS + " is not valid JSON: " + e.getOriginalMessage(), e);
    }
    if (values.isEmpty()) {
      throw new IllegalArgumentException(TrainingRecord.COEFFICIENTS + " has no coefficients");
    }
    return values;
  }

  private static String needed(Map<String, String> all, String kind, String key) {
    String value = all.getOrDefault(key, "");
    if (value.isBlank()) {
      throw new IllegalArgumentException(kind + key + " is missing");
    }
    return value;
  }

  private static double number(Map<String, String> all, String kind, String key) {
    String text = needed(all, kind, key);
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(kind + key + " is \"" + text + "\", not a number", e);
    }
  }
}
