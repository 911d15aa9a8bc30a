package sparkmlflow.databricks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.ArtifactStore;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.databricks.storage.AzureBlob;
import sparkmlflow.databricks.storage.AzureDataLake;
import sparkmlflow.databricks.storage.PartSizes;
import sparkmlflow.databricks.storage.PresignedParts;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.tracking.TrackingCalls;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.Renewable;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.SignedUrl;
import sparkmlflow.wire.StorageCalls;

/**
 * A run's files in the storage behind a workspace, under URLs that the workspace signs.
 *
 * <p>Built from MLflow 3.17.2 ({@code databricks_artifact_repo.py}); tested only against a
 * stand-in.
 */
public final class SignedArtifactStore implements ArtifactStore {

  // MLflow's batch size: with fewer there are many calls, with more some URLs expire unused
  private static final int ADDRESSES_AT_ONCE = 50;

  private static final String WRITE = "artifacts/credentials-for-write";
  private static final String READ = "artifacts/credentials-for-read";

  private final TrackingCalls tracking;
  private final RestCalls rest;
  private final StorageCalls storage;
  private final String runId;
  private final PartSizes sizes;
  private final Transfers transfers;

  public SignedArtifactStore(
      TrackingCalls tracking,
      RestCalls rest,
      StorageCalls storage,
      String runId,
      PartSizes sizes,
      Transfers transfers) {
    this.tracking = tracking;
    this.rest = rest;
    this.storage = storage;
    this.runId = runId;
    this.sizes = sizes;
    this.transfers = transfers;
  }

  /** The kind of storage behind a URL, under Databricks' names. */
  public enum Kind {
    AWS_PRESIGNED_URL,
    GCP_SIGNED_URL,
    AZURE_SAS_URI,
    AZURE_ADLS_GEN2_SAS_URI
  }

  /** The URL of one file, with its path below the run's artifact root. */
  private record Credential(String path, SignedUrl url, Kind kind) {}

  @Override
  public void upload(LocalFiles local, String artifactPath) {
    String folder = StoredFile.prefix(artifactPath);
    each(WRITE, local.files(), file -> folder + file.path(), this::put);
  }

  private void put(LocalFiles.LocalFile file, Credential credential) {
    String path = credential.path();
    String operation = "upload " + path + " of run " + runId;
    Renewable address = renewable(WRITE, credential);
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
    each(
        READ,
        listed,
        StoredFile::path,
        (file, credential) ->
            storage.fetch(
                "download " + file.path() + " of run " + runId,
                renewable(READ, credential),
                file.size(),
                folder.resolve(file.below(artifactPath))));
  }

  /** Does the work for each file with its URL; the URLs are requested in batches. */
  private <T> void each(
      String call, List<T> files, Function<T, String> path, BiConsumer<T, Credential> work) {
    for (int from = 0; from < files.size(); from += ADDRESSES_AT_ONCE) {
      List<T> batch = files.subList(from, Math.min(from + ADDRESSES_AT_ONCE, files.size()));
      Map<String, Credential> found = credentials(call, batch.stream().map(path).toList());
      transfers.each(
          batch, file -> work.accept(file, Objects.requireNonNull(found.get(path.apply(file)))));
    }
  }

  private Renewable renewable(String call, Credential first) {
    return new Renewable(
        first.url(),
        () -> {
          Map<String, Credential> fresh = credentials(call, List.of(first.path()));
          return Objects.requireNonNull(fresh.get(first.path())).url();
        });
  }

  /** A URL for each path. */
  private Map<String, Credential> credentials(String call, List<String> paths) {
    String operation = "get signed addresses for files of run " + runId;
    Map<String, Credential> found = new HashMap<>();
    String pageToken = "";
    do {
      ObjectNode body = RestCalls.JSON.createObjectNode().put("run_id", runId);
      paths.forEach(body.putArray("path")::add);
      if (!pageToken.isEmpty()) {
        body.put("page_token", pageToken);
      }
      JsonNode answer = rest.post(operation, call, body);
      JsonNode infos = answer.path("credential_infos");
      for (JsonNode info : infos) {
        Credential credential = credential(operation, info);
        found.put(credential.path(), credential);
      }
      pageToken = infos.isEmpty() ? "" : answer.path("next_page_token").asText("");
    } while (!pageToken.isEmpty());
    for (String path : paths) {
      if (!found.containsKey(path)) {
        throw MlflowException.refused(
            operation, "the workspace returned none for " + path + ". Run the job again.");
      }
    }
    return found;
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
          "the workspace keeps its files in storage of type \"%s\", which this version does not support, or returned an invalid URL."
              .formatted(type));
    }
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    return tracking.files(runId).below(artifactPath);
  }
}
