package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowException;
import testing.MlflowServer;
import testing.PredictionBound;
import testing.SparkTest;
import winequality.ExitCode;
import winequality.app.job.JobReport;
import winequality.data.DataRefusedException;
import winequality.data.WineFiles;

/** Batch scoring with versions of a real MLflow server. */
@Tag(SparkTest.COMPILED)
class BatchScoringIT extends SparkTest {

  private static final String FAIR = "learning.reg-param=0.5";
  private static final String BETTER = "learning.reg-param=0.05";

  @TempDir Path folder;

  private final MlflowServer server = MlflowServer.serving();
  private final String model = "wine-" + UUID.randomUUID();

  private JobRuns jobs() {
    return new JobRuns(
        spark(),
        folder,
        "mlflow.tracking-uri=" + server.uri(),
        "registry.model-name=" + model,
        "data.table=" + folder.resolve("tables/wine"),
        "data.quarantine-table=" + folder.resolve("tables/quarantine"),
        "data.profile-table=" + folder.resolve("tables/profiles"),
        "scoring.table=" + folder.resolve("tables/predictions"),
        "scoring.rejected-table=" + folder.resolve("tables/rejected"),
        "metrics.bootstrap.replicates=500");
  }

  @Test
  void theChampionScoresUntilItsFilesAreDamagedAndARollbackMendsThat() throws IOException {
    jobs().run(new TrainingJob(), FAIR);
    JsonNode first = jobs().run(new BatchScoringJob());
    assertThat(first.at("/status").asText()).isEqualTo("scored");
    assertThat(first.at("/model/version").asText()).isEqualTo("1");
    assertThat(first.at("/model/aliases").toString()).contains("champion");
    assertThat(first.at("/rows/read").asLong()).isEqualTo(1599);
    assertThat(first.at("/rows/accepted").asLong()).isEqualTo(1599);
    assertThat(first.at("/scoring/input/version").asText()).isEqualTo("0");
    assertThat(first.at("/scoring/rejected").isNull()).isTrue();
    // the predictions are written and counted, without a job for a shuffle of a small table
    assertThat(first.at("/stages/3/name").asText()).isEqualTo("scoring");
    assertThat(first.at("/stages/3/jobs").asLong()).isEqualTo(3);

    JsonNode better = jobs().run(new TrainingJob(), BETTER);
    assertThat(better.at("/gate/decision").asText()).isEqualTo("promoted");
    JsonNode second = jobs().run(new BatchScoringJob());
    assertThat(second.at("/model/version").asText()).isEqualTo("2");
    assertThat(second.at("/scoring/run_id")).isEqualTo(better.at("/run_id"));
    assertThat(predictions().groupBy("model_version").count().collectAsList())
        .extracting(row -> row.getLong(1))
        .containsExactly(1599L, 1599L);
    Row one = predictions().filter("model_version = 2").first();
    List<String> features = WineFiles.description().features();
    PredictionBound bound =
        new PredictionBound(
            features,
            features.stream().map(name -> better.at("/coefficients").get(name).asDouble()).toList(),
            better.at("/intercept").asDouble());
    bound.assertAccurate(one.<Double>getAs("prediction"), bound.values(one));

    // one of the champion's files is missing
    String source =
        server
            .get("model-versions/get", "name", model, "version", "2")
            .at("/model_version/source")
            .asText();
    Path files =
        server
            .artifacts()
            .resolve(better.at("/experiment_id").asText())
            .resolve(source.replace("models:/", "models/"))
            .resolve("artifacts/sparkml");
    try (Stream<Path> tree = Files.walk(files)) {
      Files.delete(
          tree.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow());
    }
    assertThatThrownBy(() -> jobs().run(new BatchScoringJob(), "scoring.attempt=2"))
        .isInstanceOf(DamagedFilesException.class)
        .hasMessageContaining("Could not score with version 2 of " + model)
        .hasMessageContaining("are not those that were registered")
        .hasMessageContaining("`wine rollback`");
    assertThat(predictions().count()).isEqualTo(2 * 1599);

    assertThat(jobs().promotion("rollback").code()).isEqualTo(ExitCode.DONE);
    JsonNode mended = jobs().run(new BatchScoringJob());
    assertThat(mended.at("/model/version").asText()).isEqualTo("1");
    assertThat(mended.at("/status").asText()).isEqualTo("skipped");
    assertThat(jobs().run(new BatchScoringJob(), "scoring.attempt=2").at("/status").asText())
        .isEqualTo("scored");
    assertThat(predictions().count()).isEqualTo(2 * 1599);
  }

  @Test
  void csvFilesAreScoredByAVersionThatIsNamed() {
    jobs().run(new TrainingJob(), FAIR, "registry.gate.mode=off");
    assertThatThrownBy(() -> jobs().run(new BatchScoringJob()))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("Could not score with champion of " + model)
        .hasMessageContaining(
            "the newest versions are [1], the aliases {challenger=1}. Train or promote one");
    Path csv =
        WineFiles.write(
            folder.resolve("new.csv"), WineFiles.HEADER, WineFiles.GOOD, WineFiles.GOOD + ",1");
    String source = "scoring.source=" + csv;
    JobReport report = new JobReport();
    assertThatThrownBy(() -> jobs().run(new BatchScoringJob(), report, source, "scoring.version=1"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining(
            "Rejected 1 of 2 rows (50.0 %; limit 5.0 %): too-many-fields 1 (the line has 13 fields, the header 12)");
    assertThat(
            JobRuns.json(report, folder).at("/scoring/rejected_by_rule/too-many-fields").asLong())
        .isEqualTo(1);
    JsonNode scored =
        jobs()
            .run(
                new BatchScoringJob(),
                source,
                "scoring.alias=challenger",
                "scoring.max-rejected-fraction=0.5");
    assertThat(scored.at("/status").asText()).isEqualTo("skipped");
    assertThat(scored.at("/rows/quarantined").asLong()).isEqualTo(1);
    assertThat(scored.at("/scoring/rejected_by_rule/too-many-fields").asLong()).isEqualTo(1);
    assertThatThrownBy(
            () ->
                jobs()
                    .run(
                        new BatchScoringJob(), "scoring.source=no_such_table", "scoring.version=1"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("There is no table \"no_such_table\" in the catalog");
    // the CSV's own columns are text in the table of predictions
    assertThatThrownBy(() -> jobs().run(new BatchScoringJob(), "scoring.alias=challenger"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("\"quality\" is string there and double in the rows")
        .hasMessageContaining("scoring.columns");
  }

  @Test
  void tablesOfTheCatalogAreScoredAndWritten() {
    jobs().run(new TrainingJob(), FAIR);
    String name = "scored_" + UUID.randomUUID().toString().replace("-", "");
    WineFiles.wines(spark())
        .write()
        .format("delta")
        .option("delta.columnMapping.mode", "name")
        .saveAsTable(name + "_in");
    String[] catalog = {
      "scoring.source=" + name + "_in",
      "scoring.table=" + name,
      "scoring.rejected-table=" + name + "_rejected"
    };
    assertThat(jobs().run(new BatchScoringJob(), catalog).at("/status").asText())
        .isEqualTo("scored");
    assertThat(jobs().run(new BatchScoringJob(), catalog).at("/status").asText())
        .isEqualTo("skipped");
    assertThat(spark().table(name).count()).isEqualTo(1599);
    spark().sql("DROP TABLE " + name);
    spark().sql("DROP TABLE " + name + "_in");
  }

  private Dataset<Row> predictions() {
    return spark().read().format("delta").load(folder.resolve("tables/predictions").toString());
  }
}
