package sparkmlflow.databricks;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.tracking.StoredFile;

/**
 * The files of a run in a Databricks workspace, under {@code dbfs:/databricks/mlflow-tracking}.
 * They travel through the Files API or, if the workspace refuses that, through signed URLs of the
 * storage behind it. The choice is made once per run. The tracking server lists the files in both
 * cases.
 *
 * <p>The order is that of MLflow 3.17.2 ({@code databricks_tracking_artifact_repo.py}). Its
 * internal path of the Files API is undocumented. Tested only against a stand-in.
 */
public final class WorkspaceArtifactStore implements ArtifactStore {

  private static final Logger LOG = LoggerFactory.getLogger(WorkspaceArtifactStore.class);

  private static final Pattern ROOT =
      Pattern.compile(
          "dbfs:(?://[^/]*)?/databricks/mlflow-tracking/([^/]+)/((?!tr-|logged_models)[^/]+)(/.*)?");

  private final ArtifactStore filesApi;
  private final ArtifactStore signed;
  private volatile boolean filesApiRefused;

  public WorkspaceArtifactStore(ArtifactStore filesApi, ArtifactStore signed) {
    this.filesApi = filesApi;
    this.signed = signed;
  }

  /** The Files API folder of an artifact root; empty if the root has another form. */
  public static Optional<String> folder(String artifactUri) {
    Matcher matcher = ROOT.matcher(artifactUri);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String rest = matcher.group(3) == null ? "" : matcher.group(3);
    return Optional.of(
        "/WorkspaceInternal/Mlflow/Artifacts/%s/Runs/%s%s"
            .formatted(matcher.group(1), matcher.group(2), rest));
  }

  @Override
  public void upload(LocalFiles local, String artifactPath) {
    oneOf(store -> store.upload(local, artifactPath));
  }

  @Override
  public void download(List<StoredFile> listed, String artifactPath, Path folder) {
    oneOf(store -> store.download(listed, artifactPath, folder));
  }

  private void oneOf(Consumer<ArtifactStore> work) {
    if (filesApiRefused) {
      work.accept(signed);
      return;
    }
    try {
      work.accept(filesApi);
    } catch (MlflowException e) {
      // without an answer signed URLs fail too: they come from the same workspace
      if (e.status().isEmpty()) {
        throw e;
      }
      LOG.info("{} Continuing with signed URLs.", e.getMessage());
      filesApiRefused = true;
      try {
        work.accept(signed);
      } catch (MlflowException second) {
        second.addSuppressed(e);
        throw second;
      }
    }
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    return signed.list(artifactPath);
  }
}
