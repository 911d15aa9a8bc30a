package winequality.config;

import elasticnet.LearningSettings;
import elasticnet.split.HoldoutSettings;
import winequality.data.DatasetDescription;
import winequality.data.Fingerprint;

/** The settings that decide the model. */
public record RecordedSettings(
    DatasetDescription dataset, HoldoutSettings holdout, LearningSettings learning) {

  /** Equal for equal settings, however they are written. */
  public String fingerprint() {
    return Fingerprint.of(dataset + "\n" + holdout + "\n" + learning);
  }
}
