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
import winequality.data.profile.ColumnProfile;
import winequality.data.profile.TableProfile;
import winequality.metrics.ErrorProfile;
import winequality.metrics.HoldoutEvaluation;
import winequality.metrics.RegressionIntervals;

/**
 * Everything that the page of a training shows.
 *
 * @param source the CSV that was read
 * @param tuning the cross-validation that chose the penalty; empty if the settings did
 * @param provenance where the run comes from, by name, in the order of the page
 * @param created when the page was made
 */
public record TrainingReport(
    Results results,
    String source,
    ErrorProfile errors,
    Optional<CrossValidation> tuning,
    Map<String, String> provenance,
    Instant created) {

  public TrainingReport {
    provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
  }

  /** What the training found; the run and the version are told the same. */
  public interface Results {
    DatasetDescription dataset();

    LearningSettings learning();

    IngestedTable table();

    TableProfile profile();

    Holdout holdout();

    CoefficientTable coefficientTable();

    HoldoutEvaluation evaluation();

    RegressionIntervals intervals();

    /** Unit of the label; may be empty. */
    default String labelUnit() {
      return profile().column(dataset().label()).map(ColumnProfile::unit).orElse("");
    }
  }
}
