package winequality.report;

import elasticnet.CrossValidation;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import winequality.metrics.ErrorProfile;
import winequality.record.TrainingRecord;

/**
 * Everything that the page of a training shows.
 *
 * @param tuning the cross-validation that chose the penalty; empty if the settings did
 * @param provenance where the run comes from, by name, in the order of the page
 */
public record TrainingReport(
    TrainingRecord results,
    String source,
    ErrorProfile errors,
    Optional<CrossValidation> tuning,
    Map<String, String> provenance,
    Instant created) {

  public TrainingReport {
    provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
  }
}
