package winequality.tracking;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import winequality.mlflow.LocalFiles;
import winequality.mlflow.MlflowConnection;
import winequality.mlflow.MlflowException;
import winequality.mlflow.Run;
import winequality.mlflow.RunArtifacts;
import winequality.mlflow.VerifiedFolder;
import winequality.model.ModelFolder;

/** What a run stores as files, in the forms that jobs have it in. */
final class RunFiles {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter PYTHON_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

  private final MlflowConnection connection;
  private final Run run;
  private final ActiveRun.Ownership ownership;
  private final RunArtifacts artifacts;

  /**
   * Stores under the run's artifact root.
   *
   * @throws MlflowException if files cannot be stored there
   */
  RunFiles(MlflowConnection connection, Run run, ActiveRun.Ownership ownership) {
    this.connection = connection;
    this.run = run;
    this.ownership = ownership;
    this.artifacts = connection.artifacts(run);
  }

  void text(String artifactPath, String content) {
    bytes(artifactPath, content.getBytes(StandardCharsets.UTF_8));
  }

  void bytes(String artifactPath, byte[] content) {
    int slash = artifactPath.lastIndexOf('/');
    String folder = slash < 0 ? "" : artifactPath.substring(0, slash);
    try {
      Path temporary = Files.createTempDirectory("winequality-artifact");
      Path file = temporary.resolve(artifactPath.substring(slash + 1));
      try {
        Files.write(file, content);
        artifacts.upload(LocalFiles.at(file), folder);
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a temporary file for " + artifactPath, e);
    }
  }

  void json(String artifactPath, Object value) {
    try {
      text(artifactPath, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot write " + artifactPath + " as JSON", e);
    }
  }

  /** What {@code mlflow.log_table} sets as a tag beside its files. */
  static String tables(Collection<String> artifactPaths) {
    ArrayNode tables = JSON.createArrayNode();
    for (String path : artifactPaths) {
      tables.addObject().put("path", path).put("type", "table");
    }
    return tables.toString();
  }

  void files(Path fileOrFolder, String artifactPath) {
    artifacts.upload(LocalFiles.at(fileOrFolder), artifactPath);
  }

  VerifiedFolder model(ModelFolder model) {
    if (ownership == ActiveRun.Ownership.ADOPTED
        && !artifacts.list(model.artifactPath()).isEmpty()) {
      throw MlflowException.refused(
          "log the model of run " + run.id(),
          "Run %s, which was adopted, has files under %s already, and a registered version may rest on them. Unset MLFLOW_RUN_ID, so that the job makes a run of its own."
              .formatted(run.id(), model.artifactPath()));
    }
    VerifiedFolder upload =
        artifacts.uploadVerified(
            LocalFiles.in(model.directory(), model.files()), model.artifactPath());
    ObjectNode json =
        JSON.createObjectNode()
            .put("run_id", run.id())
            .put("artifact_path", model.artifactPath())
            .put("utc_time_created", PYTHON_TIME.format(model.created()))
            .put("model_uuid", model.modelUuid());
    json.set("flavors", JSON.valueToTree(model.flavors()));
    connection.tracking().logModel(run.id(), model.modelUuid(), json.toString());
    return upload;
  }
}
