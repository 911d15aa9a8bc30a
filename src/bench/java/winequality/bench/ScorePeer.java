package winequality.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import sparkmlflow.model.FittedModel;
import sparkmlflow.model.LoadedModel;
import sparkmlflow.model.ModelFolderWriter;
import sparkmlflow.model.ModelIdentity;
import sparkmlflow.model.PipelineLoader;
import sparkmlflow.model.StoredModel;
import winequality.config.Settings;
import winequality.config.SettingsLoader;
import winequality.config.SettingsSource;
import winequality.scoring.BatchScorer;
import winequality.scoring.ScoredTable;
import winequality.scoring.ScoringInput;
import winequality.scoring.ScoringModel;
import winequality.scoring.ScoringSettings;

/**
 * Times batch scoring beside reading the same Delta table and writing it again, in turns in one
 * process, under spark-submit: {@code PARQUET FOLDER}. The Delta table is made of the Parquet files
 * first. What is timed is what comes after the version was fetched: rows in, predictions and what
 * made them out.
 */
public final class ScorePeer {
  private static final int TURNS = 5;

  private final SparkSession spark;
  private final Path folder;
  private final String input;
  private final Settings settings;
  private final LoadedModel model;

  private ScorePeer(SparkSession spark, Path folder, String input) {
    this.spark = spark;
    this.folder = folder;
    this.input = input;
    this.settings =
        new SettingsLoader().load(new SettingsSource(Optional.empty(), List.of(), Map.of()));
    this.model = model();
  }

  public static void main(String[] arguments) throws Exception {
    SparkSession spark = SparkSession.builder().appName("bench score").getOrCreate();
    // as the job has it: see BatchScorer
    spark.conf().set("spark.sql.maxConcurrentOutputFileWriters", "8");
    try {
      Path folder = Path.of(arguments[1]);
      String input = folder.resolve("delta").toString();
      if (!Files.exists(folder.resolve("delta/_delta_log"))) {
        spark
            .read()
            .parquet(arguments[0])
            .write()
            .format("delta")
            .option("delta.columnMapping.mode", "name")
            .save(input);
      }
      new ScorePeer(spark, folder, input).run();
    } finally {
      spark.stop();
    }
  }

  /** A fitted pipeline, through the files that a version has. */
  private LoadedModel model() {
    Dataset<Row> rows = spark.read().format("delta").load(input);
    List<String> features = settings.dataset().features();
    PipelineModel pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  new VectorAssembler()
                      .setInputCols(features.toArray(String[]::new))
                      .setOutputCol("features"),
                  new LinearRegression().setLabelCol(settings.dataset().label())
                })
            .fit(rows.limit(10_000));
    try {
      Path model = Files.createTempDirectory(folder, "model").resolve("model");
      new ModelFolderWriter(spark, settings.model())
          .write(
              FittedModel.of(pipeline, rows.drop(settings.dataset().label())),
              ModelIdentity.of(
                  UUID.randomUUID().toString().replace("-", ""), UUID.randomUUID(), Instant.now()),
              model);
      return new PipelineLoader(spark, settings.model()).load(StoredModel.read(model));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void run() throws Exception {
    TableTurns plain =
        new TableTurns(
            "`spark.read.format(\"delta\").load(…).write.format(\"delta\")`", folder, this::plain);
    TableTurns score =
        new TableTurns(
            "**`score`**: checked, predicted, with what made each row", folder, this::score);
    for (int turn = 0; turn <= TURNS; turn++) {
      // they change places, so that none always comes second
      (turn % 2 == 0 ? plain : score).take(turn);
      (turn % 2 == 0 ? score : plain).take(turn);
    }
    System.out.printf(
        Locale.ROOT,
        "%n| %,d rows | seconds, median of %d | rows/s | throughput |%n|---|---:|---:|---:|%n",
        plain.rows(),
        TURNS);
    for (TableTurns one : List.of(plain, score)) {
      System.out.printf(
          Locale.ROOT,
          "| %s | %.2f | %,.0f | %.0f %% |%n",
          one.name(),
          one.median(),
          one.rows() / one.median(),
          100 * plain.median() / one.median());
    }
  }

  private long plain(Path tables) {
    String table = tables.resolve("plain").toString();
    spark
        .read()
        .format("delta")
        .load(input)
        .write()
        .format("delta")
        .option("delta.columnMapping.mode", "name")
        .save(table);
    return spark.read().format("delta").load(table).count();
  }

  private long score(Path tables) {
    ScoringSettings scoring =
        new ScoringSettings(
            Optional.of(input),
            OptionalLong.empty(),
            "champion",
            Optional.empty(),
            tables.resolve("predictions").toString(),
            tables.resolve("rejected").toString(),
            List.of(),
            0.0,
            1);
    ScoredTable scored =
        new BatchScorer(spark, scoring, UUID.randomUUID().toString(), Instant.now())
            .score(
                ScoringInput.open(
                    spark, input, OptionalLong.empty(), model.signature().orElseThrow(), List.of()),
                new ScoringModel("wine-quality", 1, "run", model));
    return scored.scored();
  }
}
