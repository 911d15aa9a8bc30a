package sparkmlflow.model.staging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A staging folder in a volume of Databricks: Spark goes by its address, the driver by the mount of
 * the same name on its disk.
 *
 * <p>MLflow's Python does so ({@code mlflow/spark/__init__.py}; in dedicated mode since
 * mlflow#18672), which is what is known to work there. From reading: no workspace has run it.
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
   * The folder, if it is in a volume and the driver can make it by that volume's mount.
   *
   * @param folder the staging folder as Hadoop calls it
   * @param fallback scheme of the default file system; {@code dbfs} on Databricks and nowhere else
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
    // without a mount this would make a folder of the driver's own, which no executor sees
    if (!volume || !Files.isDirectory(disk.resolve(volumeOf(path)))) {
      return Optional.empty();
    }
    Path root = disk.resolve(path.substring(1));
    try {
      return Optional.of(new VolumeStagingFolder(root, folder + "/pipeline"));
    } catch (IOException e) {
      LOG.info("No folder can be made by the mount, so Hadoop is asked: {}", e.toString());
      return Optional.empty();
    }
  }

  /** {@code Volumes/catalog/schema/volume} of a path in it. */
  private static String volumeOf(String path) {
    String[] names = path.substring(1).split("/", 5);
    return String.join("/", List.of(names).subList(0, Math.min(4, names.length)));
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

  /** Without attributes, which a mount does not take. */
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
      throw e.getCause(); // of the walk
    }
  }

  @Override
  public void delete() {
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("Could not delete the staging folder {}; delete it by hand", root, e);
    }
  }
}
