package sparkmlflow.databricks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.databricks.storage.PartSizes;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.Renewable;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.SignedUrl;
import sparkmlflow.wire.StorageCalls;

/**
 * The Files API of a workspace: files under absolute paths ({@code /Volumes/...}, and internal
 * paths for runs and models). Small files go in one request, large ones in parts to signed URLs.
 *
 * <p>If the workspace does not offer parts (on Google Cloud it offers resumable uploads instead) or
 * they fail, the file is sent whole, up to the API's limit. Databricks' Python SDK does the same.
 *
 * <p>Built from Databricks' Python SDK 0.156 ({@code mixins/files.py}); tested only against a
 * stand-in.
 *
 * @see <a href="https://docs.databricks.com/api/workspace/files">Files API</a>
 */
public final class FilesApi {

  private static final Logger LOG = LoggerFactory.getLogger(FilesApi.class);
  private static final int MOST_PARTS = 100;
  private static final Duration URL_LIFE = Duration.ofHours(1);

  private final RestCalls rest;
  private final StorageCalls storage;
  private final Duration limit;
  private final PartSizes sizes;
  private final Clock clock;

  public FilesApi(
      RestCalls rest, StorageCalls storage, Duration limit, PartSizes sizes, Clock clock) {
    this.rest = rest;
    this.storage = storage;
    this.limit = limit;
    this.sizes = sizes;
    this.clock = clock;
  }

  /** Stores a file under an absolute path and replaces an existing one. */
  void put(String operation, LocalFiles.LocalFile file, String path) {
    boolean sent = false;
    if (file.size() >= sizes.filesApiFrom()) {
      try {
        sent = putParts(operation, file, path);
      } catch (MlflowException e) {
        if (e.status().isEmpty() || file.size() > sizes.filesApiWhole()) {
          throw e;
        }
        LOG.info("{} Sending the file in one request.", e.getMessage());
      }
    }
    if (!sent) {
      URI uri = rest.endpoint().api(files(path) + "?overwrite=true");
      rest.put(operation, uri, file.file(), limit);
    }
  }

  void fetch(String operation, String path, long bytes, Path target) {
    rest.fetch(operation, rest.endpoint().api(files(path)), bytes, target, limit);
  }

  /** Every file below a directory, with paths relative to it; empty if it does not exist. */
  List<StoredFile> list(String operation, String directory) {
    List<StoredFile> files = new ArrayList<>();
    try {
      rest.pages(
          operation,
          "/api/2.0/fs/directories" + RestCalls.encodedPath(directory),
          Map.of(),
          "contents",
          entry -> {
            String path = Answers.text(operation, entry, "path");
            String name = StoredFile.name(path);
            if (entry.path("is_directory").asBoolean()) {
              for (StoredFile inner : list(operation, directory + "/" + name)) {
                files.add(new StoredFile(name + "/" + inner.path(), inner.size()));
              }
            } else {
              // the workspace omits a size of 0
              files.add(new StoredFile(name, entry.path("file_size").asLong(0)));
            }
          });
    } catch (MlflowException e) {
      if (e.status().orElse(0) == 404) {
        return List.of();
      }
      throw e;
    }
    return files;
  }

  /** False if the workspace offers no parts. */
  private boolean putParts(String operation, LocalFiles.LocalFile file, String path) {
    JsonNode begun =
        rest.post(
            operation,
            files(path) + "?action=initiate-upload&overwrite=true",
            RestCalls.JSON.createObjectNode());
    String session = begun.path("multipart_upload").path("session_token").asText("");
    if (session.isEmpty()) {
      if (file.size() > sizes.filesApiWhole()) {
        throw MlflowException.refused(
            operation,
            "the workspace does not take parts, and %d bytes are more than it takes in one request (%d)."
                .formatted(file.size(), sizes.filesApiWhole()));
      }
      return false;
    }
    try {
      ObjectNode end = RestCalls.JSON.createObjectNode();
      ArrayNode parts = end.putArray("parts");
      for (PartSizes.Part part : sizes.split(file, MOST_PARTS)) {
        Renewable address =
            new Renewable(() -> partAddress(operation, path, session, part.number()));
        parts
            .addObject()
            .put("part_number", part.number())
            // Azure sends none; Databricks' own SDK passes it on empty
            .put("etag", storage.putPart(operation, part::body, address).orElse(""));
      }
      String query = "?action=complete-upload&upload_type=multipart&session_token=";
      rest.tell(operation, files(path) + query + RestCalls.encoded(session), end);
      return true;
    } catch (MlflowException e) {
      abort(operation, path, session, e);
      throw e;
    }
  }

  private SignedUrl partAddress(String operation, String path, String session, int number) {
    ObjectNode body = session(path, session).put("start_part_number", number).put("count", 1);
    JsonNode answer = rest.post(operation, "/api/2.0/fs/create-upload-part-urls", body);
    return SignedUrl.in(operation, answer.path("upload_part_urls").path(0), "url");
  }

  private void abort(String operation, String path, String session, MlflowException reason) {
    try {
      JsonNode answer =
          rest.post(operation, "/api/2.0/fs/create-abort-upload-url", session(path, session));
      SignedUrl url = SignedUrl.in(operation, answer.path("abort_upload_url"), "url");
      storage.send(operation, "DELETE", url);
    } catch (MlflowException e) {
      // the parts stay until the storage cleans up
      reason.addSuppressed(e);
    }
  }

  private ObjectNode session(String path, String session) {
    Instant end = clock.instant().plus(URL_LIFE).truncatedTo(ChronoUnit.SECONDS);
    return RestCalls.JSON
        .createObjectNode()
        .put("path", path)
        .put("session_token", session)
        .put("expire_time", end.toString());
  }

  private static String files(String path) {
    return "/api/2.0/fs/files" + RestCalls.encodedPath(path);
  }
}
