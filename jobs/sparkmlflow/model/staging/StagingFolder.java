package sparkmlflow.model.staging;

import java.io.IOException;
import java.nio.file.Path;

/** A folder that driver and executors share, for one pipeline only and deleted after use. */
public interface StagingFolder {

  /** Where Spark saves the pipeline, or loads it from. */
  String pipeline();

  /** Copies the pipeline that Spark saved, without checksum files, to the driver's disk. */
  void fetch(Path target) throws IOException;

  /** Copies a pipeline from the driver's disk to where Spark will load it. */
  void bring(Path source) throws IOException;

  /** Deletes the folder and its contents; a failure is logged, not thrown. */
  void delete();
}
