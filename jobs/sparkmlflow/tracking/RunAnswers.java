package sparkmlflow.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mlflow.api.proto.Service;
import sparkmlflow.wire.Answers;

/** Reads runs from the answers of a tracking server. */
final class RunAnswers {

  private RunAnswers() {}

  static Run run(String operation, Service.Run found) {
    Map<String, String> params = new LinkedHashMap<>();
    found.getData().getParamsList().forEach(p -> params.put(p.getKey(), p.getValue()));
    Map<String, Double> metrics = new LinkedHashMap<>();
    found.getData().getMetricsList().forEach(m -> metrics.put(m.getKey(), m.getValue()));
    Map<String, String> tags = new LinkedHashMap<>();
    found.getData().getTagsList().forEach(t -> tags.put(t.getKey(), t.getValue()));
    Service.RunInfo info = found.getInfo();
    if (!info.hasStatus()) {
      throw Answers.missing(operation, "status");
    }
    return new Run(
        Answers.text(operation, info.getRunId(), "run_id"),
        Answers.text(operation, info.getExperimentId(), "experiment_id"),
        info.getRunName(),
        Answers.text(operation, info.getArtifactUri(), "artifact_uri"),
        RunStatus.valueOf(info.getStatus().name()),
        info.getLifecycleStage().equals("deleted"),
        params,
        metrics,
        tags);
  }

  /** Reads the answer to a create; the new run has tags, but no params and metrics yet. */
  static Run created(String operation, JsonNode node) {
    JsonNode info = node.path("info");
    return new Run(
        Answers.text(operation, info, "run_id"),
        Answers.text(operation, info, "experiment_id"),
        info.path("run_name").asText(),
        Answers.text(operation, info, "artifact_uri"),
        RunStatus.valueOf(info.path("status").asText("RUNNING")),
        info.path("lifecycle_stage").asText().equals("deleted"),
        Map.of(),
        Map.of(),
        Answers.texts(operation, node.path("data").path("tags")));
  }
}
