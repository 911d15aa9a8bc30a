package sparkmlflow.registry;

import java.nio.file.Path;
import java.util.List;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.wire.LocalFiles;

/**
 * A version with its files on this machine.
 *
 * @param files the model folder, whole
 * @param directory where it is on this machine
 */
public record FetchedVersion(ModelVersion version, VerifiedFolder files, Path directory) {

  /** The files' paths below the directory, ordered. */
  public List<String> fileNames() {
    return files.files().files().stream().map(LocalFiles.LocalFile::path).sorted().toList();
  }
}
