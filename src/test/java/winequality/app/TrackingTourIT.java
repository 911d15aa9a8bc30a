package winequality.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mlflow.tracking.MlflowClient;
import testing.MlflowServer;
import winequality.ExitCode;
import winequality.app.job.JobRunner;

class TrackingTourIT {

  @TempDir Path folder;

  private final MlflowServer server = MlflowServer.serving();
  private final MlflowClient mlflow = new MlflowClient(server.uri().toString());
  private final String experiment = "tour " + UUID.randomUUID();

  @Test
  void theTourLeavesARunWithAParameterASteppedMetricAndAFile() throws Exception {
    JsonNode result = tour();

    assertThat(result.get("status").asText()).isEqualTo("logged");
    String runId = result.get("run_id").asText();
    var run = mlflow.getRun(runId);
    assertThat(run.getInfo().getStatus().name()).isEqualTo("FINISHED");
    assertThat(run.getData().getParamsList())
        .singleElement()
        .satisfies(
            param -> {
              assertThat(param.getKey()).isEqualTo("test_run_nof_runs_param1");
              assertThat(param.getValue()).isEqualTo("5");
            });
    var history = mlflow.getMetricHistory(runId, "RMSE");
    assertThat(history).extracting(metric -> metric.getStep()).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(history)
        .extracting(metric -> metric.getValue())
        .containsExactly(2.0, 4.0, 6.0, 8.0, 1.0);
    Path file =
        server
            .artifacts()
            .resolve(result.get("experiment_id").asText())
            .resolve(runId)
            .resolve("artifacts/output.txt");
    assertThat(Files.readAllLines(file)).hasSize(1);
    assertThat(run.getData().getTagsList())
        .anySatisfy(tag -> assertThat(tag.getValue()).contains("The tracking tour"));
  }

  @Test
  void aDryRunLeavesNothing() throws Exception {
    assertThat(tour("--dry-run").get("status").asText()).isEqualTo("dry-run");
    assertThat(mlflow.getExperimentByName(experiment)).isEmpty();
  }

  private JsonNode tour(String... more) throws Exception {
    Path result = folder.resolve("result.json");
    String[] arguments = {
      "--set", "mlflow.tracking-uri=" + server.uri(),
      "--set", "mlflow.experiment-name=" + experiment,
      "--result", result.toString()
    };
    String[] all = new String[arguments.length + more.length];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    ExitCode code =
        new JobRunner("tour", new TrackingTourJob(), Map.of(), Clock.systemUTC()).run(all);
    assertThat(code).isEqualTo(ExitCode.DONE);
    return new ObjectMapper().readTree(Files.readAllBytes(result));
  }
}
