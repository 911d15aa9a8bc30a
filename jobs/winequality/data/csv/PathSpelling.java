package winequality.data.csv;

import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import winequality.data.DataRefusedException;

/**
 * Paths as people spell them on Databricks, and as Hadoop wants them.
 *
 * <p>There {@code /dbfs/a} is what programs on a machine call {@code dbfs:/a}. Hadoop would look
 * for {@code dbfs:/dbfs/a}, which nobody means. {@code /FileStore} and {@code /Volumes} are right
 * as they stand, since everything without a scheme is taken for {@code dbfs:}. All of this is from
 * reading Databricks' documentation; no workspace has read a file by it yet.
 */
public final class PathSpelling {

  private static final String MOUNT = "/dbfs/";

  private PathSpelling() {}

  /**
   * The path as Hadoop reads it on this platform.
   *
   * @throws DataRefusedException for a path that exists on Databricks only, elsewhere
   */
  public static String hadoop(String path, Configuration configuration) {
    URI fallback = FileSystem.getDefaultUri(configuration);
    boolean databricks = "dbfs".equals(fallback.getScheme());
    if (databricks && path.startsWith(MOUNT)) {
      return "dbfs:/" + path.substring(MOUNT.length());
    }
    if (databricks && path.startsWith("file:" + MOUNT)) {
      return "dbfs:/" + path.substring("file:".length() + MOUNT.length());
    }
    boolean known = configuration.get("fs.dbfs.impl") != null;
    if (!databricks && !known && path.startsWith("dbfs:")) {
      throw new DataRefusedException(
          "\"%s\" is a path of Databricks (DBFS), and this job does not run there: the default file system is %s. Copy the file, or give a path that can be reached from here."
              .formatted(path, fallback));
    }
    return path;
  }
}
