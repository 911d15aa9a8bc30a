package sparkmlflow.databricks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sparkmlflow.MlflowException;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.SignedUrl;

/**
 * Signed URLs for the files of one run in a workspace, from {@code
 * mlflow/artifacts/credentials-for-write} and {@code -for-read}.
 *
 * <p>Built from MLflow 3.17.2 ({@code databricks_artifact_repo.py}); tested only against a
 * stand-in.
 */
public record RunCredentials(RestCalls rest, String runId) {

  /** The kind of storage behind a URL, under Databricks' names. */
  public enum Kind {
    AWS_PRESIGNED_URL,
    GCP_SIGNED_URL,
    AZURE_SAS_URI,
    AZURE_ADLS_GEN2_SAS_URI
  }

  /** The URL of one file, with its path below the run's artifact root. */
  record Credential(String path, SignedUrl url, Kind kind) {}

  /** One URL for writing each file, in the order of the paths; so does {@link #forReading}. */
  List<Credential> forWriting(List<String> paths) {
    return all("artifacts/credentials-for-write", paths);
  }

  List<Credential> forReading(List<String> paths) {
    return all("artifacts/credentials-for-read", paths);
  }

  private List<Credential> all(String call, List<String> paths) {
    String operation = "get signed addresses for files of run " + runId;
    Map<String, Credential> found = new LinkedHashMap<>();
    String pageToken = "";
    do {
      ObjectNode body = RestCalls.JSON.createObjectNode().put("run_id", runId);
      paths.forEach(body.putArray("path")::add);
      if (!pageToken.isEmpty()) {
        body.put("page_token", pageToken);
      }
      JsonNode answer = rest.post(operation, call, body);
      JsonNode infos = answer.path("credential_infos");
      for (JsonNode info : infos) {
        Credential credential = credential(operation, info);
        found.put(credential.path(), credential);
      }
      pageToken = infos.isEmpty() ? "" : answer.path("next_page_token").asText("");
    } while (!pageToken.isEmpty());
    List<Credential> ordered = new ArrayList<>();
    for (String path : paths) {
      Credential credential = found.get(path);
      if (credential == null) {
        throw MlflowException.refused(
            operation, "the workspace returned none for " + path + ". Run the job again.");
      }
      ordered.add(credential);
    }
    return ordered;
  }

  private static Credential credential(String operation, JsonNode info) {
    String type = Answers.text(operation, info, "type");
    try {
      return new Credential(
          Answers.text(operation, info, "path"),
          SignedUrl.in(operation, info, "signed_uri"),
          Kind.valueOf(type));
    } catch (IllegalArgumentException e) {
      throw MlflowException.refused(
          operation,
          "the workspace keeps its files in storage of type \"%s\", which this version does not support, or returned an invalid URL."
              .formatted(type));
    }
  }
}
