package winequality.config;

import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.holdout.HoldoutSettings;
import winequality.learning.LearningSettings;
import winequality.learning.TuningSettings;
import winequality.metrics.BootstrapSettings;
import winequality.mlflow.Login;
import winequality.mlflow.MlflowSettings;
import winequality.model.ModelSettings;
import winequality.registry.RegistrySettings;
import winequality.registry.RetrainingSettings;
import winequality.registry.VersionSettings;
import winequality.scoring.ScoringSettings;
import winequality.tracking.CallerSettings;
import winequality.tracking.ChildRuns;

/**
 * All settings of a job, a record for each stage.
 *
 * @param rendered every key with its value in HOCON, secrets as {@code ****}
 */
public record Settings(
    DatasetDescription dataset,
    DataSettings data,
    HoldoutSettings holdout,
    LearningSettings learning,
    TuningSettings tuning,
    ChildRuns childRuns,
    BootstrapSettings bootstrap,
    ModelSettings model,
    MlflowSettings mlflow,
    Login targetLogin,
    RegistrySettings registry,
    VersionSettings versions,
    RetrainingSettings retraining,
    ScoringSettings scoring,
    CallerSettings caller,
    String rendered) {

  /**
   * A name for what decides the model besides the rows: two jobs with equal fingerprints train the
   * same model from the same table version. Hosts, paths and names are not part of it.
   */
  public String fingerprint() {
    return new RecordedSettings(dataset, holdout, learning).fingerprint();
  }
}
