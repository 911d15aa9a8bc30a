package sparkmlflow.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import sparkmlflow.MlflowConnection;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.RunArtifacts;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.model.ModelFolder;
import sparkmlflow.tracking.Run;
import sparkmlflow.wire.LocalFiles;

/** What a run stores as files, in the forms that jobs have it in. */
final class RunFiles {

  private static final ObjectMapper JSON =
      new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
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

  void upload(Path fileOrFolder, String artifactPath) {
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
    LoggedModel logged =
        new LoggedModel(
            run.id(),
            model.artifactPath(),
            PYTHON_TIME.format(model.created()),
            model.modelUuid(),
            model.flavors());
    connection
        .tracking()
        .logModel(run.id(), model.modelUuid(), JSON.valueToTree(logged).toString());
    return upload;
  }

  private record LoggedModel(
      String runId, String artifactPath, String utcTimeCreated, String modelUuid, Object flavors) {}
}
