package winequality.config;

import elasticnet.LearningSettings;
import elasticnet.TuningSettings;
import elasticnet.split.HoldoutSettings;
import java.util.Optional;
import sparkmlflow.Login;
import sparkmlflow.MlflowSettings;
import sparkmlflow.model.ModelSettings;
import sparkmlflow.registry.RegistrySettings;
import sparkmlflow.run.Outbox;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.gate.RetrainingSettings;
import winequality.gate.VersionSettings;
import winequality.metrics.BootstrapSettings;
import winequality.record.CallerSettings;
import winequality.record.TuningRecord.ChildRuns;
import winequality.scoring.ScoringSettings;

/**
 * All settings of a job, a record for each stage.
 *
 * @param outbox empty if work is not kept during an outage
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
    Optional<Outbox> outbox,
    Login targetLogin,
    RegistrySettings registry,
    VersionSettings versions,
    RetrainingSettings retraining,
    ScoringSettings scoring,
    CallerSettings caller,
    String rendered) {

  /** The same with other settings of the group {@code registry}. */
  public Settings with(RegistrySettings otherRegistry, VersionSettings otherVersions) {
    return new Settings(
        dataset,
        data,
        holdout,
        learning,
        tuning,
        childRuns,
        bootstrap,
        model,
        mlflow,
        outbox,
        targetLogin,
        otherRegistry,
        otherVersions,
        retraining,
        scoring,
        caller,
        rendered);
  }

  /**
   * A hash of the settings that decide the model: two jobs with equal fingerprints train the same
   * model from the same table version. Hosts, paths and names do not count.
   */
  public String fingerprint() {
    return new RecordedSettings(dataset, holdout, learning).fingerprint();
  }
}
