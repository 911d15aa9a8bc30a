package sparkmlflow.artifacts;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import sparkmlflow.MlflowException;
import sparkmlflow.tracking.FileListing;
import sparkmlflow.tracking.StoredFile;
import sparkmlflow.wire.RestCalls;

/**
 * The artifact proxy of an MLflow server ({@code mlflow server --serve-artifacts}): one PUT or GET
 * per file.
 *
 * <p>A host in {@code mlflow-artifacts://host:port/...} replaces the tracking server's host; the
 * path prefix stays. Such a host gets no credentials, because anyone who may create an experiment
 * chooses its address.
 */
public final class ProxyArtifactStore extends FileByFileStore {

  // the server decodes percent signs repeatedly and refuses a # in any encoding
  private static final Pattern CHANGED_BY_SERVER = Pattern.compile("%[0-9A-Fa-f]{2}|#|\\\\");

  private final RestCalls rest;
  private final FileListing listing;
  private final URI artifactUri;
  private final Duration timeout;

  public ProxyArtifactStore(
      RestCalls rest, FileListing listing, URI artifactUri, Duration timeout, Transfers transfers) {
    super(listing.owner(), transfers);
    this.rest = rest;
    this.listing = listing;
    this.artifactUri = artifactUri;
    this.timeout = timeout;
  }

  static URI root(URI server, URI artifactUri) {
    String authority =
        Objects.requireNonNullElse(artifactUri.getRawAuthority(), server.getRawAuthority());
    String path =
        (server.getRawPath() + "/api/2.0/mlflow-artifacts/artifacts/" + artifactUri.getRawPath())
            .replaceAll("/+", "/");
    return URI.create(server.getScheme() + "://" + authority + path);
  }

  @Override
  public void upload(LocalFiles files, String artifactPath) {
    for (LocalFiles.LocalFile file : files.files()) {
      String path = StoredFile.prefix(artifactPath) + file.path();
      if (CHANGED_BY_SERVER.matcher(path).find()) {
        throw MlflowException.refused(
            "upload " + path + " of " + owner(),
            "MLflow's artifact proxy refuses names with # or \\ and decodes sequences such as %20."
                + " Rename the file.");
      }
    }
    super.upload(files, artifactPath);
  }

  @Override
  protected void put(String operation, LocalFiles.LocalFile file, String path) {
    rest.put(operation, uri(path), file.file(), timeout);
  }

  @Override
  protected void fetch(String operation, StoredFile file, Path target) {
    rest.fetch(operation, uri(file.path()), file.size(), target, timeout);
  }

  private URI uri(String path) {
    URI root = root(rest.endpoint().base(), artifactUri);
    return URI.create(root + "/" + RestCalls.encodedPath(path));
  }

  @Override
  public Optional<StoredFile> find(String artifactPath) {
    return listing.find(artifactPath);
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    return listing.below(artifactPath);
  }
}
