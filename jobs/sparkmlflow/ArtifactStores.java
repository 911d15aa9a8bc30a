package sparkmlflow;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.FolderArtifactStore;
import sparkmlflow.artifacts.HadoopArtifactStore;
import sparkmlflow.artifacts.ProxyArtifactStore;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.databricks.FilesApi;
import sparkmlflow.databricks.FilesApiArtifactStore;
import sparkmlflow.databricks.SignedArtifactStore;
import sparkmlflow.databricks.WorkspaceArtifactStore;
import sparkmlflow.databricks.storage.PartSizes;
import sparkmlflow.tracking.Run;
import sparkmlflow.tracking.TrackingCalls;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.StorageCalls;

/** Chooses the store that a run's artifact root asks for. */
record ArtifactStores(
    MlflowSettings settings,
    RestCalls rest,
    TrackingCalls tracking,
    StorageCalls storage,
    PartSizes sizes,
    Configuration hadoop) {

  /**
   * The store of a run's files; sends nothing. Throws {@link MlflowException} for a root out of
   * reach.
   */
  ArtifactStore of(Run run) {
    String uri = run.artifactUri();
    String owner = "run " + run.id();
    Duration timeout = settings.http().uploadTimeout();
    Transfers transfers = new Transfers(settings.http().uploadThreads(), "the files of " + owner);
    if (uri.startsWith("mlflow-artifacts:")) {
      return new ProxyArtifactStore(rest, tracking, run, timeout, transfers);
    }
    if (uri.startsWith("file:") || !uri.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
      return FolderArtifactStore.of(tracking, run, transfers);
    }
    if (settings.trackingAddress() instanceof MlflowAddress.Workspace) {
      FilesApi files = new FilesApi(rest, storage, timeout, sizes, Clock.systemUTC());
      Optional<String> folder = WorkspaceArtifactStore.folder(uri);
      if (folder.isPresent()) {
        return new WorkspaceArtifactStore(
            new FilesApiArtifactStore(files, owner, folder.get(), transfers),
            new SignedArtifactStore(tracking, rest, storage, run.id(), sizes, transfers));
      }
      if (uri.startsWith("dbfs:/Volumes/")) {
        return new FilesApiArtifactStore(files, owner, uri.substring("dbfs:".length()), transfers);
      }
    }
    return HadoopArtifactStore.of(hadoop, run, transfers);
  }
}
