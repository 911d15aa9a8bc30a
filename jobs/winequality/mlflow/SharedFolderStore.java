package winequality.mlflow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** A version's files in a folder that this machine shares with the catalog's server. */
final class SharedFolderStore implements ArtifactStore {

  private final Path root;
  private final String owner;

  SharedFolderStore(Path root, String owner) {
    this.root = root;
    this.owner = owner;
  }

  /** Whether this machine has the folder. */
  boolean isHere() {
    return Files.isDirectory(root);
  }

  @Override
  public void upload(LocalFiles files, String artifactPath) {
    Path folder = root.resolve(artifactPath);
    for (LocalFiles.LocalFile file : files.files()) {
      copy("bring the files of " + owner, file.file(), folder.resolve(file.path()));
    }
  }

  @Override
  public void download(List<StoredFile> files, String artifactPath, Path folder) {
    for (StoredFile file : files) {
      String operation = "download " + file.path() + " of " + owner;
      Path place = root.resolve(file.path());
      if (!Files.exists(place)) {
        throw new DamagedFilesException(operation, place + " is not there any more.");
      }
      copy(operation, place, folder.resolve(file.below(artifactPath)));
    }
  }

  private void copy(String operation, Path from, Path to) {
    try {
      Files.createDirectories(to.resolve("..").normalize());
      Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw MlflowException.refused(
          operation,
          "the catalog keeps its files in %s, and copying there or from there failed: %s. This machine has to share that folder with the catalog's server."
              .formatted(root, e),
          e);
    }
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    Path folder = root.resolve(artifactPath);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    String below = ArtifactStore.prefix(artifactPath);
    return LocalFiles.at(folder).files().stream()
        .map(file -> new StoredFile(below + file.path(), file.size()))
        .toList();
  }
}
