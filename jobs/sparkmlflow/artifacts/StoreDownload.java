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

/** Downloads from a store at {@code root} and distinguishes damaged files from a failing server. */
public record StoreDownload(ArtifactStore store, String operation, String root) {

  /**
   * Fetches every file below a path and returns the listing with paths relative to the folder,
   * which is absent or empty.
   *
   * @throws DamagedFilesException if the listing is empty or a listed file is missing
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
      if (e.status().orElse(0) == 404) {
        throw new DamagedFilesException(
            operation, "the server lists a file but answers 404 for it. " + e.getMessage(), e);
      }
      throw e;
    }
    return listed.stream().map(file -> new StoredFile(file.below(path), file.size())).toList();
  }

  /** Throws {@link DamagedFilesException} if the file's size is not the listed one. */
  public byte[] content(StoredFile listed) {
    return TemporaryFolder.with(
        folder -> {
          store.download(List.of(listed), StoredFile.parent(listed.path()), folder);
          Path file = folder.resolve(StoredFile.name(listed.path()));
          byte[] content;
          try {
            content = Files.readAllBytes(file);
          } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
          }
          if (content.length != listed.size()) {
            throw new DamagedFilesException(
                operation,
                "%d bytes arrived instead of %d.".formatted(content.length, listed.size()));
          }
          return content;
        });
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
      throw new UncheckedIOException("cannot create the folder " + folder, e);
    }
  }
}
