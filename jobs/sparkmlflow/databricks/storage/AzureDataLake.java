package sparkmlflow.databricks.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import sparkmlflow.MlflowException;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.FileBodies;
import sparkmlflow.wire.LocalFiles;
import sparkmlflow.wire.Part;
import sparkmlflow.wire.Renewable;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.SignedUrl;
import sparkmlflow.wire.StorageCalls;

/**
 * A file in Azure Data Lake Storage Gen2: created empty, appended to, and seen at its full length
 * after a flush.
 *
 * <p>Built from Azure's documentation and from reading MLflow 3.17.2 ({@code azure/client.py}), and
 * tried against a stand-in only.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path">Data
 *     Lake Storage Gen2: paths</a>
 */
public final class AzureDataLake {

  private static final String OF_ALL =
      "x-ms-(date|version|lease-id|client-request-id|encryption-.*|cache-control|content-(type"
          + "|encoding|language|disposition)|properties|permissions|owner|group|acl)|if-.*";
  private static final Pattern OF_CREATION =
      Pattern.compile(OF_ALL + "|x-ms-(umask|proposed-lease-id|expiry-.*)");
  private static final Pattern OF_UPDATE = Pattern.compile(OF_ALL);

  private final StorageCalls storage;
  private final PartSizes sizes;

  public AzureDataLake(StorageCalls storage, PartSizes sizes) {
    this.storage = storage;
    this.sizes = sizes;
  }

  /** Writes the file, replacing what is there. */
  public void put(String operation, LocalFiles.LocalFile file, Renewable address) {
    address.use(
        url -> storage.send(operation, "PUT", known(url, OF_CREATION).with("resource=file")));
    boolean whole = file.size() > 0 && file.size() <= sizes.part();
    for (Part part : Part.of(file.size(), sizes.part())) {
      address.use(
          url ->
              storage.send(
                  operation,
                  "PATCH",
                  known(url, OF_UPDATE)
                      .with("action=append&position=" + part.from() + (whole ? "&flush=true" : "")),
                  () -> FileBodies.part(file.file(), part.from(), part.length())));
    }
    if (!whole) {
      address.use(
          url ->
              storage.send(
                  operation,
                  "PATCH",
                  known(url, OF_UPDATE).with("action=flush&position=" + file.size())));
    }
  }

  /**
   * Every file below a path, with paths relative to the root.
   *
   * @param root of the store in the container, without a slash at either end
   * @param container the container's address with {@code resource=filesystem} in its query
   * @see <a
   *     href="https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/list">Path
   *     - List</a>
   */
  List<StoredFile> list(String operation, String root, String artifactPath, Renewable container) {
    String directory = artifactPath.isEmpty() ? root : root + "/" + artifactPath;
    List<StoredFile> files = new ArrayList<>();
    String continuation = "";
    do {
      String query =
          "recursive=true&directory="
              + RestCalls.encoded(directory)
              + (continuation.isEmpty() ? "" : "&continuation=" + RestCalls.encoded(continuation));
      HttpResponse<String> answer =
          container.use(url -> storage.send(operation, "GET", url.with(query)));
      try {
        for (JsonNode path : RestCalls.JSON.readTree(answer.body()).path("paths")) {
          String name = Answers.text(operation, path, "name");
          if (!path.path("isDirectory").asBoolean() && name.startsWith(directory + "/")) {
            files.add(
                new StoredFile(
                    name.substring(root.length() + 1),
                    Answers.number(operation, path, "contentLength")));
          }
        }
      } catch (JsonProcessingException e) {
        throw MlflowException.refused(
            operation, "the storage answered its listing in another form than JSON.");
      }
      continuation = answer.headers().firstValue("x-ms-continuation").orElse("");
    } while (!continuation.isEmpty());
    return files;
  }

  private static SignedUrl known(SignedUrl url, Pattern names) {
    Map<String, String> headers = AzureBlob.known(url.headers(), names);
    return url.with(headers);
  }
}
