package sparkmlflow.databricks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
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
 * Signed addresses for the files of one run in a workspace, from {@code
 * mlflow/artifacts/credentials-for-write} and {@code -for-read}.
 *
 * <p>Built from reading MLflow 3.17.2 ({@code databricks_artifact_repo.py}) and tried against a
 * stand-in only.
 */
public final class RunCredentials {

  private final RestCalls rest;
  private final String runId;

  RunCredentials(RestCalls rest, String runId) {
    this.rest = rest;
    this.runId = runId;
  }

  /** What kind of storage an address leads to, under Databricks' names. */
  public enum Kind {
    AWS_PRESIGNED_URL,
    GCP_SIGNED_URL,
    AZURE_SAS_URI,
    AZURE_ADLS_GEN2_SAS_URI
  }

  /**
   * One file's address.
   *
   * @param path relative to the run's artifact root
   */
  public record Credential(String path, SignedUrl url, Kind kind) {}

  /** An address for each file that is to be written, in the order of the paths. */
  public List<Credential> forWriting(List<String> paths) {
    return all("artifacts/credentials-for-write", paths);
  }

  /** An address for each file that is to be read, in the order of the paths. */
  List<Credential> forReading(List<String> paths) {
    return all("artifacts/credentials-for-read", paths);
  }

  private List<Credential> all(String call, List<String> paths) {
    String operation = "get signed addresses for files of run " + runId;
    Map<String, Credential> found = new LinkedHashMap<>();
    String pageToken = "";
    do {
      ObjectNode body = RestCalls.JSON.createObjectNode().put("run_id", runId);
      ArrayNode list = body.putArray("path");
      paths.forEach(list::add);
      if (!pageToken.isEmpty()) {
        body.put("page_token", pageToken);
      }
      JsonNode answer = rest.post(operation, call, body);
      JsonNode infos = answer.path("credential_infos");
      infos.forEach(
          info -> found.put(Answers.text(operation, info, "path"), credential(operation, info)));
      pageToken = infos.isEmpty() ? "" : answer.path("next_page_token").asText("");
    } while (!pageToken.isEmpty());
    List<Credential> ordered = new ArrayList<>();
    for (String path : paths) {
      Credential credential = found.get(path);
      if (credential == null) {
        throw MlflowException.refused(
            operation, "the workspace gave none for " + path + ". Run the job again.");
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
          "the workspace keeps its files in a storage of type \""
              + type
              + "\", which this version does not know, or gave an address that is none.");
    }
  }
}
