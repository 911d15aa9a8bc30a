package winequality.app.training;

import static elasticnet.FittedElasticNet.PREDICTION;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.model.LoadedModel;
import sparkmlflow.model.PipelineLoader;
import sparkmlflow.model.StoredModel;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegisteredVersion;
import sparkmlflow.run.ActiveRun;
import sparkmlflow.run.KeptRun;
import sparkmlflow.run.RunTracker;
import sparkmlflow.tracking.Run;
import winequality.JobTags;
import winequality.app.job.JobContext;
import winequality.app.job.JobStatus;
import winequality.app.job.Sessions;
import winequality.config.InvalidSettingsException;
import winequality.config.Settings;
import winequality.config.SettingsLoader;
import winequality.data.DataRefusedException;
import winequality.gate.Candidate;
import winequality.gate.GateDecision;
import winequality.gate.GateSettings.GateMode;
import winequality.metrics.EvaluationColumns;
import winequality.metrics.HoldoutEvaluator;
import winequality.record.RecordedTraining;
import winequality.record.TrainingRecord;

/**
 * Brings a kept run to the server: its params, metrics and files, its version, and the gate's
 * decision on the champion of today, by the conditions of the training. Whatever an earlier
 * publication did stays as it is.
 */
public final class Publication {

  private static final Logger LOG = LoggerFactory.getLogger(Publication.class);

  private final JobContext context;
  private final MlflowConnection connection;

  public Publication(JobContext context, MlflowConnection connection) {
    this.context = context;
    this.connection = connection;
  }

  /**
   * Publishes one folder of the outbox and deletes it. A folder for another model stays.
   *
   * @throws DamagedFilesException if a kept file is missing or changed
   * @throws MlflowException if the server is not reached or refuses; the folder stays
   */
  public JobStatus publish(Path folder) {
    try (KeptRun kept = KeptRun.open(folder)) {
      if (isForAnother(kept, context.settings())) {
        return JobStatus.SKIPPED;
      }
      LOG.info("publishing {}, run {}", folder, kept.url());
      Publication registering = new Publication(context.with(settings(kept)), connection);
      JobStatus status =
          new RunTracker(connection, context.clock())
              .reopened(kept, run -> registering.published(kept, run));
      kept.delete();
      return status;
    }
  }

  /** Whether a kept run is for another model than the settings; the log then says so. */
  public static boolean isForAnother(KeptRun kept, Settings settings) {
    String model = settings.registry().modelName();
    Optional<String> other =
        kept.version().map(KeptRun.Version::modelName).filter(name -> !name.equals(model));
    other.ifPresent(
        name ->
            LOG.warn(
                "{} is left: it is for the model {}, and registry.model-name is {}",
                kept.folder(),
                name,
                model));
    return other.isPresent();
  }

  private Settings settings(KeptRun kept) {
    try {
      return new SettingsLoader()
          .registering(
              context.settings(), text(kept, TrainingRecord.SETTINGS), TrainingRecord.SETTINGS);
    } catch (InvalidSettingsException e) {
      throw new DamagedFilesException("publish " + kept.folder(), e.getMessage() + ".", e);
    }
  }

  private JobStatus published(KeptRun kept, ActiveRun run) {
    context.report().forget();
    context.report().run(run.run(), run.url());
    // the gate's decision is the last thing that a run gets
    VerifiedFolder logged =
        context.measure(
            "tracking", () -> isDecided(run.run()) ? run.model(kept.model()) : run.replay(kept));
    Optional<KeptRun.Version> request = kept.version();
    LOG.info("run {}", run.url());
    if (request.isEmpty()) {
      return JobStatus.TRAINED;
    }
    RegisteredVersion registered = Training.register(context, connection, logged, request.get());
    Gatekeeper gatekeeper = new Gatekeeper(context, connection);
    ModelVersion version = connection.registry().version(registered.name(), registered.version());
    boolean judged =
        isDecided(connection.tracking().run(kept.runId()))
            // by a person, since the gate's decision
            || version.tag(JobTags.GATE).equals(Optional.of(JobTags.ROLLED_BACK));
    if (judged || context.settings().versions().gate().mode() == GateMode.OFF) {
      context.report().model(version);
    } else {
      GateDecision decision = context.measure("gate", () -> decision(gatekeeper, version, kept));
      gatekeeper.report(decision, registered, run, text(kept, TrainingRecord.REPORT));
    }
    gatekeeper.tidy();
    return JobStatus.REGISTERED;
  }

  private static boolean isDecided(Run run) {
    return run.tags().containsKey(JobTags.RUN_GATE);
  }

  private static String text(KeptRun kept, String file) {
    return kept.text(file)
        .orElseThrow(
            () -> new DamagedFilesException("publish " + kept.folder(), "it has no " + file + "."));
  }

  /** Judges on the rows of the training: the table at the version that it was trained from. */
  private GateDecision decision(Gatekeeper gatekeeper, ModelVersion version, KeptRun kept) {
    SparkSession spark = context.spark();
    try {
      Origin origin = Origin.of("judge", version, spark, connection);
      if (!Lineage.isOf(version, origin.table(), spark)) {
        throw new DataRefusedException(
            "The table %s was created again after the training"
                .formatted(origin.table().location()));
      }
      return Sessions.reading(
          origin.table().bytes(spark), spark, () -> decision(gatekeeper, origin, kept));
    } catch (DataRefusedException | DamagedFilesException e) {
      return gatekeeper.leave(
          version.version(),
          "the gate cannot compare it any more. "
              + sentence(e)
              + " Promote it by hand (wine promote), or train again.");
    }
  }

  private static String sentence(RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    return message.endsWith(".") ? message : message + ".";
  }

  private GateDecision decision(Gatekeeper gatekeeper, Origin origin, KeptRun kept) {
    Dataset<Row> rows = origin.rows(context.spark()).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Challenger challenger = challenger(origin, kept, rows);
      return gatekeeper.judge(origin.version().version(), challenger, rows);
    } finally {
      rows.unpersist();
    }
  }

  private Challenger challenger(Origin origin, KeptRun kept, Dataset<Row> rows) {
    LoadedModel model =
        new PipelineLoader(context.spark(), context.settings().model())
            .load(StoredModel.read(kept.model().directory()));
    RecordedTraining recorded = origin.recorded();
    return new Challenger(
        new Candidate(
            new HoldoutEvaluator()
                .evaluate(
                    model.predict(rows, PREDICTION),
                    EvaluationColumns.of(origin.settings().dataset()),
                    Map.of(),
                    PREDICTION,
                    origin.holdout().isTrain())
                .test(),
            recorded.intercept(),
            recorded.coefficients(),
            model.signature().orElseThrow(),
            Lineage.profileOf(connection, origin.version()).orElseThrow()),
        origin.settings().dataset(),
        origin.holdout(),
        more -> model.predict(more, PREDICTION));
  }
}
