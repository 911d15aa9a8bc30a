package sparkmlflow.databricks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.databricks.storage.AzureBlob;
import sparkmlflow.databricks.storage.AzureDataLake;
import sparkmlflow.databricks.storage.PartSizes;
import sparkmlflow.databricks.storage.PresignedParts;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.tracking.TrackingCalls;
import sparkmlflow.wire.Renewable;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.StorageCalls;

/** A run's files in the storage behind a workspace, under URLs that the workspace signs. */
public record SignedArtifactStore(
    TrackingCalls tracking,
    RestCalls rest,
    StorageCalls storage,
    String runId,
    PartSizes sizes,
    Transfers transfers)
    implements ArtifactStore {

  // MLflow's batch size: with fewer there are many calls, with more some URLs expire unused
  private static final int ADDRESSES_AT_ONCE = 50;

  private record Addressed<T>(T file, RunCredentials.Credential credential) {}

  @Override
  public void upload(LocalFiles local, String artifactPath) {
    String folder = StoredFile.prefix(artifactPath);
    for (List<LocalFiles.LocalFile> batch : batches(local.files())) {
      List<String> paths = batch.stream().map(file -> folder + file.path()).toList();
      transfers.each(
          addressed(batch, credentials().forWriting(paths)),
          each -> put(each.file(), each.credential()));
    }
  }

  private RunCredentials credentials() {
    return new RunCredentials(rest, runId);
  }

  /** Writes one file; if the storage rejects the URL, requests a fresh one once. */
  private void put(LocalFiles.LocalFile file, RunCredentials.Credential credential) {
    String path = credential.path();
    String operation = "upload " + path + " of run " + runId;
    Renewable address =
        new Renewable(credential.url(), () -> credentials().forWriting(List.of(path)).get(0).url());
    switch (credential.kind()) {
      case AWS_PRESIGNED_URL -> {
        if (file.size() > sizes.presignedFrom()) {
          new PresignedParts(rest, storage, runId, sizes).put(operation, file, path);
        } else {
          storage.put(operation, file.file(), address);
        }
      }
      case GCP_SIGNED_URL -> storage.put(operation, file.file(), address);
      case AZURE_SAS_URI -> new AzureBlob(storage, sizes).put(operation, file, address);
      case AZURE_ADLS_GEN2_SAS_URI ->
          new AzureDataLake(storage, sizes).put(operation, file, address);
    }
  }

  @Override
  public void download(List<StoredFile> listed, String artifactPath, Path folder) {
    for (List<StoredFile> batch : batches(listed)) {
      List<String> paths = batch.stream().map(StoredFile::path).toList();
      transfers.each(
          addressed(batch, credentials().forReading(paths)),
          each -> fetch(each.credential(), folder.resolve(each.file().below(artifactPath))));
    }
  }

  private void fetch(RunCredentials.Credential credential, Path target) {
    String path = credential.path();
    storage.fetch(
        "download " + path + " of run " + runId,
        new Renewable(credential.url(), () -> credentials().forReading(List.of(path)).get(0).url()),
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
