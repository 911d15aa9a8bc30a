package sparkmlflow.databricks.storage;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import sparkmlflow.wire.FileBodies;
import sparkmlflow.wire.LocalFiles;
import sparkmlflow.wire.Part;
import sparkmlflow.wire.Renewable;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.StorageCalls;

/**
 * A file as blocks of a blob, put together by a list of blocks: no reader sees a part of it.
 *
 * <p>Built from Azure's documentation and from reading MLflow 3.17.2 ({@code azure/client.py}), and
 * tried against a stand-in only.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/storageservices/put-block">Put Block</a>
 * @see <a href="https://learn.microsoft.com/rest/api/storageservices/put-block-list">Put Block
 *     List</a>
 */
public final class AzureBlob {

  // Azure refuses a request with a header that its operation does not know
  private static final Pattern OF_BLOCK =
      Pattern.compile(
          "x-ms-(date|version|lease-id|client-request-id|encryption-.*|content-crc64)|authorization");
  private static final Pattern OF_LIST =
      Pattern.compile(
          OF_BLOCK.pattern() + "|x-ms-(blob-(?!type).*|meta-.*|tags|access-tier)|date|if-.*");
  // of Azure
  private static final int MOST_BLOCKS = 50_000;

  private final StorageCalls storage;
  private final PartSizes sizes;

  public AzureBlob(StorageCalls storage, PartSizes sizes) {
    this.storage = storage;
    this.sizes = sizes;
  }

  /** Writes the file. */
  public void put(String operation, LocalFiles.LocalFile file, Renewable address) {
    List<String> blocks = new ArrayList<>();
    for (Part part : Part.of(file.size(), sizes.forAtMost(MOST_BLOCKS, file.size()))) {
      // all of one length, as Azure wants them
      String id =
          Base64.getEncoder()
              .encodeToString(UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8));
      address.use(
          url ->
              storage.send(
                  operation,
                  "PUT",
                  url.with(block(url.headers()))
                      .with("comp=block&blockid=" + RestCalls.encoded(id)),
                  () -> FileBodies.part(file.file(), part.from(), part.length())));
      blocks.add(id);
    }
    StringBuilder list = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
    blocks.forEach(id -> list.append("<Uncommitted>").append(id).append("</Uncommitted>"));
    String body = list.append("</BlockList>").toString();
    address.use(
        url ->
            storage.send(
                operation,
                "PUT",
                url.with(known(url.headers(), OF_LIST)).with("comp=blocklist"),
                () -> BodyPublishers.ofString(body)));
  }

  private static Map<String, String> block(Map<String, String> headers) {
    Map<String, String> kept = new HashMap<>(known(headers, OF_BLOCK));
    kept.put("x-ms-blob-type", "BlockBlob");
    return kept;
  }

  /** The headers that an operation knows. */
  static Map<String, String> known(Map<String, String> headers, Pattern names) {
    Map<String, String> kept = new HashMap<>(headers);
    kept.keySet().removeIf(name -> !names.matcher(name.toLowerCase(Locale.ROOT)).matches());
    return kept;
  }
}
