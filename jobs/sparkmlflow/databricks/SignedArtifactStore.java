package sparkmlflow.databricks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.databricks.storage.PartSizes;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.tracking.TrackingCalls;
import sparkmlflow.wire.LocalFiles;
import sparkmlflow.wire.Renewable;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.StorageCalls;

/** A run's files in the storage behind a workspace, under addresses that the workspace signs. */
public final class SignedArtifactStore implements ArtifactStore {

  // MLflow's: fewer would be many calls, of more some would end before their turn
  private static final int ADDRESSES_AT_ONCE = 50;

  private final TrackingCalls tracking;
  private final RunCredentials credentials;
  private final SignedUpload signed;
  private final StorageCalls storage;
  private final String runId;
  private final Transfers transfers;

  public SignedArtifactStore(
      TrackingCalls tracking,
      RestCalls rest,
      StorageCalls storage,
      String runId,
      PartSizes sizes,
      Transfers transfers) {
    this.tracking = tracking;
    this.storage = storage;
    this.runId = runId;
    this.credentials = new RunCredentials(rest, runId);
    this.signed = new SignedUpload(rest, storage, credentials, runId, sizes);
    this.transfers = transfers;
  }

  /** A file and the address that it was given. */
  private record Addressed<T>(T file, RunCredentials.Credential credential) {}

  @Override
  public void upload(LocalFiles local, String artifactPath) {
    String folder = StoredFile.prefix(artifactPath);
    for (List<LocalFiles.LocalFile> batch : batches(local.files())) {
      List<RunCredentials.Credential> addresses =
          credentials.forWriting(batch.stream().map(file -> folder + file.path()).toList());
      transfers.each(
          addressed(batch, addresses),
          each ->
              signed.put(
                  "upload " + each.credential().path() + " of run " + runId,
                  each.file(),
                  each.credential()));
    }
  }

  @Override
  public void download(List<StoredFile> listed, String artifactPath, Path folder) {
    for (List<StoredFile> batch : batches(listed)) {
      List<RunCredentials.Credential> addresses =
          credentials.forReading(batch.stream().map(StoredFile::path).toList());
      transfers.each(
          addressed(batch, addresses),
          each -> fetch(each.credential(), folder.resolve(each.file().below(artifactPath))));
    }
  }

  private void fetch(RunCredentials.Credential credential, Path target) {
    String path = credential.path();
    storage.fetch(
        "download " + path + " of run " + runId,
        new Renewable(credential.url(), () -> credentials.forReading(List.of(path)).get(0).url()),
        target);
  }

  private static <T> List<Addressed<T>> addressed(
      List<T> files, List<RunCredentials.Credential> addresses) {
    List<Addressed<T>> pairs = new ArrayList<>();
    for (int at = 0; at < files.size(); at++) {
      pairs.add(new Addressed<>(files.get(at), addresses.get(at)));
    }
    return pairs;
  }

  private static <T> List<List<T>> batches(List<T> all) {
    List<List<T>> batches = new ArrayList<>();
    for (int from = 0; from < all.size(); from += ADDRESSES_AT_ONCE) {
      batches.add(all.subList(from, Math.min(from + ADDRESSES_AT_ONCE, all.size())));
    }
    return batches;
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    return tracking.artifacts(runId, artifactPath);
  }
}
