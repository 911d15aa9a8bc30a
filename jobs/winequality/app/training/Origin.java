package winequality.app.training;

import elasticnet.LearningSettings;
import elasticnet.solver.Penalty;
import elasticnet.split.Holdout;
import elasticnet.split.HoldoutSplitter;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowConnection;
import sparkmlflow.artifacts.RunArtifacts;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.VersionFetcher;
import sparkmlflow.tracking.Run;
import winequality.config.InvalidSettingsException;
import winequality.config.RecordedSettings;
import winequality.config.SettingsLoader;
import winequality.data.DataRefusedException;
import winequality.data.table.TablePoint;
import winequality.data.table.TableRole;
import winequality.data.table.TableVersion;
import winequality.data.table.TimeTravel;
import winequality.record.RecordedTraining;
import winequality.record.TrainingRecord;

/**
 * What a version was trained from, as its run recorded it.
 *
 * @param learning with the penalty that was used
 */
public record Origin(
    ModelVersion version,
    RecordedTraining recorded,
    RecordedSettings settings,
    LearningSettings learning,
    Holdout holdout,
    TableVersion table,
    TableRole role) {

  /**
   * Reads the run of a version and looks for its table.
   *
   * @param verb what the caller does, for messages: "Could not {@code verb} version 3 of ..."
   * @throws DamagedFilesException if the run is deleted, lacks a file or contradicts itself
   * @throws DataRefusedException if the table's version is gone
   */
  public static Origin of(
      String verb, ModelVersion version, SparkSession spark, MlflowConnection connection) {
    String operation = verb + " version " + version.version() + " of " + version.name();
    Run run = new VersionFetcher(connection).run(version, operation);
    if (run.deleted()) {
      throw new DamagedFilesException(
          operation,
          "its run %s is deleted. `mlflow runs restore --run-id %s` restores it, unless the server has removed it for good."
              .formatted(run.id(), run.id()));
    }
    RunArtifacts artifacts = connection.artifacts(run);
    String rendered = file(artifacts, TrainingRecord.SETTINGS, operation, run);
    RecordedTraining recorded;
    RecordedSettings settings;
    try {
      recorded =
          RecordedTraining.of(run, file(artifacts, TrainingRecord.COEFFICIENTS, operation, run));
      settings =
          new SettingsLoader().recorded(rendered, TrainingRecord.SETTINGS + " of run " + run.id());
    } catch (IllegalArgumentException | InvalidSettingsException e) {
      throw new DamagedFilesException(
          operation,
          "run %s does not record how it was trained: %s.".formatted(run.id(), e.getMessage()),
          e);
    }
    Penalty by = recorded.penalty();
    LearningSettings learning =
        settings.learning().withPenalty(by.regParam(), by.elasticNetParam());
    Holdout holdout = new HoldoutSplitter(settings.holdout()).split(settings.dataset().features());
    List<String> contradictions = recorded.contradictions(learning, holdout);
    if (!contradictions.isEmpty()) {
      throw new DamagedFilesException(
          operation,
          "run %s contradicts its own %s: %s."
              .formatted(run.id(), TrainingRecord.SETTINGS, String.join("; ", contradictions)));
    }
    TableRole role = Lineage.roleOf(version);
    TableVersion table = table(spark, operation, recorded, settings, role);
    return new Origin(version, recorded, settings, learning, holdout, table, role);
  }

  private static String file(RunArtifacts artifacts, String name, String operation, Run run) {
    return artifacts
        .text(name)
        .orElseThrow(
            () ->
                new DamagedFilesException(
                    operation,
                    "its run %s has no file %s. Name a version made by train or tune, in the registry where it was made."
                        .formatted(run.id(), name)));
  }

  private static TableVersion table(
      SparkSession spark,
      String operation,
      RecordedTraining recorded,
      RecordedSettings settings,
      TableRole role) {
    TableVersion table = recorded.table();
    try {
      return new TimeTravel(spark, settings.dataset(), role)
          .to(table.location(), new TablePoint.AtVersion(table.version()));
    } catch (DataRefusedException e) {
      throw new DataRefusedException(
          "Could not %s: it was trained from version %d of the table %s. %s"
              .formatted(operation, table.version(), table.location(), e.getMessage()),
          e);
    }
  }

  /** The accepted rows, read lazily. */
  public Dataset<Row> rows(SparkSession spark) {
    return role.rows(spark, table, settings.dataset());
  }
}
