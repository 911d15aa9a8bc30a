package winequality.data;

import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/**
 * Turns paths as people write them on Databricks into those that Hadoop understands.
 *
 * <p>Local programs there see {@code dbfs:/a} as {@code /dbfs/a}, which Hadoop would take for
 * {@code dbfs:/dbfs/a}. {@code /FileStore} and {@code /Volumes} need no change, because a path
 * without a scheme is on {@code dbfs:}. All of this comes from Databricks' documentation and has
 * not met a workspace yet.
 */
public final class PathSpelling {

  private static final String MOUNT = "/dbfs/";

  private PathSpelling() {}

  /** The path for Hadoop; refuses a {@code dbfs:} path outside Databricks. */
  public static String hadoop(String path, Configuration configuration) {
    URI fallback = FileSystem.getDefaultUri(configuration);
    boolean databricks = "dbfs".equals(fallback.getScheme());
    String local = path.startsWith("file:" + MOUNT) ? path.substring("file:".length()) : path;
    if (databricks && local.startsWith(MOUNT)) {
      return "dbfs:/" + local.substring(MOUNT.length());
    }
    if (!databricks && path.startsWith("dbfs:") && configuration.get("fs.dbfs.impl") == null) {
      throw new DataRefusedException(
          "\"%s\" is a path of Databricks (DBFS), and this job does not run there: the default file system is %s. Copy the file, or give a path that can be reached from here."
              .formatted(path, fallback));
    }
    return path;
  }

  /** Escapes a path, because Spark reads every path as a pattern. */
  public static String literal(String path) {
    return path.replaceAll("([\\\\{}\\[\\]*?])", "\\\\$1");
  }
}
