package sparkmlflow.model;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * Hadoop's {@code dbfs:} in the folder {@code volume.disk}. Spark can work in it; what the driver
 * does beside Spark is refused, to show which way it goes, if {@code volume.driver} is "mount".
 */
public final class VolumeFileSystem extends RawLocalFileSystem {

  private String disk = "";
  private boolean mountOnly;

  @Override
  public void initialize(URI uri, Configuration configuration) throws IOException {
    super.initialize(uri, configuration);
    disk = configuration.get("volume.disk");
    mountOnly = "mount".equals(configuration.get("volume.driver"));
  }

  @Override
  public URI getUri() {
    return URI.create("dbfs:///");
  }

  @Override
  public Path getWorkingDirectory() {
    return new Path("dbfs:///");
  }

  @Override
  public File pathToFile(Path path) {
    return new File(disk, makeQualified(path).toUri().getPath());
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    boolean file = pathToFile(path).isFile();
    return Arrays.stream(super.listStatus(path))
        .map(
            found ->
                at(
                    file ? path : new Path(path, new Path(null, null, found.getPath().getName())),
                    found))
        .toArray(FileStatus[]::new);
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    return at(path, super.getFileStatus(path));
  }

  /** By its address here; that of a local file is its place on this machine's disk. */
  private FileStatus at(Path path, FileStatus found) {
    return new FileStatus(
        found.getLen(),
        found.isDirectory(),
        1,
        1,
        found.getModificationTime(),
        makeQualified(path));
  }

  @Override
  public void copyFromLocalFile(Path from, Path to) throws IOException {
    refuse();
    super.copyFromLocalFile(from, to);
  }

  @Override
  public RemoteIterator<LocatedFileStatus> listFiles(Path path, boolean recursive)
      throws IOException {
    refuse();
    return super.listFiles(path, recursive);
  }

  private void refuse() {
    if (mountOnly) {
      throw new UnsupportedOperationException("not by Hadoop");
    }
  }
}
