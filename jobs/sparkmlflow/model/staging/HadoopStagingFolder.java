package sparkmlflow.model.staging;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A staging folder in any of Hadoop's file systems. */
public final class HadoopStagingFolder implements StagingFolder {

  private static final Logger LOG = LoggerFactory.getLogger(HadoopStagingFolder.class);

  private final FileSystem files;
  private final Path root;
  private final Path pipeline;

  public HadoopStagingFolder(Path root, Configuration hadoop) throws IOException {
    this.files = root.getFileSystem(hadoop);
    this.root = root;
    this.pipeline = files.makeQualified(new Path(root, "pipeline"));
    files.mkdirs(root);
    files.deleteOnExit(root); // if a signal stops the job
  }

  @Override
  public String pipeline() {
    return pipeline.toString();
  }

  @Override
  public void fetch(java.nio.file.Path target) throws IOException {
    copy(files, pipeline, target);
  }

  /** Copies all files below a staged folder, except checksum files. */
  public static void copy(FileSystem files, Path staged, java.nio.file.Path target)
      throws IOException {
    String prefix = staged.toUri().getPath() + "/";
    RemoteIterator<LocatedFileStatus> all = files.listFiles(staged, true);
    while (all.hasNext()) {
      LocatedFileStatus file = all.next();
      String path = file.getPath().toUri().getPath();
      if (!path.startsWith(prefix)) {
        throw new IOException(
            "Listing " + staged + " gave the file " + path + ", which is not below it");
      }
      if (path.endsWith(".crc")) {
        continue; // the consumer's file system does not know these checksums
      }
      java.nio.file.Path local = target.resolve(path.substring(prefix.length()));
      Files.createDirectories(Objects.requireNonNull(local.getParent()));
      try (InputStream in = files.open(file.getPath())) {
        long copied = Files.copy(in, local);
        if (copied != file.getLen()) {
          throw new IOException(
              "Copied " + copied + " of " + file.getLen() + " bytes of " + file.getPath());
        }
      }
    }
  }

  @Override
  public void bring(java.nio.file.Path source) throws IOException {
    files.copyFromLocalFile(new Path(source.toUri()), pipeline);
  }

  @Override
  public void delete() {
    try {
      files.delete(root, true);
      files.cancelDeleteOnExit(root);
    } catch (IOException e) {
      LOG.warn("Could not delete the staging folder {}; delete it by hand", root, e);
    }
  }
}
