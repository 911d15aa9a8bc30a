package sparkmlflow.databricks.storage;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.wire.Renewable;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.StorageCalls;

/**
 * Uploads a file to Azure Blob Storage as blocks and commits them with a block list, so readers
 * never see part of it.
 *
 * <p>Built from Azure's documentation and MLflow 3.17.2 ({@code azure/client.py}); tested only
 * against a stand-in.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/storageservices/put-block">Put Block</a>
 * @see <a href="https://learn.microsoft.com/rest/api/storageservices/put-block-list">Put Block
 *     List</a>
 */
public final class AzureBlob {

  // Azure rejects a request with a header that its operation does not know
  private static final Pattern OF_BLOCK =
      Pattern.compile(
          "x-ms-(date|version|lease-id|client-request-id|encryption-.*|content-crc64)|authorization");
  private static final Pattern OF_LIST =
      Pattern.compile(
          OF_BLOCK.pattern() + "|x-ms-(blob-(?!type).*|meta-.*|tags|access-tier)|date|if-.*");
  // Azure's limit
  private static final int MOST_BLOCKS = 50_000;

  private final StorageCalls storage;
  private final PartSizes sizes;

  public AzureBlob(StorageCalls storage, PartSizes sizes) {
    this.storage = storage;
    this.sizes = sizes;
  }

  public void put(String operation, LocalFiles.LocalFile file, Renewable address) {
    StringBuilder list = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
    for (PartSizes.Part part : sizes.split(file, MOST_BLOCKS)) {
      // Azure requires block ids of equal length
      byte[] uuid = UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8);
      String id = Base64.getEncoder().encodeToString(uuid);
      address.use(
          url -> {
            Map<String, String> headers = new HashMap<>(known(url.headers(), OF_BLOCK));
            headers.put("x-ms-blob-type", "BlockBlob");
            return storage.send(
                operation,
                "PUT",
                url.with(headers).with("comp=block&blockid=" + RestCalls.encoded(id)),
                part::body);
          });
      list.append("<Uncommitted>").append(id).append("</Uncommitted>");
    }
    String body = list.append("</BlockList>").toString();
    address.use(
        url ->
            storage.send(
                operation,
                "PUT",
                url.with(known(url.headers(), OF_LIST)).with("comp=blocklist"),
                () -> BodyPublishers.ofString(body)));
  }

  static Map<String, String> known(Map<String, String> headers, Pattern names) {
    Map<String, String> kept = new HashMap<>(headers);
    kept.keySet().removeIf(name -> !names.matcher(name.toLowerCase(Locale.ROOT)).matches());
    return kept;
  }
}
