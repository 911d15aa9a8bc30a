package sparkmlflow.artifacts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import sparkmlflow.DamagedFilesException;
import sparkmlflow.MlflowException;
import sparkmlflow.tracking.StoredFile;

/** Fetches from a store, and tells files that are lost from a server that fails. */
public final class StoreDownload {

  private static final int NOT_FOUND = 404;

  private final ArtifactStore store;
  private final String operation;
  private final String root;

  /**
   * Downloads from one store.
   *
   * @param operation completes "Could not ..."
   * @param root where the store is, for messages
   */
  public StoreDownload(ArtifactStore store, String operation, String root) {
    this.store = store;
    this.operation = operation;
    this.root = root;
  }

  /**
   * Fetches every file that is listed, and returns the listing, with paths relative to the folder.
   *
   * @param path in the store; empty for its root
   * @param folder on this machine, absent or empty
   */
  public List<StoredFile> into(Path folder, String path) {
    List<StoredFile> listed = store.list(path);
    if (listed.isEmpty()) {
      throw new DamagedFilesException(
          operation,
          "the server lists no file under " + (path.isEmpty() ? root : root + "/" + path) + ".");
    }
    requireUnused(folder);
    try {
      store.download(listed, path, folder);
    } catch (DamagedFilesException e) {
      throw e;
    } catch (MlflowException e) {
      if (e.status().orElse(0) == NOT_FOUND) {
        throw new DamagedFilesException(
            operation, "the server lists a file that it has not. " + e.getMessage(), e);
      }
      throw e;
    }
    return listed.stream().map(file -> new StoredFile(file.below(path), file.size())).toList();
  }

  /**
   * The content of a small file.
   *
   * @throws DamagedFilesException if it arrives in another size than the server lists
   */
  public byte[] content(StoredFile listed) {
    String path = listed.path();
    int slash = path.lastIndexOf('/');
    try {
      Path folder = Files.createTempDirectory("winequality-artifact");
      Path file = folder.resolve(path.substring(slash + 1));
      try {
        store.download(List.of(listed), path.substring(0, Math.max(0, slash)), folder);
        byte[] content = Files.readAllBytes(file);
        if (content.length != listed.size()) {
          throw new DamagedFilesException(
              operation,
              "%d bytes arrived instead of %d.".formatted(content.length, listed.size()));
        }
        return content;
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep a temporary file for " + path, e);
    }
  }

  private static void requireUnused(Path folder) {
    try {
      Files.createDirectories(folder);
      try (Stream<Path> children = Files.list(folder)) {
        if (children.findAny().isPresent()) {
          throw new IllegalArgumentException("the folder " + folder + " is not empty");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder " + folder, e);
    }
  }
}
