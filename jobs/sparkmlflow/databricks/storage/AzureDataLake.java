package sparkmlflow.databricks.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.Answers;
import sparkmlflow.wire.Renewable;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.SignedUrl;
import sparkmlflow.wire.StorageCalls;

/**
 * Uploads and lists files in Azure Data Lake Storage Gen2. A file is created empty, appended to and
 * flushed; readers see its full length only after the flush.
 *
 * <p>Built from Azure's documentation and MLflow 3.17.2 ({@code azure/client.py}); tested only
 * against a stand-in.
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

  /** Writes the file and replaces an existing one. */
  public void put(String operation, LocalFiles.LocalFile file, Renewable address) {
    address.use(
        url -> storage.send(operation, "PUT", known(url, OF_CREATION).with("resource=file")));
    boolean whole = file.size() > 0 && file.size() <= sizes.part();
    // Azure has no limit for the number of parts
    for (PartSizes.Part part : sizes.split(file, Integer.MAX_VALUE)) {
      String query = "action=append&position=" + part.from() + (whole ? "&flush=true" : "");
      address.use(
          url -> storage.send(operation, "PATCH", known(url, OF_UPDATE).with(query), part::body));
    }
    if (!whole) {
      String query = "action=flush&position=" + file.size();
      address.use(url -> storage.send(operation, "PATCH", known(url, OF_UPDATE).with(query)));
    }
  }

  /**
   * Every file below a path, with paths relative to the root.
   *
   * @param root path of the store in the container, without a slash at either end
   * @param container URL of the container with {@code resource=filesystem} in its query
   * @see <a
   *     href="https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/list">Path
   *     - List</a>
   */
  List<StoredFile> list(String operation, String root, String artifactPath, Renewable container) {
    String directory = artifactPath.isEmpty() ? root : root + "/" + artifactPath;
    List<StoredFile> files = new ArrayList<>();
    String continuation = "";
    do {
      String query = "recursive=true&directory=" + RestCalls.encoded(directory) + continuation;
      HttpResponse<String> answer =
          container.use(url -> storage.send(operation, "GET", url.with(query)));
      try {
        for (JsonNode path : RestCalls.JSON.readTree(answer.body()).path("paths")) {
          String name = Answers.text(operation, path, "name");
          if (!path.path("isDirectory").asBoolean() && name.startsWith(directory + "/")) {
            long size = path.path("contentLength").asLong(0);
            files.add(new StoredFile(name.substring(root.length() + 1), size));
          }
        }
      } catch (JsonProcessingException e) {
        throw MlflowException.refused(operation, "the storage's listing is not JSON.");
      }
      continuation =
          answer
              .headers()
              .firstValue("x-ms-continuation")
              .filter(token -> !token.isEmpty())
              .map(token -> "&continuation=" + RestCalls.encoded(token))
              .orElse("");
    } while (!continuation.isEmpty());
    return files;
  }

  private static SignedUrl known(SignedUrl url, Pattern names) {
    return url.with(AzureBlob.known(url.headers(), names));
  }
}
