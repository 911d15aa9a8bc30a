package sparkmlflow.artifacts;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowException;
import sparkmlflow.tracking.FileListing;
import sparkmlflow.tracking.StoredFile;

/**
 * A folder that this process shares with the MLflow server ({@code mlflow server
 * --no-serve-artifacts} with a local root). Each file is copied to a temporary name in its target
 * folder and then renamed, so that no reader sees an incomplete file.
 *
 * <p>The server lists the files. If the two do not share the folder after all, its listing lacks
 * the files just written.
 */
public final class FolderArtifactStore extends FileByFileStore {
  private final FileListing listing;
  private final Path root;

  /** Throws {@link MlflowException} if the artifact root is a folder only on the server. */
  public FolderArtifactStore(FileListing listing, String artifactUri, Transfers transfers) {
    super(listing.owner(), transfers);
    this.listing = listing;
    this.root = root(listing.owner(), artifactUri);
  }

  private static Path root(String owner, String uri) {
    if (uri.startsWith("file:")) {
      URI parsed = URI.create(uri);
      if (parsed.getAuthority() == null && parsed.getPath() != null) {
        return Path.of(parsed.getPath());
      }
    } else if (Path.of(uri).isAbsolute()) {
      return Path.of(uri);
    }
    throw MlflowException.refused(
        "store files of " + owner,
        "its artifact root "
            + uri
            + " names a folder only on the server. Start the server with --serve-artifacts, or with"
            + " an absolute --default-artifact-root that this machine shares.");
  }

  @Override
  public void upload(LocalFiles files, String artifactPath) {
    // <top>/<experiment>/<run>/artifacts: the server creates these folders only with the first
    // file, so only the top tells whether this machine sees the server's disk (a logged model's
    // <top>/<experiment>/models/<id>/artifacts comes after its run's files)
    Path top = root;
    for (int up = 0; up < 3 && top.getParent() != null; up++) {
      top = top.getParent();
    }
    if (!Files.isDirectory(top) || !Files.isWritable(top)) {
      throw MlflowException.refused(
          "store files of " + owner(),
          "its artifact root is the folder %s, but %s %s on this machine. Start the server with --serve-artifacts, or let both share the folder."
              .formatted(root, top, Files.isDirectory(top) ? "is not writable" : "does not exist"));
    }
    super.upload(files, artifactPath);
  }

  @Override
  protected void put(String operation, LocalFiles.LocalFile file, String path) {
    Path place = root.resolve(path);
    Path temporary = place.resolveSibling("." + UUID.randomUUID() + ".part");
    try {
      Files.createDirectories(place.resolve("..").normalize());
      try {
        Files.copy(file.file(), temporary);
        Files.move(
            temporary, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw MlflowException.refused(operation, "copying to " + place + " failed: " + e + ".", e);
    }
  }

  @Override
  public void download(List<StoredFile> files, String artifactPath, Path target) {
    if (!Files.isDirectory(root)) {
      throw MlflowException.refused(
          "download files of " + owner(),
          "the server lists files in its folder "
              + root
              + ", which does not exist on this machine. Start the server with --serve-artifacts, or"
              + " let both share the folder.");
    }
    super.download(files, artifactPath, target);
  }

  @Override
  protected void fetch(String operation, StoredFile file, Path target) {
    Path place = root.resolve(file.path());
    try {
      Files.createDirectories(target.resolve("..").normalize());
      Files.copy(place, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException e) {
      throw new DamagedFilesException(
          operation, "the server lists it, but " + place + " does not exist.", e);
    } catch (IOException e) {
      throw MlflowException.refused(operation, "copying " + place + " failed: " + e + ".", e);
    }
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
