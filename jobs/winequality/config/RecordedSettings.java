package winequality.config;

import winequality.data.DatasetDescription;
import winequality.data.Fingerprint;
import winequality.holdout.HoldoutSettings;
import winequality.learning.LearningSettings;

/** The settings that decide the model besides the rows. */
public record RecordedSettings(
    DatasetDescription dataset, HoldoutSettings holdout, LearningSettings learning) {

  /** Equal for equal settings, whatever their spelling. */
  public String fingerprint() {
    return Fingerprint.of(dataset + "\n" + holdout + "\n" + learning);
  }
}
