package winequality.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.config.Settings;
import winequality.data.CsvIngest;
import winequality.data.CsvSource;
import winequality.data.DatasetDescription;
import winequality.data.IngestedTable;
import winequality.holdout.Holdout;
import winequality.holdout.HoldoutSplitter;
import winequality.learning.ElasticNetTrainer;
import winequality.learning.FittedElasticNet;
import winequality.metrics.HoldoutEvaluation;
import winequality.metrics.HoldoutEvaluator;
import winequality.mlflow.MlflowConnection;
import winequality.mlflow.Pause;
import winequality.mlflow.VerifiedUpload;
import winequality.model.FittedModel;
import winequality.model.InputExample;
import winequality.model.ModelFolder;
import winequality.model.ModelFolderWriter;
import winequality.model.ModelIdentity;
import winequality.model.ModelSignature;
import winequality.registry.ModelRegistrar;
import winequality.registry.RegisteredVersion;
import winequality.tracking.ActiveRun;
import winequality.tracking.RunTracker;
import winequality.tracking.TrainingRecord;

/** The main job: CSV, table, split, fit, evaluation, run, version. */
public final class TrainingJob implements JobRunner.Job {

  private static final Logger LOG = LoggerFactory.getLogger(TrainingJob.class);

  private static final MathContext EXAMPLE_DIGITS = new MathContext(4);

  private TrainingJob() {}

  /** Runs the job with the options of {@code --help}. */
  public static void main(String[] args) {
    JobRunner.main("train", TrainingJob.class, new TrainingJob(), args);
  }

  @Override
  public void rehearse(JobContext context) {
    Settings settings = context.settings();
    context.meter().measure("data", () -> source(context));
    try (MlflowConnection connection = MlflowConnection.open(settings.mlflow())) {
      context
          .meter()
          .measure(
              "tracking",
              () -> connection.tracking().experimentNamed(settings.mlflow().experimentName()));
    }
  }

  @Override
  public JobStatus run(JobContext context) {
    try (MlflowConnection connection = MlflowConnection.open(context.settings().mlflow())) {
      Provenance provenance = new Provenance(context);
      return new RunTracker(connection, context.clock())
          .during(provenance.origin(), run -> train(context, provenance, connection, run));
    }
  }

  private static JobStatus train(
      JobContext context, Provenance provenance, MlflowConnection connection, ActiveRun run) {
    Settings settings = context.settings();
    DatasetDescription dataset = settings.dataset();
    StageMeter meter = context.meter();
    JobReport report = context.report();
    SparkSession spark = context.spark();
    report.run(run.run(), run.url());

    IngestedTable table =
        meter.measure(
            "data",
            () ->
                new CsvIngest(spark, dataset, settings.data(), context.jobId())
                    .ingest(source(context)));
    report.table(table);
    // MLlib's fit goes over the rows twice and the evaluation once: the table is read for the first
    Dataset<Row> rows = table.accepted().read(spark).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      return train(context, provenance, connection, run, table, rows);
    } finally {
      rows.unpersist();
    }
  }

  private static JobStatus train(
      JobContext context,
      Provenance provenance,
      MlflowConnection connection,
      ActiveRun run,
      IngestedTable table,
      Dataset<Row> rows) {
    Settings settings = context.settings();
    DatasetDescription dataset = settings.dataset();
    StageMeter meter = context.meter();
    JobReport report = context.report();
    SparkSession spark = context.spark();
    Holdout holdout = new HoldoutSplitter(settings.holdout()).split(dataset.features());
    report.holdout(holdout);

    FittedElasticNet fitted =
        meter.measure(
            "learning",
            () ->
                new ElasticNetTrainer(settings.learning())
                    .fit(rows.filter(holdout.isTrain()), dataset.features(), dataset.label()));
    report.fitted(fitted);

    HoldoutEvaluation evaluation =
        meter.measure(
            "metrics",
            () ->
                new HoldoutEvaluator()
                    .evaluate(
                        fitted.pipeline().transform(rows),
                        dataset.features(),
                        dataset.label(),
                        FittedElasticNet.PREDICTION,
                        holdout.isTrain()));
    report.evaluation(evaluation, table.counts());

    TrainingRecord record =
        new TrainingRecord(
            dataset,
            settings.learning(),
            table,
            holdout,
            fitted,
            evaluation,
            settings.rendered(),
            provenance.tags());
    System.out.println(record.message());

    VerifiedUpload upload =
        inTemporaryFolder(
            folder -> {
              ModelFolder model =
                  meter.measure(
                      "model",
                      () ->
                          new ModelFolderWriter(spark, settings.model())
                              .write(
                                  fittedModel(fitted, evaluation, record),
                                  new ModelIdentity(
                                      run.run().id(),
                                      UUID.randomUUID().toString().replace("-", ""),
                                      Instant.now(context.clock())),
                                  folder.resolve("model")));
              return meter.measure(
                  "tracking",
                  () -> {
                    record.logTo(run);
                    return run.model(model);
                  });
            });
    if (!settings.registry().enabled()) {
      LOG.info("registry.enabled is false: no version is made");
      return JobStatus.TRAINED;
    }
    RegisteredVersion version =
        meter.measure(
            "registry",
            () ->
                new ModelRegistrar(connection.registry(), settings.registry(), Pause.real())
                    .register(upload, record.versionDescription(run.url()), record.versionTags()));
    report.version(version);
    LOG.info("run      {}", run.url());
    LOG.info("version  {} of {}: {}", version.version(), version.name(), version.url());
    return JobStatus.REGISTERED;
  }

  private static CsvSource source(JobContext context) {
    return CsvSource.open(
        context.settings().data().source(),
        context.settings().dataset(),
        context.spark().sparkContext().hadoopConfiguration());
  }

  private static FittedModel fittedModel(
      FittedElasticNet fitted, HoldoutEvaluation evaluation, TrainingRecord record) {
    List<String> features = List.copyOf(evaluation.trainMeans().keySet());
    // the average row: a request that makes sense, the same however the table is partitioned
    List<Object> average =
        evaluation.trainMeans().values().stream()
            .<Object>map(mean -> new BigDecimal(mean).round(EXAMPLE_DIGITS).doubleValue())
            .toList();
    return new FittedModel(
        fitted.pipeline(),
        ModelSignature.ofRegression(features),
        new InputExample(features, List.of(average)),
        record.modelMetadata());
  }

  private interface InFolder<T> {
    T work(Path folder);
  }

  private static <T> T inTemporaryFolder(InFolder<T> inFolder) {
    Path folder;
    try {
      folder = Files.createTempDirectory("winequality-");
    } catch (IOException e) {
      throw new UncheckedIOException(
          "No temporary folder can be made for the model; check java.io.tmpdir", e);
    }
    try {
      return inFolder.work(folder);
    } finally {
      delete(folder);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      LOG.warn("The temporary folder {} could not be deleted: {}", folder, e.toString());
    }
  }
}
