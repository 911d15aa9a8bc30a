package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static winequality.data.WineFiles.GOOD;
import static winequality.data.WineFiles.HEADER;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mlflow.tracking.MlflowClient;
import testing.MlflowServer;
import testing.SparkTest;
import winequality.ExitCode;
import winequality.data.WineFiles;

/** What the data stage promises, shown by the whole job against a real MLflow server. */
class DataStageIT extends SparkTest {

  @TempDir Path folder;

  private final MlflowServer server = MlflowServer.serving();
  private final String model = "data-" + UUID.randomUUID();

  private JobRuns jobs = new JobRuns(SparkTest.session(), Path.of("unset"));

  @BeforeEach
  void runHere() {
    jobs =
        new JobRuns(
            spark(),
            folder,
            "mlflow.tracking-uri=" + server.uri(),
            "mlflow.experiment-name=" + model,
            "registry.model-name=" + model,
            "data.table=" + folder.resolve("tables/rows"),
            "data.quarantine-table=" + folder.resolve("tables/bad"),
            "data.files-table=" + folder.resolve("tables/files"),
            "data.profile-table=" + folder.resolve("tables/profiles"));
  }

  /** Prices are computed from the other columns plus noise with standard deviation 1. */
  @Test
  void anotherDataSetRunsThroughTheWholeJobByItsDescriptionAlone() throws Exception {
    Random random = new Random(7);
    List<String> lines = new ArrayList<>(List.of("price,rooms,living area,Baujahr (geschätzt)"));
    for (int i = 0; i < 2000; i++) {
      double area = 40 + 100 * random.nextDouble();
      int rooms = 1 + random.nextInt(8);
      int year = 1900 + random.nextInt(120);
      double price = 3 * area - 10 * rooms + 0.5 * (year - 1900) + 50 + random.nextGaussian();
      lines.add(String.format(Locale.ROOT, "%.4f,%d,%.3f,%d", price, rooms, area, year));
    }
    Path houses = WineFiles.write(folder.resolve("houses.csv"), lines);

    JobRuns.Outcome outcome =
        jobs.training(
            "--config",
            "src/test/resources/dataset/houses.conf",
            "--lambda",
            "0",
            "--set",
            "data.source=" + houses);

    assertThat(outcome.code()).as(outcome.error()).isEqualTo(ExitCode.DONE);
    JsonNode result = outcome.result();
    assertThat(result.get("status").asText()).isEqualTo("registered");
    assertThat(result.at("/rows/accepted").asLong()).isEqualTo(2000);
    assertThat(result.at("/metrics/rmse").asDouble()).isCloseTo(1.0, within(0.1));
    assertThat(result.at("/coefficients/living area").asDouble()).isCloseTo(3.0, within(0.01));
    assertThat(result.at("/coefficients/rooms").asDouble()).isCloseTo(-10.0, within(0.1));
    assertThat(result.get("coefficients").get("Baujahr (geschätzt)").asDouble())
        .isCloseTo(0.5, within(0.01));
    assertThat(result.at("/model/aliases").toString()).contains("champion");
    String artifacts =
        new MlflowClient(server.uri().toString())
            .sendGet("artifacts/list?path=model&run_id=" + result.get("run_id").asText());
    assertThat(artifacts).contains("model/model.onnx", "model/sparkml");
  }

  @Test
  void anOlderVersionIsTrainedFromAgainAndTakesNothingIn() throws IOException {
    List<String> wines = WineFiles.redLines();
    Path source = folder.resolve("wines.csv");
    WineFiles.write(source, wines.subList(0, 800));
    JsonNode first = trained("data.source=" + source);
    WineFiles.write(source, wines);
    JsonNode second = trained("data.source=" + source);
    assertThat(second.at("/table/version").asLong()).isEqualTo(1);
    assertThat(second.get("coefficients")).isNotEqualTo(first.get("coefficients"));

    JsonNode again = trained("data.source=" + source, "data.table-version=0");

    assertThat(again.at("/table/version").asLong()).isZero();
    assertThat(again.get("coefficients")).isEqualTo(first.get("coefficients"));
    assertThat(again.get("metrics")).isEqualTo(first.get("metrics"));
    assertThat(again.at("/rows/read").isNull()).isTrue();
    assertThat(again.at("/rows/test")).isEqualTo(first.at("/rows/test"));
    assertThat(
            new MlflowClient(server.uri().toString())
                .getRun(again.get("run_id").asText())
                .getData()
                .getParamsList())
        .anyMatch(param -> param.getKey().equals("tableVersion") && param.getValue().equals("0"));
    // and the table is unchanged since the second job
    assertThat(trained("data.source=" + source).at("/table/version").asLong()).isEqualTo(1);

    JobRuns.Outcome missing = jobs.training("--set", "data.table-version=9");
    assertThat(missing.code()).isEqualTo(ExitCode.DATA_REFUSED);
    assertThat(missing.error()).contains("version 9");
  }

  @Test
  void aRefusedSourceEndsWithThreeAndTheResultFileSaysWhichRowsAndWhy() {
    Path source =
        WineFiles.write(
            folder.resolve("bad.csv"), HEADER, GOOD, GOOD.replaceAll("5$", "11"), GOOD + ",1");
    JobRuns.Outcome refused = jobs.training("--set", "data.source=" + source);

    assertThat(refused.code()).isEqualTo(ExitCode.DATA_REFUSED);
    assertThat(refused.result().get("status").asText()).isEqualTo("failed");
    assertThat(refused.error())
        .contains("Quarantined 2 of 3 rows (66.7 %; limit", "data.max-quarantine-fraction");
    assertThat(refused.result().at("/rows/read").asLong()).isEqualTo(3);
    assertThat(refused.result().at("/rows/accepted").asLong()).isEqualTo(1);
    assertThat(refused.result().at("/rows/quarantined").asLong()).isEqualTo(2);
    assertThat(refused.result().at("/quarantine/by_rule/quality-out-of-range").asLong())
        .as(refused.result().get("quarantine").toString())
        .isEqualTo(1);
    assertThat(folder.resolve("tables/rows")).doesNotExist();

    for (List<String> lines : List.of(List.<String>of(), List.of(HEADER), List.of(GOOD))) {
      Path other = WineFiles.write(folder.resolve("other.csv"), lines);
      JobRuns.Outcome outcome = jobs.training("--set", "data.source=" + other);
      assertThat(outcome.code()).as(lines.toString()).isEqualTo(ExitCode.DATA_REFUSED);
      assertThat(outcome.error()).contains("other.csv");
    }
  }

  private JsonNode trained(String... assignments) {
    List<String> words = new ArrayList<>();
    for (String assignment : assignments) {
      words.addAll(List.of("--set", assignment));
    }
    JobRuns.Outcome outcome = jobs.training(words.toArray(String[]::new));
    assertThat(outcome.code()).as(outcome.error()).isEqualTo(ExitCode.DONE);
    return outcome.result();
  }
}
