package winequality.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mlflow.api.proto.Service;

/** Reads what a tracking server says about runs. */
final class RunAnswers {

  private RunAnswers() {}

  static Run run(Service.Run found) {
    Map<String, String> params = new LinkedHashMap<>();
    found.getData().getParamsList().forEach(p -> params.put(p.getKey(), p.getValue()));
    Map<String, Double> metrics = new LinkedHashMap<>();
    found.getData().getMetricsList().forEach(m -> metrics.put(m.getKey(), m.getValue()));
    Map<String, String> tags = new LinkedHashMap<>();
    found.getData().getTagsList().forEach(t -> tags.put(t.getKey(), t.getValue()));
    Service.RunInfo info = found.getInfo();
    return new Run(
        info.getRunId(),
        info.getExperimentId(),
        info.getRunName(),
        info.getArtifactUri(),
        RunStatus.valueOf(info.getStatus().name()),
        info.getLifecycleStage().equals("deleted"),
        params,
        metrics,
        tags);
  }

  /** The answer to a create, whose run has no data but its tags. */
  static Run created(JsonNode node) {
    JsonNode info = node.path("info");
    return new Run(
        info.path("run_id").asText(),
        info.path("experiment_id").asText(),
        info.path("run_name").asText(),
        info.path("artifact_uri").asText(),
        RunStatus.valueOf(info.path("status").asText("RUNNING")),
        info.path("lifecycle_stage").asText().equals("deleted"),
        Map.of(),
        Map.of(),
        RegistryAnswers.texts(node.path("data").path("tags")));
  }
}
