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
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.LocalFiles;

/**
 * The files of a run in a Databricks workspace, under {@code dbfs:/databricks/mlflow-tracking}:
 * through the Files API, or, where the workspace refuses that, to and from the storage behind it
 * under signed addresses. Which way is open is found out once for a run. The listing is the
 * tracking server's, whatever the way was.
 *
 * <p>The order is that of MLflow 3.17.2 ({@code databricks_tracking_artifact_repo.py}), whose
 * internal path of the Files API no documentation names; built from reading and tried against a
 * stand-in only.
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

  /** The folder of the Files API that such an artifact root is, if it is one of these. */
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
      // without an answer the other way is closed too: it begins at the same workspace
      if (e.status().isEmpty()) {
        throw e;
      }
      LOG.info("{} Going on with signed addresses.", e.getMessage());
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
