package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sparkmlflow.MlflowConnection;
import sparkmlflow.TestSettings;
import testing.MlflowServer;
import testing.SparkTest;
import winequality.ExitCode;
import winequality.app.job.SparkJob;
import winequality.data.WineFiles;

/** Old versions trained again, from what their runs recorded on a real MLflow server. */
@Tag(SparkTest.COMPILED)
class ReproductionIT extends SparkTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private final MlflowServer server = MlflowServer.serving();
  private final String model = "again-" + UUID.randomUUID();
  private final MlflowConnection connection = MlflowConnection.open(TestSettings.of(server.uri()));
  private Path source = Path.of("unset");

  @BeforeEach
  void open() {
    source = folder.resolve("wines.csv");
  }

  @AfterEach
  void close() {
    connection.close();
  }

  private JobRuns jobs() {
    return new JobRuns(
        spark(),
        folder,
        "mlflow.tracking-uri=" + server.uri(),
        "mlflow.experiment-name=" + model,
        "registry.model-name=" + model,
        "data.source=" + source,
        "data.table=" + folder.resolve("tables/wine"),
        "data.quarantine-table=" + folder.resolve("tables/quarantine"),
        "data.profile-table=" + folder.resolve("tables/profiles"),
        "metrics.bootstrap.replicates=500");
  }

  private JsonNode train(SparkJob job, int rows, String... assignments) {
    List<String> wines = WineFiles.redLines();
    WineFiles.write(source, wines.subList(0, rows + 1));
    return jobs().run(job, assignments);
  }

  private int runs() throws IOException {
    JsonNode found =
        JSON.readTree(
            new org.mlflow.tracking.MlflowClient(server.uri().toString())
                .sendPost(
                    "runs/search",
                    "{\"max_results\": 1000, \"experiment_ids\": [\"%s\"]}"
                        .formatted(
                            new org.mlflow.tracking.MlflowClient(server.uri().toString())
                                .getExperimentByName(model)
                                .orElseThrow()
                                .getExperimentId())));
    return found.path("runs").size();
  }

  @Test
  void aVersionOfThreeVersionsAgoAndATunedOneComeOutTheSame() throws IOException {
    JsonNode first = train(new TrainingJob(), 1000, "learning.reg-param=0.02", "holdout.seed=7");
    train(new TrainingJob(), 1200, "learning.reg-param=0.01");
    train(new TuningJob(), 1599, "tuning.path-length=20", "tuning.child-runs=none");
    train(new TrainingJob(), 1599, "learning.reg-param=0.001");
    int runs = runs();

    JobRuns.Outcome again = jobs().reproduction("--version", "1");

    assertThat(again.code()).as(again.error()).isEqualTo(ExitCode.DONE);
    JsonNode result = again.result();
    assertThat(result.get("status").asText()).isEqualTo("reproduced");
    assertThat(result.at("/table/version").asLong()).isZero();
    assertThat(result.at("/holdout/seed").asLong()).isEqualTo(7);
    assertThat(result.at("/params/lambda").asDouble()).isEqualTo(0.02);
    assertThat(result.at("/reproduction/run_id")).isEqualTo(first.get("run_id"));
    // twelve coefficients, three metrics and the number of rows
    assertThat(result.at("/reproduction/compared").asInt()).isEqualTo(16);
    assertThat(result.at("/reproduction/differences")).isEmpty();
    assertThat(result.at("/reproduction/largest_difference").asDouble()).isLessThan(1e-9);
    assertThat(result.at("/metrics/rmse").asDouble())
        .isCloseTo(
            first.at("/metrics/rmse").asDouble(),
            org.assertj.core.api.Assertions.withinPercentage(1e-7));

    JobRuns.Outcome tuned = jobs().reproduction("--version", "3");
    assertThat(tuned.code()).as(tuned.error()).isEqualTo(ExitCode.DONE);
    assertThat(tuned.result().at("/model/version").asText()).isEqualTo("3");
    JobRuns.Outcome newest = jobs().reproduction("--version", "challenger");
    assertThat(newest.code()).as(newest.error()).isEqualTo(ExitCode.DONE);
    assertThat(newest.result().at("/model/version").asText()).isEqualTo("4");

    // it left nothing behind
    assertThat(runs()).isEqualTo(runs);
    assertThat(connection.registry().versions(model)).hasSize(4);
  }

  @Test
  void whatDiffersIsNamedAndWhatIsGoneIsSaid() throws IOException {
    JsonNode first = train(new TrainingJob(), 1000, "learning.reg-param=0.02");
    train(new TrainingJob(), 1200, "learning.reg-param=0.01");
    Path file =
        server
            .artifacts()
            .resolve(first.get("experiment_id").asText())
            .resolve(first.get("run_id").asText())
            .resolve("artifacts/coefficients.json");
    String honest = Files.readString(file);
    JsonNode forged = JSON.readTree(honest);
    ArrayNode row = (ArrayNode) forged.get("data").get(1);
    assertThat(row.get(0).asText()).isEqualTo("fixed acidity");
    row.set(2, row.get(2).asDouble() * (1 + 1e-6) + 1e-6);
    Files.writeString(file, forged.toString());

    JobRuns.Outcome other = jobs().reproduction("--version", "1");

    assertThat(other.code()).isEqualTo(ExitCode.FAILED);
    assertThat(other.error())
        .startsWith("Version 1 of " + model + ", trained again from version 0 of ")
        .contains("came out different: 1 of 16 values differ by more than 1.0E-9")
        .contains("coefficient of fixed acidity: expected ")
        .contains("Code commit, Spark version and settings are those of the training");
    assertThat(other.result().at("/reproduction/differences/0/name").asText())
        .isEqualTo("coefficient of fixed acidity");
    Files.writeString(file, honest);
    assertThat(jobs().reproduction("--version", "1").code()).isEqualTo(ExitCode.DONE);

    SparkSession session = SparkTest.session();
    session.conf().set("spark.databricks.delta.retentionDurationCheck.enabled", "false");
    session.sql("VACUUM delta.`" + folder.resolve("tables/wine") + "` RETAIN 0 HOURS");
    JobRuns.Outcome vacuumed = jobs().reproduction("--version", "1");
    assertThat(vacuumed.code()).isEqualTo(ExitCode.DATA_REFUSED);
    assertThat(vacuumed.error())
        .contains("it was trained from version 0 of the table", "VACUUM has removed");

    Files.delete(file);
    JobRuns.Outcome lost = jobs().reproduction("--version", "1");
    assertThat(lost.code()).isEqualTo(ExitCode.TRACKING);
    assertThat(lost.error()).contains("has no file coefficients.json");
    for (String[] words : List.of(new String[0], new String[] {"--version", "9"})) {
      assertThat(jobs().reproduction(words).code()).isEqualTo(ExitCode.USAGE);
    }
  }
}
