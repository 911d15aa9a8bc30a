package winequality.report;

import elasticnet.CrossValidation;
import elasticnet.LearningSettings;
import elasticnet.split.Holdout;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import winequality.data.DatasetDescription;
import winequality.data.ingest.IngestedTable;
import winequality.data.profile.TableProfile;
import winequality.gate.GateDecision;
import winequality.metrics.ErrorProfile;
import winequality.metrics.HoldoutEvaluation;
import winequality.metrics.RegressionIntervals;

/**
 * What the page of a training is made of.
 *
 * @param source the CSV that was read
 * @param tuning the cross-validation that chose the penalty; empty if the settings did
 * @param decision what a gate made of the model; empty if none was asked
 * @param provenance where the run comes from, by name, in the order of the page
 * @param created when the page was made
 */
public record TrainingReport(
    DatasetDescription dataset,
    String source,
    IngestedTable table,
    TableProfile profile,
    Holdout holdout,
    LearningSettings learning,
    CoefficientTable coefficients,
    HoldoutEvaluation evaluation,
    RegressionIntervals intervals,
    ErrorProfile errors,
    Optional<CrossValidation> tuning,
    Optional<GateDecision> decision,
    Map<String, String> provenance,
    Instant created) {

  public TrainingReport {
    provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
  }

  /** Unit of the label; empty for none. */
  String labelUnit() {
    return profile.column(dataset.label()).map(column -> column.unit()).orElse("");
  }
}
