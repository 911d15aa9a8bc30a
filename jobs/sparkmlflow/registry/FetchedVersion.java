package sparkmlflow.registry;

import java.nio.file.Path;
import java.util.List;
import sparkmlflow.artifacts.VerifiedFolder;
import sparkmlflow.wire.LocalFiles;

/**
 * A version whose files have been downloaded.
 *
 * @param files the complete model folder
 * @param directory the local folder that holds them
 */
public record FetchedVersion(ModelVersion version, VerifiedFolder files, Path directory) {

  /** The files' paths below the directory, sorted. */
  public List<String> fileNames() {
    return files.files().files().stream().map(LocalFiles.LocalFile::path).sorted().toList();
  }
}
