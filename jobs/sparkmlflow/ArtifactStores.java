package sparkmlflow;

import java.time.Clock;
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

/** Finds the way to a run's files that its artifact root asks for. */
final class ArtifactStores {

  private final MlflowSettings settings;
  private final RestCalls rest;
  private final TrackingCalls tracking;
  private final StorageCalls storage;
  private final FilesApi files;
  private final PartSizes sizes;
  private final Configuration hadoop;

  ArtifactStores(
      MlflowSettings settings,
      RestCalls rest,
      TrackingCalls tracking,
      StorageCalls storage,
      PartSizes sizes,
      Configuration hadoop) {
    this.settings = settings;
    this.rest = rest;
    this.tracking = tracking;
    this.storage = storage;
    this.sizes = sizes;
    this.hadoop = hadoop;
    this.files =
        new FilesApi(rest, storage, settings.http().uploadTimeout(), sizes, Clock.systemUTC());
  }

  /**
   * The store of a run's files. Nothing is sent.
   *
   * @throws MlflowException if this job cannot reach such a root
   */
  ArtifactStore of(Run run) {
    String uri = run.artifactUri();
    Transfers transfers =
        new Transfers(settings.http().uploadThreads(), "the files of run " + run.id());
    if (uri.startsWith("mlflow-artifacts:")) {
      return new ProxyArtifactStore(
          rest, tracking, run, settings.http().uploadTimeout(), transfers);
    }
    if (uri.startsWith("file:") || !uri.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
      return new FolderArtifactStore(tracking, run);
    }
    if (settings.trackingAddress() instanceof MlflowAddress.Workspace) {
      Optional<String> folder = WorkspaceArtifactStore.folder(uri);
      if (folder.isPresent()) {
        return new WorkspaceArtifactStore(
            new FilesApiArtifactStore(files, "run " + run.id(), folder.get(), transfers),
            new SignedArtifactStore(tracking, rest, storage, run.id(), sizes, transfers));
      }
      if (uri.startsWith("dbfs:/Volumes/")) {
        return new FilesApiArtifactStore(
            files, "run " + run.id(), uri.substring("dbfs:".length()), transfers);
      }
    }
    return new HadoopArtifactStore(hadoop, run, transfers);
  }
}
