package winequality.app.training;

import static elasticnet.FittedElasticNet.PREDICTION;

import elasticnet.CoefficientSignificance;
import elasticnet.CrossValidation;
import elasticnet.ElasticNetTrainer;
import elasticnet.FittedElasticNet;
import elasticnet.LearningSettings;
import elasticnet.SignificanceTester;
import elasticnet.TuningSettings;
import elasticnet.encoding.RegressionColumns;
import elasticnet.split.Holdout;
import elasticnet.split.HoldoutSplitter;
import elasticnet.statistics.SufficientStatistics;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowConnection;
import sparkmlflow.Pause;
import sparkmlflow.artifacts.TemporaryFolder;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.model.FittedModel;
import sparkmlflow.model.ModelFolder;
import sparkmlflow.model.ModelFolderWriter;
import sparkmlflow.model.ModelIdentity;
import sparkmlflow.registry.ModelRegistrar;
import sparkmlflow.registry.RegisteredVersion;
import sparkmlflow.run.ActiveRun;
import sparkmlflow.run.KeptRun;
import sparkmlflow.run.Outbox;
import sparkmlflow.run.RunTracker;
import winequality.app.job.JobContext;
import winequality.app.job.JobStatus;
import winequality.app.job.Provenance;
import winequality.app.job.Sessions;
import winequality.config.Settings;
import winequality.data.DatasetDescription;
import winequality.data.IngestMode;
import winequality.data.RowCounts;
import winequality.data.ingest.IngestedTable;
import winequality.data.profile.ProfileKeeper;
import winequality.data.profile.TableProfile;
import winequality.data.table.TableVersion;
import winequality.gate.GateDecision;
import winequality.gate.GateSettings.GateMode;
import winequality.metrics.EvaluationColumns;
import winequality.metrics.HoldoutEvaluator;
import winequality.record.TrainingRecord;

/** One training. {@link #train} lists its stages; they follow below it in the same order. */
public final class Training {

  private static final Logger LOG = LoggerFactory.getLogger(Training.class);

  private final JobContext context;
  private final Settings settings;
  private final DatasetDescription dataset;
  private final MlflowConnection connection;
  private final RunTracker tracker;
  private final Optional<TuningSettings> tuning;

  /**
   * @param tuning empty if the settings choose the penalty
   */
  public Training(
      JobContext context, MlflowConnection connection, Optional<TuningSettings> tuning) {
    this.context = context;
    this.settings = context.settings();
    this.dataset = settings.dataset();
    this.connection = connection;
    this.tracker = new RunTracker(connection, context.clock(), settings.outbox());
    this.tuning = tuning;
  }

  /** Checks source and tracking server, and writes nothing. */
  public static void rehearse(JobContext context) {
    TakenIn.rehearse(context);
    try (MlflowConnection connection = context.connect()) {
      LOG.info(
          "{}", context.measure("tracking", new RunTracker(connection, context.clock())::probe));
    }
  }

  /** Takes the source in and trains; without a tuning, the settings choose the penalty. */
  public static JobStatus run(JobContext context, Optional<TuningSettings> tuning) {
    try (MlflowConnection connection = context.connect()) {
      return new Training(context, connection, tuning).run(() -> TakenIn.of(context), run -> {});
    }
  }

  /**
   * Trains in a new run.
   *
   * @param source called inside the run, so that a refused source leaves a failed run
   * @param more logs more to the run, before the training
   */
  public JobStatus run(Supplier<TakenIn> source, Consumer<ActiveRun> more) {
    settings.outbox().ifPresent(Training::look);
    return tracker.during(
        Provenance.of(context),
        run -> {
          more.accept(run);
          context.report().run(run.run(), run.url());
          run.text(TrainingRecord.SETTINGS, settings.rendered());
          // the folder stays until the version is registered: some registries copy its files
          TakenIn taken = source.get();
          return Sessions.reading(
              taken.table().accepted().bytes(context.spark()),
              context.spark(),
              () -> TemporaryFolder.with(folder -> run.keeping(() -> train(taken, run, folder))));
        });
  }

  private static void look(Outbox outbox) {
    Optional<String> problem = outbox.problem();
    if (problem.isPresent()) {
      LOG.warn(
          "mlflow.outbox-dir: {}, so an outage of MLflow would lose the work. Name a folder that the job can write to.",
          problem.get());
      return;
    }
    int kept = outbox.entries().size();
    if (kept > 0) {
      LOG.warn(
          "Kept runs in {}: {}. Register them with `{}`.", outbox.folder(), kept, outbox.publish());
    }
  }

  private JobStatus train(TakenIn taken, ActiveRun run, Path folder) {
    // several stages read the rows; only the first reads the table
    Dataset<Row> rows = taken.persisted();
    try {
      TableProfile profile = profile(taken, rows);
      Holdout holdout = split();
      Dataset<Row> train = rows.filter(holdout.isTrain());
      RegressionColumns columns = columns(profile, train);
      Optional<CrossValidation> path =
          tuning.map(by -> Tuning.crossValidate(context, by, train, columns, tracker, run));
      LearningSettings learning = choosePenalty(path);
      ElasticNetTrainer trainer = new ElasticNetTrainer(learning);
      Optional<SufficientStatistics> statistics = statistics(trainer, train, columns, path);
      FittedElasticNet fitted = fit(trainer, train, columns, statistics);
      CoefficientSignificance tests =
          testSignificance(learning, train, columns, fitted, statistics);
      HoldoutEvaluator.WithIntervals metrics = evaluate(rows, profile, holdout, columns, fitted);
      IngestedTable table = taken.table();
      TrainingRecord record =
          new TrainingRecord(
              dataset,
              learning,
              table,
              profile,
              holdout,
              fitted,
              tests,
              metrics.evaluation(),
              metrics.intervals());
      LOG.info(record.rows());
      System.out.println(record.message());
      // the plots are drawn while Spark and the server work
      CompletableFuture<Reporting> drawn =
          CompletableFuture.supplyAsync(
              () -> new Reporting(context, run, record, metrics.errors(), path),
              // unlike a thread of the common pool, it has this thread's class loader
              drawing -> new Thread(drawing, "plots").start());
      ModelFolder model = writeModelFolder(record, run, folder);
      KeptRun.Version version = version(taken, record, run);
      run.ready(model, Optional.of(version).filter(any -> settings.versions().enabled()));
      logRecord(record, run);
      Reporting reporting = joined(drawn);
      reporting.log();
      VerifiedFolder logged = context.measure("tracking", () -> run.model(model));
      if (!settings.versions().enabled()) {
        LOG.info("run {} (no version: registry.enabled is false)", run.url());
        return JobStatus.TRAINED;
      }
      RegisteredVersion registered = register(context, connection, logged, version);
      LOG.info("run {}", run.url());
      Gatekeeper gatekeeper = new Gatekeeper(context, connection);
      if (settings.versions().gate().mode() != GateMode.OFF) {
        GateDecision decision =
            context.measure(
                "gate", () -> gatekeeper.judge(registered.version(), Challenger.of(record), rows));
        gatekeeper.report(decision, registered, run, reporting.page());
      }
      gatekeeper.tidy();
      return JobStatus.REGISTERED;
    } finally {
      rows.unpersist();
    }
  }

  /** The result, or the failure itself, which decides the exit code. */
  private static Reporting joined(CompletableFuture<Reporting> drawn) {
    try {
      return drawn.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    }
  }

  private TableProfile profile(TakenIn taken, Dataset<Row> rows) {
    TableVersion version = taken.table().accepted();
    ProfileKeeper keeper = new ProfileKeeper(context.spark(), dataset, settings.data());
    TableProfile profile = context.measure("profile", () -> keeper.profile(version, rows));
    context.report().profile(version, profile);
    warnOfKnownRows(taken.table(), profile, keeper);
    return profile;
  }

  /** As after an append of files that overlap with earlier ones. */
  private void warnOfKnownRows(IngestedTable table, TableProfile profile, ProfileKeeper keeper) {
    long added = table.counts().map(RowCounts::accepted).orElse(0L);
    if (settings.data().mode() == IngestMode.APPEND && added > 0) {
      OptionalLong before = keeper.duplicatesBefore(table.accepted());
      long known = profile.duplicates() - before.orElse(profile.duplicates());
      if (known > added / 2) {
        LOG.warn(
            "{} of the {} new rows are equal to other rows of {}. If files overlap, take one out and ingest the others with data.mode=replace",
            known,
            added,
            table.accepted().location());
      }
    }
  }

  private Holdout split() {
    Holdout holdout = new HoldoutSplitter(settings.holdout()).split(dataset.features());
    context.report().holdout(holdout);
    return holdout;
  }

  /** The model's columns; a gap's mean is that of the train rows. */
  private RegressionColumns columns(TableProfile profile, Dataset<Row> train) {
    return context.measure(
        "profile",
        () ->
            RegressionColumns.of(
                profile.features(dataset), dataset.label(), dataset.weight(), train));
  }

  private LearningSettings choosePenalty(Optional<CrossValidation> path) {
    LearningSettings learning =
        path.map(found -> found.winner().penalty())
            .map(by -> settings.learning().withPenalty(by.regParam(), by.elasticNetParam()))
            .orElse(settings.learning());
    context.report().params(learning);
    return learning;
  }

  private Optional<SufficientStatistics> statistics(
      ElasticNetTrainer trainer,
      Dataset<Row> train,
      RegressionColumns columns,
      Optional<CrossValidation> path) {
    Optional<SufficientStatistics> known = path.map(CrossValidation::train);
    return context.measure("learning", () -> trainer.statistics(train, columns, known));
  }

  private FittedElasticNet fit(
      ElasticNetTrainer trainer,
      Dataset<Row> train,
      RegressionColumns columns,
      Optional<SufficientStatistics> statistics) {
    FittedElasticNet fitted =
        context.measure("learning", () -> trainer.fit(train, columns, statistics));
    context.report().fitted(fitted);
    return fitted;
  }

  private CoefficientSignificance testSignificance(
      LearningSettings learning,
      Dataset<Row> train,
      RegressionColumns columns,
      FittedElasticNet fitted,
      Optional<SufficientStatistics> statistics) {
    SignificanceTester tester = new SignificanceTester(learning);
    return context.measure("learning", () -> tester.test(train, columns, fitted, statistics));
  }

  private HoldoutEvaluator.WithIntervals evaluate(
      Dataset<Row> rows,
      TableProfile profile,
      Holdout holdout,
      RegressionColumns columns,
      FittedElasticNet fitted) {
    HoldoutEvaluator.WithIntervals metrics =
        context.measure(
            "metrics",
            () ->
                new HoldoutEvaluator()
                    .evaluateWithIntervals(
                        fitted.predict(rows),
                        EvaluationColumns.of(dataset),
                        columns.features().columns(),
                        PREDICTION,
                        holdout.isTrain(),
                        settings.bootstrap(),
                        profile.column(dataset.label()).orElseThrow(),
                        fitted.trainRmse()));
    context.report().evaluation(metrics.evaluation());
    context.report().intervals(metrics.intervals());
    return metrics;
  }

  private ModelFolder writeModelFolder(TrainingRecord record, ActiveRun run, Path folder) {
    ModelIdentity identity =
        ModelIdentity.of(run.run().id(), UUID.randomUUID(), Instant.now(context.clock()));
    FittedModel fitted =
        new FittedModel(
            record.fitted().pipeline(),
            record.signature(),
            record.example(),
            record.modelMetadata());
    ModelFolderWriter writer = new ModelFolderWriter(context.spark(), settings.model());
    return context.measure("model", () -> writer.write(fitted, identity, folder.resolve("model")));
  }

  private void logRecord(TrainingRecord record, ActiveRun run) {
    context.measure(
        "tracking",
        () -> {
          record.logTo(run);
          return run;
        });
  }

  private KeptRun.Version version(TakenIn taken, TrainingRecord record, ActiveRun run) {
    Map<String, String> tags = new LinkedHashMap<>(record.versionTags());
    tags.putAll(Lineage.of(context, tuning, taken).tags());
    return new KeptRun.Version(
        settings.registry().modelName(),
        record.versionDescription(run.url(), run.url(TrainingRecord.REPORT)),
        tags);
  }

  static RegisteredVersion register(
      JobContext context,
      MlflowConnection connection,
      VerifiedFolder logged,
      KeptRun.Version version) {
    ModelRegistrar registrar =
        new ModelRegistrar(connection.registry(), context.settings().registry(), Pause.real());
    RegisteredVersion registered =
        context.measure(
            "registry", () -> registrar.register(logged, version.description(), version.tags()));
    context.report().version(registered);
    LOG.info("version {} of {} {}", registered.version(), registered.name(), registered.url());
    return registered;
  }
}
