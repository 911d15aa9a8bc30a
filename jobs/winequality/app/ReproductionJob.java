package winequality.app;

import elasticnet.ElasticNetTrainer;
import elasticnet.FittedElasticNet;
import elasticnet.encoding.FeatureEncoding;
import elasticnet.encoding.RegressionColumns;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowTags;
import sparkmlflow.registry.ModelVersion;
import winequality.ExitCode;
import winequality.JobFailure;
import winequality.JobTags;
import winequality.app.job.BuildInfo;
import winequality.app.job.JobContext;
import winequality.app.job.JobOptions;
import winequality.app.job.JobRunner;
import winequality.app.job.JobStatus;
import winequality.app.job.Sessions;
import winequality.app.job.SparkJob;
import winequality.app.job.UsageException;
import winequality.app.training.Origin;
import winequality.config.Settings;
import winequality.data.ColumnKind;
import winequality.data.DatasetDescription;
import winequality.data.ingest.IngestedTable;
import winequality.data.profile.TableProfiler;
import winequality.metrics.EvaluationColumns;
import winequality.metrics.HoldoutEvaluation;
import winequality.metrics.HoldoutEvaluator;
import winequality.metrics.Repeatability;
import winequality.record.RecordedTraining;
import winequality.record.Reproduction;
import winequality.record.TrainingRecord;

/**
 * Trains a registered version again from what its run recorded, and compares the results. It
 * ingests nothing, opens no run and registers nothing.
 */
public final class ReproductionJob implements SparkJob {

  private static final Logger LOG = LoggerFactory.getLogger(ReproductionJob.class);

  @Option(
      names = "--version",
      paramLabel = "N",
      description =
          "The version to train again: a number, champion, challenger, previous or an alias.")
  private @Nullable String version;

  public static void main(String[] args) {
    JobRunner.main("reproduce", new ReproductionJob(), args);
  }

  @Override
  public Optional<Object> options() {
    return Optional.of(this);
  }

  @Override
  public void require(JobOptions given, Settings settings) {
    if (version == null || version.isBlank()) {
      throw new UsageException(
          "--version is missing; name the version to train again, such as --version 3 or --version champion");
    }
    if (given.choosePenalty()) {
      throw new UsageException(
          "--alpha and --lambda are for train; reproduce takes the penalty that the version was trained with");
    }
  }

  @Override
  public void rehearse(JobContext context) {
    Origin origin = origin(context);
    LOG.info(
        "Version {} of {} could be trained again from version {} of {}",
        origin.version().version(),
        origin.version().name(),
        origin.table().version(),
        origin.table().location());
  }

  @Override
  public JobStatus run(JobContext context) {
    Origin origin = origin(context);
    // as in the training
    Map<String, Double> again =
        Sessions.reading(
            origin.table().bytes(context.spark()),
            context.spark(),
            () -> trainedAgain(context, origin));
    Reproduction reproduction = Reproduction.of(origin.recorded().values(), again);
    context.report().reproduced(origin.recorded().run(), reproduction);
    String of =
        "Version %s of %s, trained again from version %d of %s"
            .formatted(
                origin.version().version(),
                origin.version().name(),
                origin.table().version(),
                origin.table().location());
    if (!reproduction.differences().isEmpty()) {
      throw new JobFailure(
          ExitCode.FAILED,
          "%s, came out different: %d of %d values differ by more than %s (relative difference).\n  %s\n%s"
              .formatted(
                  of,
                  reproduction.differences().size(),
                  reproduction.compared(),
                  Repeatability.TOLERANCE,
                  reproduction.differences().stream()
                      .map(Reproduction.Difference::toString)
                      .collect(Collectors.joining("\n  ")),
                  circumstances(context, origin)));
    }
    LOG.info(
        "{}, gives the same model: {} values compared, largest relative difference {}{}",
        of,
        reproduction.compared(),
        reproduction.largest(),
        reproduction.where().map(name -> " (" + name + ")").orElse(""));
    return JobStatus.REPRODUCED;
  }

  private Origin origin(JobContext context) {
    String named = Objects.requireNonNull(this.version).strip();
    try (MlflowConnection connection = context.connect()) {
      return context.measure(
          "registry",
          () -> {
            ModelVersion found =
                NamedVersion.of(connection.registry(), context.settings().registry(), named);
            context.report().model(found);
            return Origin.of("reproduce", found, context.spark(), connection);
          });
    }
  }

  private static Map<String, Double> trainedAgain(JobContext context, Origin origin) {
    DatasetDescription dataset = origin.settings().dataset();
    context.report().table(IngestedTable.asItIs(origin.table()));
    context.report().holdout(origin.holdout());
    context.report().params(origin.learning());
    Dataset<Row> rows = origin.rows(context.spark()).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Dataset<Row> train = rows.filter(origin.holdout().isTrain());
      ElasticNetTrainer trainer = new ElasticNetTrainer(origin.learning());
      RegressionColumns columns = context.measure("learning", () -> columns(dataset, rows, train));
      FittedElasticNet fitted = context.measure("learning", () -> trainer.fit(train, columns));
      context.report().fitted(fitted);
      HoldoutEvaluation evaluation =
          context.measure(
              "metrics",
              () ->
                  new HoldoutEvaluator()
                      .evaluate(
                          fitted.predict(rows),
                          EvaluationColumns.of(dataset),
                          columns.features().columns(),
                          FittedElasticNet.PREDICTION,
                          origin.holdout().isTrain()));
      context.report().evaluation(evaluation);
      return RecordedTraining.values(fitted, evaluation);
    } finally {
      rows.unpersist();
    }
  }

  /** As in the training; the rows are profiled because found levels are not in the settings. */
  private static RegressionColumns columns(
      DatasetDescription dataset, Dataset<Row> rows, Dataset<Row> train) {
    boolean plain =
        dataset.featureColumns().stream()
            .allMatch(column -> column.kind().equals(ColumnKind.NUMBER));
    return plain
        ? new RegressionColumns(
            FeatureEncoding.ofNumbers(dataset.features()), dataset.label(), dataset.weight())
        : RegressionColumns.of(
            new TableProfiler(dataset).profile(rows).features(dataset),
            dataset.label(),
            dataset.weight(),
            train);
  }

  /** A sentence for everything that changed since the training. */
  private static String circumstances(JobContext context, Origin origin) {
    Map<String, String> tags = origin.recorded().run().tags();
    List<String> sentences = new ArrayList<>();
    boolean changed = Boolean.parseBoolean(tags.get(JobTags.RUN_UNCOMMITTED_CHANGES));
    String commit = commit(Optional.ofNullable(tags.get(MlflowTags.GIT_COMMIT)), changed);
    String now = commit(BuildInfo.commit(), BuildInfo.dirty());
    if (!now.equals(commit)) {
      sentences.add("The code differs: trained by commit %s, now %s.".formatted(commit, now));
    }
    String spark = tags.getOrDefault(MlflowTags.SPARK_VERSION, "(not recorded)");
    if (!context.spark().version().equals(spark)) {
      sentences.add(
          "Spark differs: trained with %s, now %s.".formatted(spark, context.spark().version()));
    }
    String hash = origin.settings().fingerprint();
    if (!tags.getOrDefault(JobTags.RUN_SETTINGS_HASH, hash).equals(hash)) {
      sentences.add(
          "%s does not match the run's tag winequality.settings_hash: the file was changed, or this code knows other settings."
              .formatted(TrainingRecord.SETTINGS));
    }
    return sentences.isEmpty()
        ? "Code commit, Spark version and settings are those of the training: the table or the record was changed, or the table was created again."
        : String.join(" ", sentences);
  }

  private static String commit(Optional<String> commit, boolean changed) {
    return commit.orElse("(unknown)") + (changed ? " with changes" : "");
  }
}
