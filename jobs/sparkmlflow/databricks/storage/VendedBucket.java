package sparkmlflow.databricks.storage;

import java.io.StringReader;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import sparkmlflow.MlflowException;
import sparkmlflow.artifacts.FileByFileStore;
import sparkmlflow.artifacts.LocalFiles;
import sparkmlflow.artifacts.Transfers;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.Renewable;
import sparkmlflow.wire.RestCalls;
import sparkmlflow.wire.SignedUrl;
import sparkmlflow.wire.StorageCalls;

/**
 * A bucket of S3, or of Google Cloud Storage through its XML API, which lists and stores files the
 * same way.
 *
 * <p>Built from the clouds' documentation and MLflow 3.17.2; tested only against a stand-in.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html">S3:
 *     ListObjectsV2</a>
 * @see <a href="https://cloud.google.com/storage/docs/xml-api/get-bucket-list">Cloud Storage: list
 *     objects (XML API)</a>
 */
public final class VendedBucket extends FileByFileStore {

  // both clouds' limit for one request
  private static final long MOST_BYTES = 5L << 30;

  private final StorageCalls storage;
  private final URI bucket;
  private final String prefix;
  private final Login login;

  /**
   * @param bucket URL of the bucket, without a trailing slash
   * @param prefix without a slash at either end
   */
  public VendedBucket(
      String owner,
      Transfers transfers,
      StorageCalls storage,
      URI bucket,
      String prefix,
      Login login) {
    super(owner, transfers);
    this.storage = storage;
    this.bucket = bucket;
    this.prefix = prefix;
    this.login = login;
  }

  /** Signs a URL with fresh credentials each time it is called. */
  public interface Login {
    SignedUrl signed(String method, URI address);
  }

  @Override
  protected void put(String operation, LocalFiles.LocalFile file, String path) {
    if (file.size() > MOST_BYTES) {
      throw MlflowException.refused(
          operation,
          "it has %d bytes, and the storage takes at most %d in one request."
              .formatted(file.size(), MOST_BYTES));
    }
    storage.put(operation, file.file(), address("PUT", path));
  }

  @Override
  protected void fetch(String operation, StoredFile file, Path target) {
    storage.fetch(operation, address("GET", file.path()), file.size(), target);
  }

  private Renewable address(String method, String path) {
    URI address = URI.create(bucket + "/" + RestCalls.encodedPath(prefix + "/" + path));
    return new Renewable(() -> login.signed(method, address));
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    String operation = "list the files of " + owner();
    String below = prefix + "/" + StoredFile.prefix(artifactPath);
    List<StoredFile> files = new ArrayList<>();
    String continuation = "";
    do {
      String query = "?list-type=2&prefix=" + RestCalls.encoded(below) + continuation;
      Renewable address =
          new Renewable(() -> login.signed("GET", URI.create(bucket + "/" + query)));
      String page = address.use(url -> storage.send(operation, "GET", url)).body();
      try {
        String token = read(page, below, prefix.length() + 1, files);
        continuation = token.isEmpty() ? "" : "&continuation-token=" + RestCalls.encoded(token);
      } catch (XMLStreamException e) {
        throw MlflowException.refused(operation, "the storage's listing is not XML.");
      }
    } while (!continuation.isEmpty());
    return files;
  }

  /** Adds the files of a page and returns the token of the next page; empty on the last one. */
  private static String read(String page, String below, int root, List<StoredFile> files)
      throws XMLStreamException {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    XMLStreamReader xml = factory.createXMLStreamReader(new StringReader(page));
    String key = "";
    String token = "";
    while (xml.hasNext()) {
      if (xml.next() == XMLStreamReader.START_ELEMENT) {
        switch (xml.getLocalName()) {
          case "Key" -> key = xml.getElementText();
          case "Size" -> {
            long size = Long.parseLong(xml.getElementText().strip());
            // a key that ends with a slash is a folder created in the console
            if (key.startsWith(below) && !key.endsWith("/")) {
              files.add(new StoredFile(key.substring(root), size));
            }
          }
          case "NextContinuationToken" -> token = xml.getElementText();
          default -> {}
        }
      }
    }
    return token;
  }
}
