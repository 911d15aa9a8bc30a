package sparkmlflow;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;
import sparkmlflow.artifacts.TemporaryFolder;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.model.FittedModel;
import sparkmlflow.model.LoadedModel;
import sparkmlflow.model.ModelFolderWriter;
import sparkmlflow.model.ModelIdentity;
import sparkmlflow.model.ModelSettings;
import sparkmlflow.model.PipelineLoader;
import sparkmlflow.model.StoredModel;
import sparkmlflow.registry.Lifecycle;
import sparkmlflow.registry.ModelRegistrar;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegisteredVersion;
import sparkmlflow.registry.RegistryCalls;
import sparkmlflow.registry.RegistrySettings;
import sparkmlflow.registry.VersionFetcher;
import sparkmlflow.run.ActiveRun;
import sparkmlflow.run.RunOrigin;
import sparkmlflow.run.RunTracker;
import sparkmlflow.run.SourceType;

/**
 * Logs the pipelines of any Spark job to MLflow and loads them again, without Python.
 *
 * <p>Each call that logs creates one run (or adopts the one that the settings name) and ends it:
 * FINISHED, or FAILED if something was thrown. The model folder holds Spark's format, ONNX too for
 * a linear pipeline, the signature, an example and the environment.
 *
 * <pre>{@code
 * FittedModel model = FittedModel.of(pipeline, rows.drop("quality"));
 * try (PipelineLog mlflow = PipelineLog.open(spark)) {
 *   RegisteredVersion version = mlflow.register(model, "forest");
 *   LoadedModel loaded = mlflow.load("forest", version.version());
 * }
 * }</pre>
 */
public final class PipelineLog implements AutoCloseable {

  private final SparkSession spark;
  private final ModelSettings modelSettings;
  private final Clock clock = Clock.systemUTC();
  private final MlflowConnection connection;
  private volatile boolean closed;

  private PipelineLog(SparkSession spark, MlflowSettings settings, ModelSettings modelSettings) {
    this.spark = spark;
    this.modelSettings = modelSettings;
    this.connection = MlflowConnection.open(settings, spark.sparkContext().hadoopConfiguration());
  }

  /**
   * A log for the server that the environment names; nothing is sent yet.
   *
   * @throws IllegalArgumentException if a variable has a bad value
   * @see MlflowSettings#ofEnvironment
   */
  public static PipelineLog open(SparkSession spark) {
    return open(spark, MlflowSettings.ofEnvironment(System.getenv()));
  }

  /** A log for a server. Nothing is sent yet. */
  public static PipelineLog open(SparkSession spark, MlflowSettings settings) {
    return open(spark, settings, ModelSettings.DEFAULT);
  }

  /** The same with settings of the model folder. */
  public static PipelineLog open(
      SparkSession spark, MlflowSettings settings, ModelSettings modelSettings) {
    return new PipelineLog(spark, settings, modelSettings);
  }

  /** The run that holds a logged model. */
  public record LoggedModel(String runId, String runUrl) {}

  /**
   * Logs a model in a new run and registers no version.
   *
   * @throws IllegalArgumentException if a stage of the pipeline is not one of Spark's own
   * @throws IllegalStateException if this log is closed
   * @throws MlflowException if the server is not reached, refuses, or lacks a file after the upload
   */
  public LoggedModel log(FittedModel model) {
    return log(model, run -> {});
  }

  /** The same; {@code more} adds params, metrics and files to the run. */
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
   * Logs a model and registers it as a version, which becomes the challenger.
   *
   * @param name of the registered model, created if missing
   * @throws IllegalArgumentException if a stage of the pipeline is not one of Spark's own, or the
   *     name is not valid
   * @throws IllegalStateException if this log is closed
   * @throws MlflowException if tracking server or registry is not reached, refuses, or lacks a file
   *     after the upload
   */
  public RegisteredVersion register(FittedModel model, String name) {
    return register(model, name, run -> {});
  }

  /** The same; {@code more} adds params, metrics and files to the run. */
  public RegisteredVersion register(FittedModel model, String name, Consumer<ActiveRun> more) {
    return register(model, RegistrySettings.of(name), more);
  }

  /** The same with settings of the registry. */
  public RegisteredVersion register(
      FittedModel model, RegistrySettings registry, Consumer<ActiveRun> more) {
    return during(
        run ->
            // some registries copy the files from this folder when the version is created
            TemporaryFolder.with(
                folder -> {
                  VerifiedFolder upload = upload(model, run, more, folder);
                  return new ModelRegistrar(connection.registry(), registry, Pause.real())
                      .register(upload, "[The run](" + run.url() + ")", Map.of());
                }));
  }

  /**
   * Fetches a version of a registered model and loads its pipeline.
   *
   * @param version a number, {@code champion}, {@code challenger}, {@code previous} or another
   *     alias
   * @throws DamagedFilesException if files are missing or changed, or there is no Spark pipeline
   * @throws IllegalStateException if this log is closed; nothing is sent then
   * @throws MlflowException if there is no such version, or the server is not reached or refuses
   */
  public LoadedModel load(String name, String version) {
    requireOpen();
    RegistryCalls registry = connection.registry();
    ModelVersion found =
        Lifecycle.of(registry, RegistrySettings.of(name))
            .named(registry, name, version)
            .orElseThrow(
                () ->
                    MlflowException.refused(
                        "load version %s of %s".formatted(version, name),
                        "there is no such version. Name one that the registry has, by its number or alias."));
    return TemporaryFolder.with(
        folder -> {
          Path files =
              new VersionFetcher(connection).fetch(found, folder.resolve("model")).directory();
          LoadedModel model =
              new PipelineLoader(spark, modelSettings).load(StoredModel.read(files));
          // now, because the files are gone afterwards
          var unused = model.pipeline();
          return model;
        });
  }

  @Override
  public void close() {
    closed = true;
    connection.close();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(
          "This PipelineLog is closed; open another one, or use it inside the try block");
    }
  }

  private <T> T during(RunTracker.Work<T, RuntimeException> work) {
    requireOpen();
    RunOrigin origin =
        new RunOrigin(
            System.getProperty("user.name"),
            spark.sparkContext().appName(),
            SourceType.JOB,
            Map.of(
                MlflowTags.SPARK_VERSION,
                spark.version(),
                MlflowTags.SPARK_APPLICATION,
                spark.sparkContext().applicationId()));
    return new RunTracker(connection, clock).during(origin, work);
  }

  private VerifiedFolder upload(
      FittedModel model, ActiveRun run, Consumer<ActiveRun> more, Path folder) {
    more.accept(run);
    ModelIdentity identity = ModelIdentity.of(run.run().id(), UUID.randomUUID(), clock.instant());
    return run.model(
        new ModelFolderWriter(spark, modelSettings)
            .write(model, identity, folder.resolve("model")));
  }
}
