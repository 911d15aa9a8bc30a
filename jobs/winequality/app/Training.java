package winequality.app;

import static org.apache.spark.sql.functions.not;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.config.Settings;
import winequality.data.CsvIngest;
import winequality.data.CsvSource;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.IngestedTable;
import winequality.data.ProfileKeeper;
import winequality.data.TableProfile;
import winequality.data.TableVersion;
import winequality.data.TimeTravel;
import winequality.holdout.Holdout;
import winequality.holdout.HoldoutSplitter;
import winequality.learning.CoefficientTester;
import winequality.learning.CoefficientTests;
import winequality.learning.ElasticNetTrainer;
import winequality.learning.FittedElasticNet;
import winequality.learning.LearningSettings;
import winequality.metrics.ErrorProfile;
import winequality.metrics.ErrorProfiler;
import winequality.metrics.HoldoutEvaluation;
import winequality.metrics.HoldoutEvaluator;
import winequality.metrics.IntervalEvaluator;
import winequality.metrics.RegressionIntervals;
import winequality.mlflow.MlflowConnection;
import winequality.mlflow.Pause;
import winequality.mlflow.VerifiedFolder;
import winequality.model.FittedModel;
import winequality.model.InputExample;
import winequality.model.ModelFolder;
import winequality.model.ModelFolderWriter;
import winequality.model.ModelIdentity;
import winequality.model.ModelSignature;
import winequality.registry.GateDecision;
import winequality.registry.GateMode;
import winequality.registry.ModelRegistrar;
import winequality.registry.RegisteredVersion;
import winequality.tracking.ActiveRun;
import winequality.tracking.TrainingRecord;

/** The stages of a training, in the order in which the data travels, inside an open run. */
final class Training {

  private static final Logger LOG = LoggerFactory.getLogger(Training.class);

  private static final MathContext EXAMPLE_DIGITS = new MathContext(4);

  private final JobContext context;
  private final Settings settings;
  private final DatasetDescription dataset;
  private final MlflowConnection connection;
  private final ActiveRun run;
  private final PenaltyChoice choice;

  Training(JobContext context, MlflowConnection connection, ActiveRun run, PenaltyChoice choice) {
    this.context = context;
    this.settings = context.settings();
    this.dataset = settings.dataset();
    this.connection = connection;
    this.run = run;
    this.choice = choice;
  }

  /** Looks at what the job would train from, and reads no row of it. */
  static void rehearse(JobContext context) {
    if (chosenVersion(context).isEmpty()) {
      source(context).layouts();
    }
  }

  /** The version that {@code data.table-version} chooses. */
  private static Optional<TableVersion> chosenVersion(JobContext context) {
    DataSettings data = context.settings().data();
    return data.tableVersion()
        .map(
            point ->
                new TimeTravel(context.spark(), context.settings().dataset())
                    .to(data.table(), point));
  }

  /** The CSV files of {@code data.source}. */
  private static CsvSource source(JobContext context) {
    return CsvSource.open(
        context.settings().data().source(),
        context.settings().dataset(),
        context.spark().sparkContext().hadoopConfiguration());
  }

  JobStatus perform() {
    context.report().run(run.run(), run.url());
    run.text("settings.conf", settings.rendered());
    Accepted accepted = context.meter().measure("data", this::ingest);
    try {
      TableProfile profile = context.meter().measure("profile", () -> profile(accepted));
      Trained trained = fit(accepted.table(), profile, accepted.rows());
      return register(trained, accepted.rows());
    } finally {
      accepted.rows().unpersist();
    }
  }

  /** The table as it was written, and its rows, which the first use reads into the cache. */
  private record Accepted(IngestedTable table, Dataset<Row> rows) {}

  private Accepted ingest() {
    IngestedTable table = settings.data().tableVersion().isPresent() ? chosen() : takenIn();
    context.report().table(table);
    // MLlib's fit goes over the rows twice and the evaluation once: only the first reads the table
    return new Accepted(
        table, table.accepted().read(context.spark()).persist(StorageLevel.MEMORY_AND_DISK()));
  }

  private IngestedTable chosen() {
    return IngestedTable.asItIs(chosenVersion(context).orElseThrow());
  }

  private IngestedTable takenIn() {
    try {
      return new CsvIngest(context.spark(), dataset, settings.data(), context.jobId())
          .ingest(source(context));
    } catch (DataRefusedException e) {
      e.refused().ifPresent(context.report()::refused);
      throw e;
    }
  }

  private TableProfile profile(Accepted accepted) {
    TableVersion version = accepted.table().accepted();
    TableProfile profile =
        new ProfileKeeper(context.spark(), dataset, settings.data())
            .profile(version, accepted.rows());
    context.report().profile(version, profile);
    return profile;
  }

  /** What a run and a version are told, and where the errors lie. */
  private record Trained(TrainingRecord record, ErrorProfile errors) {}

  private record Fit(FittedElasticNet fitted, CoefficientTests tests) {}

  private record Measured(
      HoldoutEvaluation evaluation, RegressionIntervals intervals, ErrorProfile errors) {}

  private Trained fit(IngestedTable table, TableProfile profile, Dataset<Row> rows) {
    Holdout holdout = new HoldoutSplitter(settings.holdout()).split(dataset.features());
    context.report().holdout(holdout);
    Dataset<Row> train = rows.filter(holdout.isTrain());
    LearningSettings learning = choice.choose(train);
    context.report().params(learning);
    Fit fit = context.meter().measure("learning", () -> fit(learning, train));
    choice.check(fit.fitted());
    context.report().fitted(fit.fitted());
    Measured measured =
        context
            .meter()
            .measure("metrics", () -> measure(fit.fitted().predict(rows), holdout, profile));
    context.report().evaluation(measured.evaluation(), measured.intervals());
    TrainingRecord record =
        new TrainingRecord(
            dataset,
            learning,
            table,
            profile,
            holdout,
            fit.fitted(),
            fit.tests(),
            measured.evaluation(),
            measured.intervals());
    System.out.println(record.message());
    return new Trained(record, measured.errors());
  }

  private Fit fit(LearningSettings learning, Dataset<Row> train) {
    FittedElasticNet fitted =
        new ElasticNetTrainer(learning).fit(train, dataset.features(), dataset.label());
    return new Fit(
        fitted,
        new CoefficientTester(learning).test(train, dataset.features(), dataset.label(), fitted));
  }

  private Measured measure(Dataset<Row> predicted, Holdout holdout, TableProfile profile) {
    List<String> features = dataset.features();
    String label = dataset.label();
    String prediction = FittedElasticNet.PREDICTION;
    HoldoutEvaluation evaluation =
        new HoldoutEvaluator().evaluate(predicted, features, label, prediction, holdout.isTrain());
    Dataset<Row> test = predicted.filter(not(holdout.isTrain()));
    return new Measured(
        evaluation,
        new IntervalEvaluator(settings.bootstrap())
            .evaluate(test, features, label, prediction, evaluation.trainLabelMean()),
        new ErrorProfiler()
            .profile(
                test,
                label,
                prediction,
                profile.column(label).orElseThrow().histogram(),
                evaluation.test().rmse()));
  }

  private JobStatus register(Trained trained, Dataset<Row> rows) {
    // the files stay until there is a version: some registries take them and not the run's copy
    return TemporaryFolder.with(
        folder -> register(trained, rows, upload(trained.record(), folder)));
  }

  private JobStatus register(Trained trained, Dataset<Row> rows, VerifiedFolder upload) {
    TrainingRecord record = trained.record();
    Reporting reporting = new Reporting(context, run);
    context
        .meter()
        .measure(
            "report",
            () -> {
              reporting.log(record, trained.errors(), choice.path());
              return run.url(TrainingRecord.REPORT);
            });
    if (!settings.registry().enabled()) {
      LOG.info("run {} (no version: registry.enabled is false)", run.url());
      return JobStatus.TRAINED;
    }
    RegisteredVersion version =
        context
            .meter()
            .measure(
                "registry",
                () ->
                    new ModelRegistrar(connection.registry(), settings.registry(), Pause.real())
                        .register(
                            upload,
                            record.versionDescription(run.url(), run.url(TrainingRecord.REPORT)),
                            record.versionTags()));
    context.report().version(version);
    LOG.info("run {}", run.url());
    LOG.info("version {} of {} {}", version.version(), version.name(), version.url());
    Gatekeeper gatekeeper = new Gatekeeper(context, connection);
    if (settings.registry().gate().mode() != GateMode.OFF) {
      gate(gatekeeper, version, trained, rows);
    }
    gatekeeper.tidy();
    return JobStatus.REGISTERED;
  }

  private void gate(
      Gatekeeper gatekeeper, RegisteredVersion version, Trained trained, Dataset<Row> rows) {
    TrainingRecord record = trained.record();
    Optional<GateDecision> judged =
        context
            .meter()
            .measure(
                "gate",
                () ->
                    gatekeeper.judge(
                        version.version(),
                        record,
                        ModelSignature.ofRegression(record.dataset().features()),
                        rows));
    judged.ifPresent(
        decision -> {
          context.report().gate(decision);
          context
              .report()
              .version(
                  version.with(
                      connection.registry().version(version.name(), version.version()).aliases()));
          new Reporting(context, run).log(record, trained.errors(), choice.path(), decision);
          run.json("gate.json", context.report().gate());
          run.tags(Map.of("winequality.gate", decision.word()));
          LOG.info("gate: version {} {}", version.version(), decision.summary());
        });
  }

  private VerifiedFolder upload(TrainingRecord record, Path folder) {
    ModelFolder model =
        context
            .meter()
            .measure(
                "model",
                () ->
                    new ModelFolderWriter(context.spark(), settings.model())
                        .write(fittedModel(record), identity(), folder.resolve("model")));
    return context
        .meter()
        .measure(
            "tracking",
            () -> {
              record.logTo(run);
              return run.model(model);
            });
  }

  private ModelIdentity identity() {
    return ModelIdentity.of(run.run().id(), UUID.randomUUID(), Instant.now(context.clock()));
  }

  private static FittedModel fittedModel(TrainingRecord record) {
    // the average row: a request that makes sense, the same however the table is partitioned
    List<Object> average =
        record.evaluation().trainMeans().values().stream()
            .<Object>map(mean -> new BigDecimal(mean).round(EXAMPLE_DIGITS).doubleValue())
            .toList();
    List<String> features = record.dataset().features();
    return new FittedModel(
        record.fitted().pipeline(),
        ModelSignature.ofRegression(features),
        new InputExample(features, List.of(average)),
        record.modelMetadata());
  }
}
