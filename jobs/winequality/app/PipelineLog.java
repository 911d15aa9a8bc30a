package winequality.app;

import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;
import winequality.config.InvalidSettingsException;
import winequality.config.Settings;
import winequality.config.SettingsLoader;
import winequality.config.SettingsSource;
import winequality.config.SettingsSource.Assignment;
import winequality.mlflow.MlflowConnection;
import winequality.mlflow.MlflowException;
import winequality.mlflow.Pause;
import winequality.mlflow.VerifiedFolder;
import winequality.model.FittedModel;
import winequality.model.ModelFolderWriter;
import winequality.model.ModelIdentity;
import winequality.registry.ModelRegistrar;
import winequality.registry.RegisteredVersion;
import winequality.registry.RegistrySettings;
import winequality.tracking.ActiveRun;
import winequality.tracking.RunOrigin;
import winequality.tracking.RunTracker;
import winequality.tracking.SourceType;

/**
 * Logs the pipelines of any Spark job to MLflow, without Python.
 *
 * <p>Each call makes one run (or fills that of {@code mlflow.run-id}) and ends it: FINISHED when
 * all was done, FAILED if something was thrown. The model folder is what the jobs of this project
 * write: Spark's format, for a linear pipeline ONNX too, signature, example and environment.
 *
 * <pre>{@code
 * FittedModel model = FittedModel.of(pipeline, rows.drop("quality"));
 * try (PipelineLog mlflow = PipelineLog.open(spark)) {
 *   RegisteredVersion version = mlflow.register(model, "forest");
 * }
 * }</pre>
 */
public final class PipelineLog implements AutoCloseable {

  private final SparkSession spark;
  private final Settings settings;
  private final Clock clock;
  private final MlflowConnection connection;
  private volatile boolean closed;

  private PipelineLog(SparkSession spark, Settings settings, Clock clock) {
    this.spark = spark;
    this.settings = settings;
    this.clock = clock;
    this.connection =
        MlflowConnection.open(settings.mlflow(), spark.sparkContext().hadoopConfiguration());
  }

  /**
   * The log for the server that the environment names, as MLflow's own clients read it: {@code
   * MLFLOW_TRACKING_URI}, {@code MLFLOW_EXPERIMENT_NAME} and the like. Nothing is sent yet.
   *
   * @throws InvalidSettingsException if a variable's value cannot be used
   */
  public static PipelineLog open(SparkSession spark) {
    return open(spark, Map.of());
  }

  /**
   * The same with settings that win over the environment.
   *
   * @param assignments keys of {@code conf/reference.conf}, such as {@code mlflow.experiment-name}
   * @throws InvalidSettingsException if a key is unknown or a value cannot be used, naming all such
   */
  public static PipelineLog open(SparkSession spark, Map<String, String> assignments) {
    List<Assignment> all =
        assignments.entrySet().stream()
            .map(
                entry ->
                    new Assignment(
                        "PipelineLog.open: " + entry.getKey(), entry.getKey(), entry.getValue()))
            .toList();
    Settings settings =
        new SettingsLoader().load(new SettingsSource(Optional.empty(), all, System.getenv()));
    return new PipelineLog(spark, settings, Clock.systemUTC());
  }

  /** A model that a run holds. */
  public record LoggedModel(String runId, String runUrl) {}

  /**
   * Logs a model in a run of its own, without making a version of it.
   *
   * @throws IllegalArgumentException if a stage of the pipeline is not one of Spark's own
   * @throws IllegalStateException if this log is closed; nothing is sent then
   * @throws MlflowException if the server is not reached, refuses, or did not keep every file
   */
  public LoggedModel log(FittedModel model) {
    return log(model, run -> {});
  }

  /** The same, with what else the run shall hold: params, metrics, files. */
  public LoggedModel log(FittedModel model, Consumer<ActiveRun> more) {
    return during(
        run ->
            TemporaryFolder.with(
                folder -> {
                  upload(model, run, more, folder);
                  return new LoggedModel(run.run().id(), run.url());
                }));
  }

  /**
   * Logs a model and makes a version of a registered model of it, which becomes its challenger.
   *
   * @param name of the registered model, made if it is missing
   * @throws IllegalArgumentException if a stage of the pipeline is not one of Spark's own, or the
   *     name cannot be used
   * @throws IllegalStateException if this log is closed; nothing is sent then
   * @throws MlflowException as {@link #log}, also for the registry
   */
  public RegisteredVersion register(FittedModel model, String name) {
    return register(model, name, run -> {});
  }

  /** The same, with what else the run shall hold: params, metrics, files. */
  public RegisteredVersion register(FittedModel model, String name, Consumer<ActiveRun> more) {
    RegistrySettings registry = settings.registry().named(name);
    return during(
        run ->
            // the files stay until there is a version: some registries take them from here
            TemporaryFolder.with(
                folder ->
                    new ModelRegistrar(connection.registry(), registry, Pause.real())
                        .register(
                            upload(model, run, more, folder),
                            "[The run](" + run.url() + ")",
                            Map.of())));
  }

  @Override
  public void close() {
    closed = true;
    connection.close();
  }

  private <T> T during(RunTracker.Work<T, RuntimeException> work) {
    if (closed) {
      throw new IllegalStateException(
          "This PipelineLog is closed; open another one, or log inside the try block");
    }
    Map<String, String> tags = new LinkedHashMap<>(settings.caller().tags());
    tags.put("winequality.spark_version", spark.version());
    tags.put("winequality.spark_application", spark.sparkContext().applicationId());
    RunOrigin origin =
        new RunOrigin(
            System.getProperty("user.name"),
            settings.caller().sourceName(spark.sparkContext().appName()),
            SourceType.JOB,
            tags);
    return new RunTracker(connection, clock).during(origin, work);
  }

  private VerifiedFolder upload(
      FittedModel model, ActiveRun run, Consumer<ActiveRun> more, Path folder) {
    more.accept(run);
    ModelIdentity identity = ModelIdentity.of(run.run().id(), UUID.randomUUID(), clock.instant());
    return run.model(
        new ModelFolderWriter(spark, settings.model())
            .write(model, identity, folder.resolve("model")));
  }
}
