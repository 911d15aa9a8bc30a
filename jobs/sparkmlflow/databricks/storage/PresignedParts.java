package sparkmlflow.databricks.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.Renewable;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.SignedUrl;
import sparkmlflow.wire.StorageCalls;

/**
 * Uploads a large file to S3 in parts; the workspace starts and completes the upload.
 *
 * <p>Built from MLflow 3.17.2 ({@code databricks_artifact_repo.py}); tested only against a
 * stand-in.
 */
public final class PresignedParts {

  // S3's limit
  private static final int MOST_PARTS = 10_000;

  private final RestCalls rest;
  private final StorageCalls storage;
  private final String runId;
  private final PartSizes sizes;

  public PresignedParts(RestCalls rest, StorageCalls storage, String runId, PartSizes sizes) {
    this.rest = rest;
    this.storage = storage;
    this.runId = runId;
    this.sizes = sizes;
  }

  /** Writes the file. If a part fails, the upload is aborted. */
  public void put(String operation, LocalFiles.LocalFile file, String path) {
    List<PartSizes.Part> parts = sizes.split(file, MOST_PARTS);
    JsonNode begun =
        rest.post(
            operation,
            "artifacts/create-multipart-upload",
            upload(path).put("num_parts", parts.size()));
    String uploadId = Answers.text(operation, begun, "upload_id");
    try {
      ObjectNode end = upload(path).put("upload_id", uploadId);
      ArrayNode etags = end.putArray("part_etags");
      for (PartSizes.Part part : parts) {
        JsonNode given = begun.path("upload_credential_infos").path(part.number() - 1);
        Renewable address =
            new Renewable(
                SignedUrl.in(operation, given, "signed_uri"),
                () -> freshPart(operation, path, uploadId, part.number()));
        etags
            .addObject()
            .put("part_number", part.number())
            .put("etag", etag(operation, storage.putPart(operation, part::body, address)));
      }
      rest.tell(operation, "artifacts/complete-multipart-upload", end);
    } catch (MlflowException e) {
      JsonNode abort = begun.path("abort_credential_info");
      try {
        storage.send(operation, "DELETE", SignedUrl.in(operation, abort, "signed_uri"));
      } catch (MlflowException notAborted) {
        // the parts stay until the bucket cleans up
        e.addSuppressed(notAborted);
      }
      throw e;
    }
  }

  private SignedUrl freshPart(String operation, String path, String uploadId, int number) {
    Map<String, String> query =
        Map.of(
            "run_id", runId,
            "path", path,
            "upload_id", uploadId,
            "part_number", String.valueOf(number));
    JsonNode answer = rest.get(operation, "artifacts/get-presigned-upload-part-url", query);
    return SignedUrl.in(operation, answer.path("upload_credential_info"), "signed_uri");
  }

  private ObjectNode upload(String path) {
    return RestCalls.JSON.createObjectNode().put("run_id", runId).put("path", path);
  }

  private static String etag(String operation, Optional<String> etag) {
    return etag.orElseThrow(
        () ->
            MlflowException.refused(
                operation, "the storage's answer lacks the header ETag of the part."));
  }
}
