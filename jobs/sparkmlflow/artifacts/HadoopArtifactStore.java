package sparkmlflow.artifacts;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import sparkmlflow.MlflowException;
import sparkmlflow.tracking.StoredFile;

/**
 * Files of a run or a logged model in storage that the job writes to directly with its own
 * credentials, as an MLflow server without {@code --serve-artifacts} expects: {@code s3}, {@code
 * abfss}, {@code gs}, {@code hdfs} and every other scheme that Hadoop has a file system for.
 *
 * <p>The storage lists the files, because such a server may lack access to it.
 */
public final class HadoopArtifactStore extends FileByFileStore {
  private final Configuration configuration;
  private final URI root;

  public HadoopArtifactStore(
      Configuration configuration, String owner, URI root, Transfers transfers) {
    super(owner, transfers);
    this.configuration = configuration;
    this.root = root;
  }

  /** Connects to nothing; throws {@link MlflowException} if Hadoop lacks the root's file system. */
  public static HadoopArtifactStore of(
      Configuration configuration, String owner, String artifactUri, Transfers transfers) {
    URI uri = new Path(artifactUri).toUri();
    if (uri.getScheme().equals("s3") && unknown("s3", configuration).isPresent()) {
      // outside Databricks and EMR Hadoop calls S3 s3a; the server keeps its address
      uri = URI.create(uri.toString().replaceFirst("^s3:", "s3a:"));
    }
    String scheme = uri.getScheme();
    Optional<Exception> unknown = unknown(scheme, configuration);
    if (unknown.isPresent()) {
      throw MlflowException.refused(
          "store files of " + owner,
          "its artifact root is %s, and Spark has no file system for %s (%s). Add its jar (--packages, such as org.apache.hadoop:hadoop-aws for s3a) and credentials (spark.hadoop.fs...), or start the server with --serve-artifacts --artifacts-destination %s://... so that the server writes there."
              .formatted(artifactUri, scheme, unknown.get().getMessage(), scheme),
          unknown.get());
    }
    return new HadoopArtifactStore(configuration, owner, uri, transfers);
  }

  private static Optional<Exception> unknown(String scheme, Configuration configuration) {
    try {
      FileSystem.getFileSystemClass(scheme, configuration);
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      // unchecked if the configured class is not on the class path
      return Optional.of(e);
    }
  }

  @FunctionalInterface
  private interface Work<T> {
    T with(FileSystem files) throws IOException;
  }

  private <T> T within(String operation, Work<T> work) {
    try {
      // cached and shared by the whole JVM, so never closed here
      return work.with(FileSystem.get(root, configuration));
    } catch (IOException e) {
      throw MlflowException.refused(
          operation,
          "%s: %s. The job writes to %s with its own credentials (spark.hadoop.fs...); check them and the rights there."
              .formatted(root, e, root.getScheme()),
          e);
    }
  }

  @Override
  protected void put(String operation, LocalFiles.LocalFile file, String path) {
    within(
        operation,
        files -> {
          // not Hadoop's own copy, which looks for checksum files next to the local file
          try (OutputStream out = files.create(place(path), true)) {
            return Files.copy(file.file(), out);
          }
        });
  }

  @Override
  protected void fetch(String operation, StoredFile file, java.nio.file.Path target) {
    within(
        operation,
        files -> {
          Files.createDirectories(target.resolve("..").normalize());
          try (InputStream in = files.open(place(file.path()))) {
            return Files.copy(in, target);
          }
        });
  }

  @Override
  public List<StoredFile> list(String artifactPath) {
    return within(
        "list the files of " + owner(),
        files -> {
          Path folder = place(artifactPath);
          String base = files.makeQualified(place("")).toUri().getPath() + "/";
          List<StoredFile> found = new ArrayList<>();
          try {
            RemoteIterator<LocatedFileStatus> all = files.listFiles(folder, true);
            while (all.hasNext()) {
              LocatedFileStatus file = all.next();
              String path = file.getPath().toUri().getPath();
              found.add(new StoredFile(path.substring(base.length()), file.getLen()));
            }
          } catch (FileNotFoundException e) {
            return List.of();
          }
          return found;
        });
  }

  private Path place(String path) {
    Path place = new Path(root);
    if (!path.isEmpty()) {
      // not parsed: a name may contain characters with a meaning in URIs
      for (String name : path.split("/", -1)) {
        place = new Path(place, new Path(null, null, name));
      }
    }
    return place;
  }
}
