package winequality.app;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import testing.MlflowServer;
import testing.SparkTest;
import winequality.ExitCode;
import winequality.data.DataRefusedException;
import winequality.data.WineFiles;

/** A Delta table as the source of the whole job, against a real MLflow server. */
class TableSourceIT extends SparkTest {

  @TempDir Path folder;

  private final MlflowServer server = MlflowServer.serving();
  private final String model = "source-" + UUID.randomUUID();
  private Path source = Path.of("unset");

  @BeforeEach
  void writeWines() {
    source = folder.resolve("wines");
    Dataset<Row> wines =
        WineFiles.wines(spark())
            .withColumn("bottle", expr("uuid()"))
            .withColumnRenamed("alcohol", "Alcohol.Vol");
    save(wines, "error");
    // out of the range
    save(wines.limit(3).withColumn("quality", lit(11.0)), "append");
  }

  private void save(Dataset<Row> rows, String mode) {
    rows.write()
        .format("delta")
        .option("delta.columnMapping.mode", "name")
        .mode(mode)
        .save(source.toString());
  }

  private JobRuns jobs() {
    return new JobRuns(
        SparkTest.session(),
        folder,
        "dataset.columns="
            + columns(
                "{ name = alcohol, header = \"Alcohol.Vol\", unit = \"% vol\", min = 5, max = 25 }"),
        "mlflow.tracking-uri=" + server.uri(),
        "mlflow.experiment-name=" + model,
        "registry.model-name=" + model,
        "learning.reg-param=0.01",
        "data.source=" + source,
        "data.table=" + folder.resolve("tables/unused"),
        "data.quarantine-table=" + folder.resolve("tables/bad"),
        "data.files-table=" + folder.resolve("tables/files"),
        "data.profile-table=" + folder.resolve("tables/profiles"),
        "scoring.table=" + folder.resolve("tables/predictions"),
        "scoring.rejected-table=" + folder.resolve("tables/rejected"),
        "metrics.bootstrap.replicates=500");
  }

  private static String columns(String alcohol) {
    return WineFiles.description().columns().stream()
        .map(
            column ->
                column.name().equals("alcohol")
                    ? alcohol
                    : "{ name = \"%s\", min = %s, max = %s }"
                        .formatted(column.name(), column.min(), column.max()))
        .toList()
        .toString();
  }

  @Test
  void theSourcesOwnVersionIsTrainedFromNamedScoredAndReproduced() {
    JsonNode trained = jobs().run(new RetrainingJob());
    assertThat(trained.at("/status").asText()).isEqualTo("registered");
    assertThat(trained.at("/table/location").asText()).isEqualTo("file:" + source);
    assertThat(trained.at("/table/version").asLong()).isEqualTo(1);
    assertThat(trained.at("/rows/read").asLong()).isEqualTo(1602);
    assertThat(trained.at("/rows/accepted").asLong()).isEqualTo(1599);
    assertThat(trained.at("/quarantine/by_rule/quality-out-of-range").asLong()).isEqualTo(3);
    assertThat(folder.resolve("tables/unused")).doesNotExist();
    // once, once more for the refused rows, and Delta's log
    assertThat(
            Stream.of("data", "profile", "learning", "metrics")
                .mapToLong(stage -> rowsRead(trained, stage))
                .sum())
        .isBetween(2 * 1602L, 2 * 1602L + 200);
    // the same rows as from the CSV file
    JsonNode csv =
        jobs()
            .run(
                new TrainingJob(),
                "dataset.columns=" + columns("{ name = alcohol }"),
                "data.source=" + WineFiles.RED,
                "registry.enabled=false");
    csv.get("coefficients")
        .properties()
        .forEach(
            coefficient ->
                assertThat(trained.get("coefficients").get(coefficient.getKey()).asDouble())
                    .isCloseTo(
                        coefficient.getValue().asDouble(),
                        org.assertj.core.api.Assertions.withinPercentage(1e-7)));

    // nothing changed, also after upkeep: no row is read
    assertThat(stages(jobs().run(new RetrainingJob()))).containsExactly("look");
    spark().sql("ALTER TABLE delta.`" + source + "` SET TBLPROPERTIES ('upkeep' = 'done')");
    assertThat(stages(jobs().run(new RetrainingJob()))).containsExactly("look");

    // score takes the source by default, with the ranges of the inputs
    save(
        spark()
            .read()
            .format("delta")
            .load(source.toString())
            .limit(2)
            .withColumn("Alcohol.Vol", lit(99.0)),
        "append");
    JsonNode scored = jobs().run(new BatchScoringJob());
    assertThat(scored.at("/scoring/input/location").asText()).isEqualTo("file:" + source);
    assertThat(scored.at("/rows/accepted").asLong()).isEqualTo(1602);
    // a table that is named is read as the version's training read its own
    assertThat(
            jobs()
                .run(new BatchScoringJob(), "scoring.source=" + source)
                .at("/rows/accepted")
                .asLong())
        .isEqualTo(1602);
    Dataset<Row> rejected =
        spark().read().format("delta").load(folder.resolve("tables/rejected").toString());
    assertThat(rejected.filter(col("rule").equalTo("alcohol-out-of-range")).count()).isEqualTo(2);
    assertThat(
            spark()
                .read()
                .format("delta")
                .load(folder.resolve("tables/predictions").toString())
                .columns())
        .contains("bottle", "alcohol", "prediction");

    // new rows, of which the accepted ones count
    save(
        spark()
            .read()
            .format("delta")
            .option("versionAsOf", 0)
            .load(source.toString())
            .limit(100)
            .withColumn("pH", lit(3.9)),
        "append");
    JsonNode more = jobs().run(new RetrainingJob());
    assertThat(more.at("/retraining/reason").asText())
        .startsWith("another version of the table; 100 new rows");
    assertThat(more.at("/table/version").asLong()).isEqualTo(4);

    // earlier versions of the source
    JsonNode again = jobs().run(new TrainingJob(), "data.table-version=1");
    assertThat(again.get("coefficients")).isEqualTo(trained.get("coefficients"));
    JobRuns.Outcome reproduced = jobs().reproduction("--version", "1");
    assertThat(reproduced.code()).as(reproduced.error()).isEqualTo(ExitCode.DONE);
    assertThat(reproduced.result().at("/reproduction/differences")).isEmpty();
    assertThat(reproduced.result().at("/table/version").asLong()).isEqualTo(1);
  }

  @Test
  void parquetIsCopiedIntoTheTableAndScoredWhereItIs() throws IOException {
    Path parquet = folder.resolve("wines.parquets");
    spark().read().format("delta").load(source.toString()).write().parquet(parquet.toString());
    String from = "data.source=" + parquet;
    JsonNode trained = jobs().run(new RetrainingJob(), from);
    assertThat(trained.at("/status").asText()).isEqualTo("registered");
    assertThat(trained.at("/table/location").asText())
        .isEqualTo("file:" + folder.resolve("tables/unused"));
    assertThat(trained.at("/rows/accepted").asLong()).isEqualTo(1599);
    assertThat(trained.at("/quarantine/by_rule/quality-out-of-range").asLong()).isEqualTo(3);
    JsonNode fromDelta = jobs().run(new TrainingJob(), "registry.enabled=false");
    assertThat(trained.get("rmse")).isEqualTo(fromDelta.get("rmse"));

    assertThat(stages(jobs().run(new RetrainingJob(), from))).containsExactly("look");
    // score reads the copy by default, and Parquet of new rows
    JsonNode copy = jobs().run(new BatchScoringJob(), from);
    assertThat(copy.at("/scoring/input/location").asText())
        .isEqualTo("file:" + folder.resolve("tables/unused"));
    assertThat(copy.at("/rows/accepted").asLong()).isEqualTo(1599);
    JsonNode rows = jobs().run(new BatchScoringJob(), from, "scoring.source=" + parquet);
    assertThat(rows.at("/scoring/input/location").asText()).isEqualTo("file:" + parquet);
    assertThat(rows.at("/rows/accepted").asLong()).isEqualTo(1602);
    Path damaged = folder.resolve("damaged.parquet");
    try (Stream<Path> files = Files.list(parquet)) {
      byte[] bytes =
          Files.readAllBytes(
              files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow());
      Arrays.fill(bytes, 100, bytes.length / 2, (byte) 0);
      Files.write(damaged, bytes);
    }
    assertThatThrownBy(() -> jobs().run(new BatchScoringJob(), from, "scoring.source=" + damaged))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("scoring.source \"file:" + damaged + "\" could not be read");

    spark()
        .read()
        .parquet(parquet.toString())
        .limit(100)
        .withColumn("pH", lit(3.9))
        .write()
        .mode("append")
        .parquet(parquet.toString());
    assertThat(jobs().run(new RetrainingJob(), from).at("/retraining/reason").asText())
        .startsWith("another version of the table");
    JobRuns.Outcome reproduced = jobs().reproduction("--version", "1");
    assertThat(reproduced.code()).as(reproduced.error()).isEqualTo(ExitCode.DONE);
    assertThat(reproduced.result().at("/reproduction/differences")).isEmpty();

    assertThatThrownBy(() -> jobs().run(new TrainingJob(), from, "data.mode=append"))
        .isInstanceOf(DataRefusedException.class)
        .hasMessageContaining("is Parquet, which is only read as a whole");
  }

  @Test
  void whatCannotBeTrainedFromIsSaidInOneMessage() throws IOException {
    JobRuns.Outcome append = jobs().training("--set", "data.mode=append");
    assertThat(append.code()).isEqualTo(ExitCode.DATA_REFUSED);
    assertThat(append.error()).contains("there is nothing to append. Set data.mode = replace");

    Path last = source.resolve("_delta_log/00000000000000000001.json");
    byte[] commit = Files.readAllBytes(last);
    Files.write(last, Arrays.copyOf(commit, commit.length / 2));
    DeltaLog.clearCache();
    for (JobRuns.Outcome damaged : List.of(jobs().training(), jobs().training("--dry-run"))) {
      assertThat(damaged.code()).isEqualTo(ExitCode.DATA_REFUSED);
      assertThat(damaged.error()).contains(source + " is damaged: ", "Checksum error");
    }

    Files.write(last, commit);
    try (Stream<Path> files = Files.walk(source)) {
      Files.delete(
          files
              .filter(file -> file.toString().endsWith(".parquet"))
              .filter(file -> !file.toString().contains("_delta_log"))
              .findAny()
              .orElseThrow());
    }
    DeltaLog.clearCache();
    JobRuns.Outcome gone = jobs().training();
    assertThat(gone.code()).as(gone.error()).isEqualTo(ExitCode.DATA_REFUSED);
    assertThat(gone.error()).contains(source + " is damaged: ", "RESTORE TABLE");
  }

  private static long rowsRead(JsonNode result, String stage) {
    for (JsonNode cost : result.get("stages")) {
      if (cost.get("name").asText().equals(stage)) {
        return cost.get("rows_read").asLong();
      }
    }
    throw new AssertionError(stage + " is not in " + result.get("stages"));
  }

  private static List<String> stages(JsonNode result) {
    return result.get("stages").findValuesAsText("name");
  }
}
