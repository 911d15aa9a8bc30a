package winequality.app;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.TemporaryFolder;
import sparkmlflow.model.LoadedModel;
import sparkmlflow.model.ModelSignature;
import sparkmlflow.model.PipelineLoader;
import sparkmlflow.model.StoredModel;
import sparkmlflow.registry.FetchedVersion;
import sparkmlflow.registry.Lifecycle;
import sparkmlflow.registry.ModelVersion;
import sparkmlflow.registry.RegistryCalls;
import sparkmlflow.registry.VersionFetcher;
import winequality.app.job.JobContext;
import winequality.app.job.JobRunner;
import winequality.app.job.JobStatus;
import winequality.app.job.Sessions;
import winequality.app.job.SparkJob;
import winequality.app.training.Lineage;
import winequality.config.Settings;
import winequality.data.table.DeltaLocation;
import winequality.data.table.SourceTable;
import winequality.data.table.TableRole;
import winequality.scoring.BatchScorer;
import winequality.scoring.ScoredTable;
import winequality.scoring.ScoringInput;
import winequality.scoring.ScoringModel;
import winequality.scoring.ScoringSettings;

/** Scores a table with a registered version of the model, into a table of predictions. */
public final class BatchScoringJob implements SparkJob {

  private static final Logger LOG = LoggerFactory.getLogger(BatchScoringJob.class);

  /** Lets Spark write a partitioned table unsorted; a task may have eight files open at once. */
  private static final Map<String, String> UNSORTED =
      Map.of("spark.sql.maxConcurrentOutputFileWriters", "8");

  public static void main(String[] args) {
    JobRunner.main("score", new BatchScoringJob(), args);
  }

  @Override
  public void rehearse(JobContext context) {
    prepare(
        context,
        context.spark(),
        (version, stored, input) -> {
          LOG.info("Version {} of {} can score this source", version.version(), version.name());
          return JobStatus.DRY_RUN;
        });
  }

  @Override
  public JobStatus run(JobContext context) {
    SparkSession spark = Sessions.withSettings(context.spark(), UNSORTED);
    Settings settings = context.settings();
    return prepare(
        context,
        spark,
        (version, stored, input) -> {
          PipelineLoader loader = new PipelineLoader(spark, settings.model());
          LoadedModel loaded =
              context.measure("model", () -> advising(version, () -> loader.load(stored)));
          ScoringModel model =
              new ScoringModel(version.name(), version.number(), version.runId(), loaded);
          BatchScorer scorer =
              new BatchScorer(
                  spark, settings.scoring(), context.jobId(), context.clock().instant());
          ScoredTable scored =
              context.measure(
                  "scoring",
                  () -> Sessions.reading(input.bytes(), spark, () -> scorer.score(input, model)));
          context.report().scored(version, input, scored, settings.scoring());
          scorer.requireFew(scored); // after the report, because the other rows are scored
          return announce(version, input, scored);
        });
  }

  /** What to do with a version and a source that fits it. */
  private interface Work {
    JobStatus on(ModelVersion version, StoredModel stored, ScoringInput input);
  }

  /** Fetches the version and opens the source; the fetched files are deleted after the work. */
  private static JobStatus prepare(JobContext context, SparkSession spark, Work work) {
    try (MlflowConnection connection = context.connect()) {
      ModelVersion version = context.measure("registry", () -> version(context, connection));
      context.report().model(version);
      return TemporaryFolder.with(
          folder -> {
            Supplier<FetchedVersion> fetch =
                () -> new VersionFetcher(connection).fetch(version, folder.resolve("model"));
            StoredModel stored =
                context.measure(
                    "model", () -> StoredModel.read(advising(version, fetch).directory()));
            // before the pipeline is loaded: column names alone show whether the source fits
            ScoringInput input =
                context.measure("data", () -> open(spark, context.settings(), version, stored));
            return work.on(version, stored, input);
          });
    }
  }

  private static JobStatus announce(ModelVersion version, ScoringInput input, ScoredTable scored) {
    boolean written = scored.outcome() == ScoredTable.Outcome.WRITTEN;
    LOG.info(
        "{} rows of {} at version {} {} by version {} of {}; the predictions are in {} at version {}",
        scored.scored(),
        input.location(),
        input.version(),
        written ? "scored" : "were scored before",
        version.version(),
        version.name(),
        scored.predictions().location(),
        scored.predictions().version());
    if (scored.rejectedRows() > 0) {
      LOG.warn(
          "{} rows could not be scored: {}. See table {}",
          scored.rejectedRows(),
          scored.rejections(),
          scored.rejected().orElseThrow().location());
    }
    return written ? JobStatus.SCORED : JobStatus.SKIPPED;
  }

  private static ModelVersion version(JobContext context, MlflowConnection connection) {
    RegistryCalls registry = connection.registry();
    String model = context.settings().registry().modelName();
    ScoringSettings scoring = context.settings().scoring();
    String named = scoring.version().map(number -> "version " + number).orElse(scoring.alias());
    return Lifecycle.of(registry, context.settings().registry())
        .named(registry, model, scoring.version().orElse(scoring.alias()))
        .orElseThrow(
            () ->
                MlflowException.refused(
                    "score with %s of %s".formatted(named, model),
                    "there is no such version; %s. Train or promote one (wine train, wine promote), or set scoring.alias or scoring.version."
                        .formatted(NamedVersion.existing(registry, model))));
  }

  private static ScoringInput open(
      SparkSession spark, Settings settings, ModelVersion version, StoredModel stored) {
    ScoringSettings scoring = settings.scoring();
    Optional<String> table =
        scoring.source().isPresent()
            ? Optional.empty()
            : SourceTable.find(settings.data().source(), spark).map(DeltaLocation::text);
    String source = scoring.source().or(() -> table).orElse(settings.data().table());
    // another table of new rows looks like the one that the version was trained from
    TableRole role =
        scoring.source().isPresent()
            ? Lineage.roleOf(version)
            : table.isPresent() ? TableRole.SOURCE : TableRole.INGESTED;
    ModelSignature signature =
        stored
            .signature()
            .orElseThrow(
                () ->
                    new DamagedFilesException(
                        "score with version " + version.version() + " of " + version.name(),
                        "it has no signature of named columns, so its input columns are unknown."));
    return ScoringInput.open(
        spark, source, scoring.sourceVersion(), role, signature, settings.dataset().columns());
  }

  /** Adds to a damaged version's message what to do about it. */
  private static <T> T advising(ModelVersion version, Supplier<T> work) {
    try {
      return work.get();
    } catch (DamagedFilesException e) {
      throw new DamagedFilesException(
          "score with version " + version.version() + " of " + version.name(),
          "its files are damaged. %s Nothing was scored. Go back to the earlier champion with `wine rollback`, or name another version in scoring.version."
              .formatted(e.getMessage()),
          e);
    }
  }
}
