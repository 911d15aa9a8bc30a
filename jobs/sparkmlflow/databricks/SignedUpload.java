package sparkmlflow.databricks;

import java.util.List;
import sparkmlflow.databricks.storage.AzureBlob;
import sparkmlflow.databricks.storage.AzureDataLake;
import sparkmlflow.databricks.storage.PartSizes;
import sparkmlflow.databricks.storage.PresignedParts;
import sparkmlflow.wire.LocalFiles;
import sparkmlflow.wire.Renewable;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.StorageCalls;

/** Writes one file of a run under the address it was given, in the way its storage wants. */
public final class SignedUpload {

  private final RestCalls rest;
  private final StorageCalls storage;
  private final RunCredentials credentials;
  private final String runId;
  private final PartSizes sizes;

  public SignedUpload(
      RestCalls rest,
      StorageCalls storage,
      RunCredentials credentials,
      String runId,
      PartSizes sizes) {
    this.rest = rest;
    this.storage = storage;
    this.credentials = credentials;
    this.runId = runId;
    this.sizes = sizes;
  }

  /** Writes the file; an address that the storage refuses is asked for once more. */
  public void put(
      String operation, LocalFiles.LocalFile file, RunCredentials.Credential credential) {
    String path = credential.path();
    Renewable address =
        new Renewable(credential.url(), () -> credentials.forWriting(List.of(path)).get(0).url());
    switch (credential.kind()) {
      case AWS_PRESIGNED_URL -> {
        if (file.size() > sizes.presignedFrom()) {
          new PresignedParts(rest, storage, runId, sizes).put(operation, file, path);
        } else {
          storage.put(operation, file, address);
        }
      }
      case GCP_SIGNED_URL -> storage.put(operation, file, address);
      case AZURE_SAS_URI -> new AzureBlob(storage, sizes).put(operation, file, address);
      case AZURE_ADLS_GEN2_SAS_URI ->
          new AzureDataLake(storage, sizes).put(operation, file, address);
    }
  }
}
