package winequality.data.table;

import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import winequality.data.DataRefusedException;
import winequality.data.PathSpelling;

/** Finds out whether {@code data.source} names a Delta table. */
public final class SourceTable {

  /** Neither a pattern nor a file such as wine.2024.csv. */
  private static final String NAME =
      "(?i)(?!.*\\.(csv|tsv|txt|gz|bz2|zst)$)(\\w+|`[^`]+`)(\\.(\\w+|`[^`]+`)){0,2}";

  private SourceTable() {}

  /**
   * The Delta table that a source names; empty for files. A path takes precedence over a name in
   * the catalog.
   *
   * @throws DataRefusedException if it is a name that is neither a file nor a Delta table in the
   *     catalog
   */
  public static Optional<DeltaLocation> find(String source, SparkSession spark) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    try {
      Path path = new Path(PathSpelling.hadoop(source, hadoop));
      FileSystem files = path.getFileSystem(hadoop);
      DeltaLocation table = new DeltaLocation.AtPath(files.makeQualified(path).toString());
      if (table.exists(spark)) {
        return Optional.of(table);
      }
      if (files.exists(path)) {
        return Optional.empty();
      }
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty(); // the reader of files names what is wrong with the path
    }
    return DeltaLocation.of(source) instanceof DeltaLocation.InCatalog name && source.matches(NAME)
        ? inCatalog(name, spark)
        : Optional.empty();
  }

  private static Optional<DeltaLocation> inCatalog(DeltaLocation name, SparkSession spark) {
    boolean full = name.text().matches("[^.]+\\.[^.]+\\.[^.]+");
    boolean found = false;
    try {
      found = name.exists(spark);
      if (found) {
        name.newest(spark);
        return Optional.of(name);
      }
    } catch (Exception e) {
      // also a checked exception, which Spark's Scala does not declare
      if (found || full) {
        throw new DataRefusedException(
            "data.source \"%s\" cannot be used as a table: %s A source in the catalog must be a Delta table, because views and other formats have no versions."
                .formatted(name.text(), DataRefusedException.firstLine(e)),
            e);
      }
    }
    if (full) {
      throw new DataRefusedException(
          "data.source \"%s\" is neither a file nor a table in the catalog. Check the name and the rights on it; a table has the name catalog.schema.table."
              .formatted(name.text()));
    }
    return Optional.empty();
  }
}
