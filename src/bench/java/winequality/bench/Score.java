package winequality.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
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
import winequality.data.table.TableRole;
import winequality.scoring.BatchScorer;
import winequality.scoring.ScoredTable;
import winequality.scoring.ScoringInput;
import winequality.scoring.ScoringModel;
import winequality.scoring.ScoringSettings;

/**
 * Batch scoring beside reading the same Delta table and writing it again. What is timed is what
 * comes after the version was fetched: rows in, predictions and what made them out.
 */
final class Score {
  private final SparkSession spark;
  private final String input;
  private final Path tables;
  private final Settings settings =
      new SettingsLoader().load(new SettingsSource(Optional.empty(), List.of(), Map.of()));
  private final LoadedModel model;

  Score(SparkSession spark, String input, Path tables) throws IOException {
    // as the job has it: see BatchScorer
    spark.conf().set("spark.sql.maxConcurrentOutputFileWriters", "8");
    this.spark = spark;
    this.input = input;
    this.tables = tables;
    this.model = model();
  }

  void run(Turns turns) throws Exception {
    turns.take(
        new Turns.Contestant("plain", this::plain), new Turns.Contestant("score", this::score));
  }

  /** A fitted pipeline, through the files that a version has. */
  private LoadedModel model() throws IOException {
    Dataset<Row> rows = spark.read().format("delta").load(input);
    String label = settings.dataset().label();
    PipelineModel pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  new VectorAssembler()
                      .setInputCols(settings.dataset().features().toArray(String[]::new))
                      .setOutputCol("features"),
                  new LinearRegression().setLabelCol(label)
                })
            .fit(rows.limit(10_000));
    Path folder = tables.resolve("model");
    new ModelFolderWriter(spark, settings.model())
        .write(
            FittedModel.of(pipeline, rows.drop(label)),
            ModelIdentity.of(
                UUID.randomUUID().toString().replace("-", ""), UUID.randomUUID(), Instant.now()),
            folder);
    return new PipelineLoader(spark, settings.model()).load(StoredModel.read(folder));
  }

  private String plain() {
    Path table = tables.resolve("plain");
    Bench.write(spark.read().format("delta").load(input), table);
    return spark.read().format("delta").load(table.toString()).count() + " rows";
  }

  private String score() {
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
                    spark,
                    input,
                    OptionalLong.empty(),
                    TableRole.INGESTED,
                    model.signature().orElseThrow(),
                    List.of()),
                new ScoringModel("wine-quality", 1, "run", model));
    return scored.scored() + " rows";
  }
}
