package winequality.app;

import static org.apache.spark.sql.functions.not;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
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
import winequality.data.DatasetDescription;
import winequality.data.IngestedTable;
import winequality.data.ProfileKeeper;
import winequality.data.TableProfile;
import winequality.data.TableVersion;
import winequality.holdout.Holdout;
import winequality.holdout.HoldoutSplitter;
import winequality.learning.SignificanceTester;
import winequality.learning.CoefficientSignificance;
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

  /** The run that it fills. */
  ActiveRun run() {
    return run;
  }

  /** Takes in what there is to train from, and trains. */
  JobStatus perform() {
    open();
    return train(context.meter().measure("data", () -> cached(TakenIn.of(context))));
  }

  /** Trains from what was taken in before. */
  JobStatus perform(TakenIn taken) {
    open();
    return train(cached(taken));
  }

  private void open() {
    context.report().run(run.run(), run.url());
    run.text("settings.conf", settings.rendered());
  }

  private JobStatus train(Accepted accepted) {
    try {
      TableProfile profile = context.meter().measure("profile", () -> profile(accepted));
      Trained trained = fit(accepted.taken().table(), profile, accepted.rows());
      return register(trained, accepted);
    } finally {
      accepted.rows().unpersist();
    }
  }

  /** What was taken in, and its rows, which the first use reads into the cache. */
  private record Accepted(TakenIn taken, Dataset<Row> rows) {}

  private Accepted cached(TakenIn taken) {
    // MLlib's fit goes over the rows twice and the evaluation once: only the first reads the table
    return new Accepted(
        taken,
        taken.table().accepted().read(context.spark()).persist(StorageLevel.MEMORY_AND_DISK()));
  }

  private TableProfile profile(Accepted accepted) {
    TableVersion version = accepted.taken().table().accepted();
    TableProfile profile =
        new ProfileKeeper(context.spark(), dataset, settings.data())
            .profile(version, accepted.rows());
    context.report().profile(version, profile);
    return profile;
  }

  /** What a run and a version are told, and where the errors lie. */
  private record Trained(TrainingRecord record, ErrorProfile errors) {}

  private record Fit(FittedElasticNet fitted, CoefficientSignificance tests) {}

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
    context.report().evaluation(measured.evaluation());
    context.report().intervals(measured.intervals());
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
        new SignificanceTester(learning).test(train, dataset.features(), dataset.label(), fitted));
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

  private JobStatus register(Trained trained, Accepted accepted) {
    // the files stay until there is a version: some registries take them and not the run's copy
    return TemporaryFolder.with(
        folder -> register(trained, accepted, upload(trained.record(), folder)));
  }

  private JobStatus register(Trained trained, Accepted accepted, VerifiedFolder upload) {
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
                            versionTags(record, accepted.taken())));
    context.report().version(version);
    LOG.info("run {}", run.url());
    LOG.info("version {} of {} {}", version.version(), version.name(), version.url());
    Gatekeeper gatekeeper = new Gatekeeper(context, connection);
    if (settings.registry().gate().mode() != GateMode.OFF) {
      gate(gatekeeper, version, trained, accepted.rows());
    }
    gatekeeper.tidy();
    return JobStatus.REGISTERED;
  }

  private Map<String, String> versionTags(TrainingRecord record, TakenIn taken) {
    Map<String, String> tags = new LinkedHashMap<>(record.versionTags());
    tags.putAll(Lineage.of(context, choice.tuning(), taken).tags());
    return tags;
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
