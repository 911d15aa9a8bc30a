package sparkmlflow.registry;

import java.nio.file.Path;
import java.util.List;
import sparkmlflow.artifacts.VerifiedFolder;

/** A version, its complete model folder and the local folder to which that was downloaded. */
public record FetchedVersion(ModelVersion version, VerifiedFolder files, Path directory) {

  /** The files' paths below the directory, sorted. */
  public List<String> fileNames() {
    return files.files().paths();
  }
}
