package winequality.mlflow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Fetches a whole folder of a store, and tells files that are lost from a server that fails. */
final class StoreDownload {

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
  StoreDownload(ArtifactStore store, String operation, String root) {
    this.store = store;
    this.operation = operation;
    this.root = root;
  }

  /**
   * Fetches every file that is listed, and returns the listing.
   *
   * @param path in the store; empty for its root
   * @param folder on this machine, absent or empty
   */
  List<StoredFile> into(Path folder, String path) {
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
    return listed;
  }

  /** What has arrived of a listing. */
  static LocalFiles received(Path folder, String path, List<StoredFile> listed) {
    return LocalFiles.in(folder, listed.stream().map(file -> file.below(path)).sorted().toList());
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
