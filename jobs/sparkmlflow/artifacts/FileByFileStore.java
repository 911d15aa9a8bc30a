package sparkmlflow.artifacts;

import java.nio.file.Path;
import java.util.List;
import sparkmlflow.tracking.StoredFile;

/** A store that transfers each file with a separate call, several files in parallel. */
public abstract class FileByFileStore implements ArtifactStore {

  private final String owner;
  private final Transfers transfers;

  /**
   * Names the store's owner.
   *
   * @param owner for messages, such as {@code run 7} or {@code version 7 of a.b.c}
   */
  public FileByFileStore(String owner, Transfers transfers) {
    this.owner = owner;
    this.transfers = transfers;
  }

  protected String owner() {
    return owner;
  }

  /** Writes or replaces the file at a path relative to the store's root. */
  protected abstract void put(String operation, LocalFiles.LocalFile file, String path);

  /** Fetches a file, whose path is relative to the store's root. */
  protected abstract void fetch(String operation, StoredFile file, Path target);

  @Override
  public void upload(LocalFiles local, String artifactPath) {
    transfers.each(
        local.files(),
        file -> {
          String path = StoredFile.prefix(artifactPath) + file.path();
          put("upload " + path + " of " + owner, file, path);
        });
  }

  @Override
  public void download(List<StoredFile> files, String artifactPath, Path folder) {
    transfers.each(
        files,
        file ->
            fetch(
                "download " + file.path() + " of " + owner,
                file,
                folder.resolve(file.below(artifactPath))));
  }
}
