package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mlflow.api.proto.Service;
import org.mlflow.tracking.MlflowClient;
import sparkmlflow.LogLines;
import testing.MlflowServer;
import testing.SparkTest;

/** What a tuning logs to its run and child runs, against a real MLflow server. */
class TuningIT extends SparkTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  /** What the last tuning logged. */
  private List<String> informed = List.of();

  private final MlflowServer server = MlflowServer.serving();
  private final MlflowClient mlflow = new MlflowClient(server.uri().toString());

  @Test
  void everyPointIsARunAndARowOfTheTable() throws IOException {
    JsonNode result =
        tune(
            "tuning.grid.reg-params=[0, 0.05, 0.5]",
            "tuning.elastic-net-params=[0.5, 1]",
            "tuning.folds=3",
            "tuning.fold-seeds=[7, 8]",
            "tuning.absolute-error=true",
            "tuning.child-runs=point");

    // there is no smaller one
    assertThat(result.at("/tuning/lambda").asDouble()).isZero();
    assertThat(informed).noneMatch(TuningIT::saysSmallest);
    List<JsonNode> table = table(result);
    assertThat(table).hasSize(6);
    assertThat(table.get(0).fieldNames())
        .toIterable()
        .contains("mae", "rmse_repetition_0_fold_0", "rmse_repetition_1_fold_2");
    for (JsonNode row : table) {
      double sum = 0;
      for (int fold = 0; fold < 6; fold++) {
        sum += row.get("rmse_repetition_%d_fold_%d".formatted(fold / 3, fold % 3)).asDouble();
      }
      assertThat(row.get("rmse").asDouble()).isCloseTo(sum / 6, within(1e-12));
      assertThat(row.get("mae").asDouble()).isBetween(0.1, row.get("rmse").asDouble());
    }
    assertThat(result.at("/tuning/repetitions").asInt()).isEqualTo(2);
    assertThat(result.at("/tuning/fold_sqls")).hasSize(2);
    assertThat(result.at("/tuning/fold_sqls/0")).isEqualTo(result.at("/tuning/fold_sql"));
    List<Service.Run> children = children(result);
    assertThat(children).hasSize(6);
    for (Service.Run child : children) {
      assertThat(child.getInfo().getStatus()).isEqualTo(Service.RunStatus.FINISHED);
      JsonNode row =
          table.stream()
              .filter(
                  r ->
                      r.get("alpha").asText().equals(param(child, "alpha"))
                          && r.get("lambda").asText().equals(param(child, "lambda")))
              .findFirst()
              .orElseThrow();
      for (String measure : List.of("rmse", "mse", "r2", "mae")) {
        assertThat(metric(child, "cv_best_" + measure))
            .as(measure)
            .isEqualTo(row.get(measure).asDouble());
      }
    }
    // one pass for the folds, one for the absolute errors
    assertThat(result.at("/stages/2/name").asText()).isEqualTo("tuning");
    assertThat(result.at("/stages/2/jobs").asInt()).isEqualTo(2);
  }

  @Test
  void bestIsWhatTheMeasureAndTheRuleCallBest() throws IOException {
    JsonNode result =
        tune("tuning.path-length=25", "tuning.measure=mse", "tuning.rule=one-standard-error");

    assertThat(informed)
        .anyMatch(line -> line.startsWith("cross-validation of "))
        .noneMatch(TuningIT::saysSmallest);
    List<JsonNode> table = table(result);
    JsonNode winner = oneStandardError(table, smallestMse(table).get("alpha"));
    assertThat(result.at("/tuning/lambda").asDouble()).isEqualTo(winner.get("lambda").asDouble());
    assertThat(winner.get("lambda").asDouble())
        .isGreaterThan(smallestMse(table).get("lambda").asDouble());
    Service.Run parent = mlflow.getRun(result.get("run_id").asText());
    assertThat(metric(parent, "cv_best_mse")).isEqualTo(winner.get("mse").asDouble());
    assertThat(param(parent, "cvMeasure")).isEqualTo("MSE");
    assertThat(param(parent, "lambda")).isEqualTo(result.at("/tuning/lambda").asText());
    List<Service.Run> children = children(result);
    assertThat(children).hasSize(3);
    for (Service.Run child : children) {
      JsonNode alpha = JSON.readTree(param(child, "alpha"));
      assertThat(metric(child, "cv_best_mse"))
          .as("alpha %s", alpha)
          .isEqualTo(oneStandardError(table, alpha).get("mse").asDouble());
    }
  }

  @Test
  void withoutChildrenTheParentHasTheWholePath() throws IOException {
    JsonNode result = tune("tuning.path-length=10", "tuning.child-runs=none");

    assertThat(informed).anyMatch(TuningIT::saysSmallest);
    assertThat(children(result)).isEmpty();
    String runId = result.get("run_id").asText();
    List<JsonNode> table = table(result);
    for (String alpha : List.of("0.0", "0.5", "1.0")) {
      List<Double> course =
          mlflow.getMetricHistory(runId, "cv_rmse_alpha_" + alpha).stream()
              .sorted(Comparator.comparingLong(Service.Metric::getStep))
              .map(Service.Metric::getValue)
              .toList();
      assertThat(course)
          .isEqualTo(
              table.stream()
                  .filter(row -> row.get("alpha").asText().equals(alpha))
                  .map(row -> row.get("rmse").asDouble())
                  .toList());
    }
  }

  private static boolean saysSmallest(String line) {
    return line.startsWith("The winner has the smallest lambda that was tried");
  }

  private static JsonNode smallestMse(List<JsonNode> table) {
    return table.stream()
        .min(Comparator.comparingDouble(row -> row.get("mse").asDouble()))
        .orElseThrow();
  }

  /** The rule in words: the largest λ of this α within one standard error of the minimum. */
  private static JsonNode oneStandardError(List<JsonNode> table, JsonNode alpha) {
    List<JsonNode> mixture = table.stream().filter(row -> row.get("alpha").equals(alpha)).toList();
    JsonNode best = smallestMse(mixture);
    double limit = best.get("mse").asDouble() + best.get("mse_se").asDouble();
    return mixture.stream()
        .filter(row -> row.get("mse").asDouble() <= limit)
        .max(Comparator.comparingDouble(row -> row.get("lambda").asDouble()))
        .orElseThrow();
  }

  private JsonNode tune(String... assignments) {
    JobRuns jobs =
        new JobRuns(
            spark(),
            folder,
            "mlflow.tracking-uri=" + server.uri(),
            "registry.model-name=tuned-" + UUID.randomUUID(),
            "data.table=" + folder.resolve("tables/wine"),
            "data.quarantine-table=" + folder.resolve("tables/quarantine"),
            "data.profile-table=" + folder.resolve("tables/profiles"));
    LogLines log = LogLines.record("winequality.app.training.Tuning");
    try {
      return jobs.run(new TuningJob(), assignments);
    } finally {
      log.end();
      informed = log.recorded();
    }
  }

  /** The rows of {@code cv_results.json} by column. */
  private List<JsonNode> table(JsonNode result) throws IOException {
    String runId = result.get("run_id").asText();
    String root = URI.create(mlflow.getRun(runId).getInfo().getArtifactUri()).getPath();
    JsonNode table;
    try (InputStream file =
        server
            .uri()
            .resolve("/api/2.0/mlflow-artifacts/artifacts" + root + "/cv_results.json")
            .toURL()
            .openStream()) {
      table = JSON.readTree(file);
    }
    List<JsonNode> rows = new ArrayList<>();
    for (JsonNode row : table.get("data")) {
      ObjectNode byColumn = JSON.createObjectNode();
      for (int column = 0; column < row.size(); column++) {
        byColumn.set(table.at("/columns/" + column).asText(), row.get(column));
      }
      assertThat(byColumn).hasSize(table.get("columns").size());
      rows.add(byColumn);
    }
    return rows;
  }

  private List<Service.Run> children(JsonNode result) {
    return mlflow
        .searchRuns(
            List.of(result.get("experiment_id").asText()),
            "tags.mlflow.parentRunId = '" + result.get("run_id").asText() + "'",
            Service.ViewType.ACTIVE_ONLY,
            100,
            List.of())
        .getItems();
  }

  private static double metric(Service.Run run, String name) {
    return run.getData().getMetricsList().stream()
        .filter(metric -> metric.getKey().equals(name))
        .mapToDouble(Service.Metric::getValue)
        .findFirst()
        .orElseThrow();
  }

  private static String param(Service.Run run, String name) {
    return run.getData().getParamsList().stream()
        .filter(param -> param.getKey().equals(name))
        .map(Service.Param::getValue)
        .findFirst()
        .orElseThrow();
  }
}
