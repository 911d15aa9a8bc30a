package winequality.app.training;

import static org.apache.spark.sql.functions.not;

import elasticnet.CoefficientSignificance;
import elasticnet.CrossValidation;
import elasticnet.ElasticNetTrainer;
import elasticnet.FittedElasticNet;
import elasticnet.LearningSettings;
import elasticnet.SignificanceTester;
import elasticnet.TuningSettings;
import elasticnet.solver.Penalty;
import elasticnet.split.Holdout;
import elasticnet.split.HoldoutSplitter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowConnection;
import sparkmlflow.Pause;
import sparkmlflow.artifacts.TemporaryFolder;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.model.FittedModel;
import sparkmlflow.model.InputExample;
import sparkmlflow.model.ModelFolder;
import sparkmlflow.model.ModelFolderWriter;
import sparkmlflow.model.ModelIdentity;
import sparkmlflow.model.ModelSignature;
import sparkmlflow.registry.ModelRegistrar;
import sparkmlflow.registry.RegisteredVersion;
import sparkmlflow.run.ActiveRun;
import sparkmlflow.run.RunTracker;
import winequality.JobTags;
import winequality.app.job.JobContext;
import winequality.app.job.JobStatus;
import winequality.app.job.Provenance;
import winequality.config.Settings;
import winequality.data.DatasetDescription;
import winequality.data.profile.ProfileKeeper;
import winequality.data.profile.TableProfile;
import winequality.data.table.TableVersion;
import winequality.gate.GateDecision;
import winequality.gate.GateMode;
import winequality.metrics.ErrorProfile;
import winequality.metrics.ErrorProfiler;
import winequality.metrics.HoldoutEvaluation;
import winequality.metrics.HoldoutEvaluator;
import winequality.metrics.IntervalEvaluator;
import winequality.metrics.RegressionIntervals;
import winequality.record.TrainingRecord;

/** A training: {@link #train} has its stages in their order, each below it in the same order. */
public final class Training {

  private static final Logger LOG = LoggerFactory.getLogger(Training.class);

  private static final MathContext EXAMPLE_DIGITS = new MathContext(4);

  private final JobContext context;
  private final Settings settings;
  private final DatasetDescription dataset;
  private final MlflowConnection connection;
  private final RunTracker tracker;
  private final Optional<TuningSettings> tuning;

  /**
   * @param tuning of the cross-validation that chooses the penalty; empty if the settings do
   */
  public Training(
      JobContext context, MlflowConnection connection, Optional<TuningSettings> tuning) {
    this.context = context;
    this.settings = context.settings();
    this.dataset = settings.dataset();
    this.connection = connection;
    this.tracker = new RunTracker(connection, context.clock());
    this.tuning = tuning;
  }

  /** Looks at source and tracking server, and writes nothing. */
  public static void rehearse(JobContext context) {
    context.measure(
        "data",
        () -> {
          TakenIn.rehearse(context);
          return JobStatus.DRY_RUN;
        });
    try (MlflowConnection connection = context.connect()) {
      RunTracker tracker = new RunTracker(connection, context.clock());
      LOG.info("{}", context.measure("tracking", tracker::probe));
    }
  }

  /** Takes in what there is to train from, and trains. */
  public JobStatus run() {
    return run(() -> TakenIn.of(context), run -> {});
  }

  /**
   * Trains in a run of its own.
   *
   * @param source called in the run, so that a refused source leaves a failed run
   * @param more what else the run gets, before the training
   */
  public JobStatus run(Supplier<TakenIn> source, Consumer<ActiveRun> more) {
    return tracker.during(
        Provenance.of(context),
        run -> {
          more.accept(run);
          context.report().run(run.run(), run.url());
          run.text(TrainingRecord.SETTINGS, settings.rendered());
          TakenIn taken = source.get();
          // MLlib's fit reads the rows twice and the evaluation once: only the first reads the
          // table
          Dataset<Row> rows = taken.rows().persist(StorageLevel.MEMORY_AND_DISK());
          try {
            // the files stay until there is a version: some registries take them from here
            return TemporaryFolder.with(folder -> train(taken, rows, run, folder));
          } finally {
            rows.unpersist();
          }
        });
  }

  private JobStatus train(TakenIn taken, Dataset<Row> rows, ActiveRun run, Path folder) {
    TableProfile profile = profile(taken, rows);
    Holdout holdout = split();
    Dataset<Row> train = rows.filter(holdout.isTrain());
    Optional<CrossValidation> path = crossValidate(train, run);
    LearningSettings learning = learning(path);
    FittedElasticNet fitted = fit(learning, train, path);
    CoefficientSignificance significance = significance(learning, train, fitted);
    Dataset<Row> predicted = fitted.predict(rows);
    Dataset<Row> test = predicted.filter(not(holdout.isTrain()));
    HoldoutEvaluation evaluation = evaluate(predicted, holdout);
    RegressionIntervals intervals = intervals(test, evaluation);
    ErrorProfile errors = errors(test, profile, evaluation);
    TrainingRecord record =
        new TrainingRecord(
            dataset,
            learning,
            taken.table(),
            profile,
            holdout,
            fitted,
            significance,
            evaluation,
            intervals);
    System.out.println(record.message());
    ModelFolder model = write(record, run, folder);
    VerifiedFolder logged = log(record, model, run);
    Reporting reporting = new Reporting(context, run, record, errors, path);
    report(reporting, run);
    if (!settings.versions().enabled()) {
      LOG.info("run {} (no version: registry.enabled is false)", run.url());
      return JobStatus.TRAINED;
    }
    RegisteredVersion version = register(taken, record, logged, run);
    Gatekeeper gatekeeper = new Gatekeeper(context, connection);
    gate(gatekeeper, version, record, rows)
        .ifPresent(decision -> tell(decision, version, reporting, run));
    gatekeeper.tidy();
    return JobStatus.REGISTERED;
  }

  private TableProfile profile(TakenIn taken, Dataset<Row> rows) {
    TableVersion version = taken.table().accepted();
    TableProfile profile =
        context.measure(
            "profile",
            () ->
                new ProfileKeeper(context.spark(), dataset, settings.data())
                    .profile(version, rows));
    context.report().profile(version, profile);
    return profile;
  }

  private Holdout split() {
    Holdout holdout = new HoldoutSplitter(settings.holdout()).split(dataset.features());
    context.report().holdout(holdout);
    return holdout;
  }

  private Optional<CrossValidation> crossValidate(Dataset<Row> train, ActiveRun run) {
    return tuning.map(by -> new Tuning(context, by).crossValidate(train, tracker, run));
  }

  private LearningSettings learning(Optional<CrossValidation> path) {
    Optional<Penalty> chosen = path.map(found -> found.winner().penalty());
    LearningSettings learning =
        chosen
            .map(by -> settings.learning().withPenalty(by.regParam(), by.elasticNetParam()))
            .orElse(settings.learning());
    context.report().params(learning);
    return learning;
  }

  private FittedElasticNet fit(
      LearningSettings learning, Dataset<Row> train, Optional<CrossValidation> path) {
    FittedElasticNet fitted =
        context.measure(
            "learning",
            () -> new ElasticNetTrainer(learning).fit(train, dataset.features(), dataset.label()));
    path.ifPresent(found -> Tuning.requireAgreement(found, fitted));
    context.report().fitted(fitted);
    return fitted;
  }

  private CoefficientSignificance significance(
      LearningSettings learning, Dataset<Row> train, FittedElasticNet fitted) {
    return context.measure(
        "learning",
        () ->
            new SignificanceTester(learning)
                .test(train, dataset.features(), dataset.label(), fitted));
  }

  private HoldoutEvaluation evaluate(Dataset<Row> predicted, Holdout holdout) {
    HoldoutEvaluation evaluation =
        context.measure(
            "metrics",
            () ->
                new HoldoutEvaluator()
                    .evaluate(
                        predicted,
                        dataset.features(),
                        dataset.label(),
                        FittedElasticNet.PREDICTION,
                        holdout.isTrain()));
    context.report().evaluation(evaluation);
    return evaluation;
  }

  private RegressionIntervals intervals(Dataset<Row> test, HoldoutEvaluation evaluation) {
    RegressionIntervals intervals =
        context.measure(
            "metrics",
            () ->
                new IntervalEvaluator(settings.bootstrap())
                    .evaluate(
                        test,
                        dataset.features(),
                        dataset.label(),
                        FittedElasticNet.PREDICTION,
                        evaluation.trainLabelMean()));
    context.report().intervals(intervals);
    return intervals;
  }

  private ErrorProfile errors(
      Dataset<Row> test, TableProfile profile, HoldoutEvaluation evaluation) {
    return context.measure(
        "metrics",
        () ->
            new ErrorProfiler()
                .profile(
                    test,
                    dataset.label(),
                    FittedElasticNet.PREDICTION,
                    profile.column(dataset.label()).orElseThrow().histogram(),
                    evaluation.test().rmse()));
  }

  private ModelFolder write(TrainingRecord record, ActiveRun run, Path folder) {
    ModelIdentity identity =
        ModelIdentity.of(run.run().id(), UUID.randomUUID(), Instant.now(context.clock()));
    return context.measure(
        "model",
        () ->
            new ModelFolderWriter(context.spark(), settings.model())
                .write(fittedModel(record), identity, folder.resolve("model")));
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

  private VerifiedFolder log(TrainingRecord record, ModelFolder model, ActiveRun run) {
    return context.measure(
        "tracking",
        () -> {
          record.logTo(run);
          return run.model(model);
        });
  }

  private void report(Reporting reporting, ActiveRun run) {
    context.measure(
        "report",
        () -> {
          reporting.logPage(Optional.empty());
          reporting.logPlots();
          return run.url(TrainingRecord.REPORT);
        });
  }

  private RegisteredVersion register(
      TakenIn taken, TrainingRecord record, VerifiedFolder logged, ActiveRun run) {
    RegisteredVersion version =
        context.measure(
            "registry",
            () -> {
              Map<String, String> tags = new LinkedHashMap<>(record.versionTags());
              tags.putAll(Lineage.of(context, tuning, taken).tags());
              return new ModelRegistrar(connection.registry(), settings.registry(), Pause.real())
                  .register(
                      logged,
                      record.versionDescription(run.url(), run.url(TrainingRecord.REPORT)),
                      tags);
            });
    context.report().version(version);
    LOG.info("run {}", run.url());
    LOG.info("version {} of {} {}", version.version(), version.name(), version.url());
    return version;
  }

  private Optional<GateDecision> gate(
      Gatekeeper gatekeeper, RegisteredVersion version, TrainingRecord record, Dataset<Row> rows) {
    return settings.versions().gate().mode() == GateMode.OFF
        ? Optional.empty()
        : context.measure("gate", () -> gatekeeper.judge(version.version(), record, rows));
  }

  private void tell(
      GateDecision decision, RegisteredVersion version, Reporting reporting, ActiveRun run) {
    context.report().gate(decision);
    context
        .report()
        .version(
            version.with(
                connection.registry().version(version.name(), version.version()).aliases()));
    reporting.logPage(Optional.of(decision));
    run.json("gate.json", context.report().gate());
    run.tags(Map.of(JobTags.RUN_GATE, decision.word()));
    LOG.info("gate: version {} {}", version.version(), decision.summary());
  }
}
