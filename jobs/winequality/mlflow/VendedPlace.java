package winequality.mlflow;

import java.util.List;

/** One kind of storage, at the location of one version; paths are relative to it. */
interface VendedPlace {

  /** Writes a file, replacing what is there. */
  void put(String operation, LocalFiles.LocalFile file, String path);

  /** An address for reading a file. */
  Renewable reading(String path);

  /**
   * Every file below a directory, with paths relative to the directory.
   *
   * @param directory empty for the location itself
   */
  List<StoredFile> list(String operation, String directory);
}
