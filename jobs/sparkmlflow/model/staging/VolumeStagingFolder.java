package sparkmlflow.model.staging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A staging folder in a Databricks volume: Spark uses its address, the driver the mount of the same
 * name on its disk.
 *
 * <p>MLflow's Python does the same ({@code mlflow/spark/__init__.py}; in dedicated mode since
 * mlflow#18672). No workspace has run this class.
 */
public final class VolumeStagingFolder implements StagingFolder {

  private static final Logger LOG = LoggerFactory.getLogger(VolumeStagingFolder.class);
  private static final String VOLUMES = "/Volumes/";

  private final Path root;
  private final Path mounted;
  private final String pipeline;

  private VolumeStagingFolder(Path root, String pipeline) throws IOException {
    this.root = root;
    this.mounted = root.resolve("pipeline");
    this.pipeline = pipeline;
    Files.createDirectories(root);
  }

  /**
   * The folder, if it is in a volume and the driver can create it through the volume's mount.
   *
   * @param folder the staging folder as Hadoop's path
   * @param fallback scheme of the default file system; {@code dbfs} on Databricks only
   * @param disk the root of the driver's disk
   */
  public static Optional<StagingFolder> of(
      org.apache.hadoop.fs.Path folder, String fallback, Path disk) {
    String scheme = folder.toUri().getScheme();
    String path = folder.toUri().getPath();
    boolean volume =
        fallback.equals("dbfs")
            && (scheme == null || scheme.equals("dbfs"))
            && path.startsWith(VOLUMES);
    if (!volume) {
      return Optional.empty();
    }
    Path root = disk.resolve(path.substring(1));
    // /Volumes/catalog/schema/volume: without a mount, the folder would be on a disk that executors
    // cannot see
    String mount = Stream.of(path.split("/")).limit(5).collect(Collectors.joining("/"));
    if (!Files.isDirectory(disk.resolve(mount.substring(1)))) {
      return Optional.empty();
    }
    try {
      return Optional.of(new VolumeStagingFolder(root, folder + "/pipeline"));
    } catch (IOException e) {
      LOG.info(
          "{} cannot be created through the volume's mount, so Hadoop is used: {}",
          root,
          e.toString());
      return Optional.empty();
    }
  }

  @Override
  public String pipeline() {
    return pipeline;
  }

  @Override
  public void fetch(Path target) throws IOException {
    copy(mounted, target);
  }

  @Override
  public void bring(Path source) throws IOException {
    copy(source, mounted);
  }

  /** Copies files without attributes, which a mount does not support. */
  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        if (!file.toString().endsWith(".crc")) {
          Path copy = to.resolve(from.relativize(file).toString());
          Files.createDirectories(Objects.requireNonNull(copy.getParent()));
          Files.copy(file, copy);
          if (Files.size(copy) != Files.size(file)) {
            throw new IOException(
                "Copied %d of %d bytes of %s".formatted(Files.size(copy), Files.size(file), file));
          }
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause(); // from the walk
    }
  }

  @Override
  public void delete() {
    if (!FileUtil.fullyDelete(root.toFile())) {
      LOG.warn("Could not delete the staging folder {}; delete it by hand", root);
    }
  }
}
