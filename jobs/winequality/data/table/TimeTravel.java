package winequality.data.table;

import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.data.DataRefusedException;
import winequality.data.DatasetDescription;

/** Finds an earlier version of a table, and checks that it can still be read. */
public final class TimeTravel {

  private static final Logger LOG = LoggerFactory.getLogger(TimeTravel.class);

  private final SparkSession spark;
  private final DatasetDescription dataset;
  private final TableRole role;
  private final FileLook look;

  interface FileLook {
    boolean exists(String file) throws IOException;
  }

  public TimeTravel(SparkSession spark, DatasetDescription dataset, TableRole role) {
    this(spark, dataset, role, file -> exists(file, spark.sparkContext().hadoopConfiguration()));
  }

  TimeTravel(SparkSession spark, DatasetDescription dataset, TableRole role, FileLook look) {
    this.spark = spark;
    this.dataset = dataset;
    this.role = role;
    this.look = look;
  }

  /**
   * The version of a table at a point.
   *
   * @param table path or catalog name
   * @throws DataRefusedException if there is no such table or version, if VACUUM removed its files,
   *     or if it lacks a column of the data set
   */
  public TableVersion to(String table, TablePoint point) {
    DeltaLocation location = DeltaLocation.resolved(table, spark);
    if (!location.exists(spark)) {
      throw new DataRefusedException(
          "There is no Delta table at %s, so none of its versions can be read. Restore it or name another one; without data.table-version a training ingests data.source."
              .formatted(location.text()));
    }
    TableVersion version =
        new TableVersion(
            location.text(),
            point instanceof TablePoint.AtVersion at
                ? at.version()
                : newestAt(location, ((TablePoint.AtTime) point).time()));
    requireFiles(version, () -> role.rows(spark, version, dataset));
    return version;
  }

  /**
   * Checks that the files of a version are there.
   *
   * @throws DataRefusedException as {@link #to}
   */
  public void requireFiles(TableVersion version) {
    requireFiles(version, () -> {});
  }

  private void requireFiles(TableVersion version, Runnable first) {
    DeltaLocation location = DeltaLocation.of(version.location());
    List<String> files;
    try {
      first.run();
      files = location.files(spark, version.version());
    } catch (DataRefusedException e) {
      throw e;
    } catch (Exception e) {
      // also a checked exception, which Spark's Scala does not declare
      String why = DataRefusedException.firstLine(e);
      throw new DataRefusedException(
          "Version %d of %s cannot be read: %s %s"
              .formatted(
                  version.version(),
                  location.text(),
                  why,
                  // Delta 4.1 refuses older versions, also those whose files are still there
                  why.contains("BEYOND_DELETED_FILE_RETENTION_DURATION")
                      ? "Choose a later version, or let the table keep files longer (delta.deletedFileRetentionDuration)."
                      : available(location)),
          e);
    }
    long gone = files.stream().filter(file -> isGone(file, location)).count();
    if (gone > 0 && location.newest(spark).version() == version.version()) {
      throw DamagedTable.refusal(
          location.text(),
          "%d of the %d files of its newest version, %d, are gone"
              .formatted(gone, files.size(), version.version()),
          null);
    }
    if (gone > 0) {
      throw new DataRefusedException(
          "Version %d of %s can no longer be read: VACUUM has removed %d of its %d files. Choose a later version, or keep files longer (delta.deletedFileRetentionDuration)."
              .formatted(version.version(), location.text(), gone, files.size()));
    }
  }

  /**
   * Whether a table exists and its rows are still those of a version. Usually a look at the log
   * tells.
   *
   * @param version a version of the table with this identifier, read before the time
   */
  public boolean hasSameRowsSince(
      DeltaLocation location, long version, Instant time, String tableId) {
    if (!location.exists(spark)) {
      return false;
    }
    DeltaLocation.Newest newest = location.newest(spark);
    long commits = newest.version() - version;
    return commits == 0
        ? newest.written().isBefore(time)
        : commits > 0
            && location.id(spark).equals(tableId)
            && location
                    .commits(spark, newest.version(), Math.toIntExact(commits))
                    .takeWhile(DeltaCommit::leavesRows)
                    .count()
                == commits;
  }

  private long newestAt(DeltaLocation location, Instant time) {
    return history(location)
        .filter(commit -> !commit.written().isAfter(time))
        .findFirst()
        .orElseThrow(
            () ->
                new DataRefusedException(
                    "The table %s has no version as old as %s. %s"
                        .formatted(location.text(), time, available(location))))
        .version();
  }

  private String available(DeltaLocation location) {
    List<DeltaLocation.Newest> commits = history(location).toList();
    DeltaLocation.Newest newest = commits.get(0);
    DeltaLocation.Newest oldest = commits.get(commits.size() - 1);
    return "Its history has the versions %d (%s) to %d (%s)."
        .formatted(oldest.version(), oldest.written(), newest.version(), newest.written());
  }

  private Stream<DeltaLocation.Newest> history(DeltaLocation location) {
    return location.open(spark).history().select("version", "timestamp").collectAsList().stream()
        .map(DeltaLocation.Newest::of);
  }

  /**
   * Whether a file was removed. A catalog may vend credentials to Spark's reader alone (Unity
   * Catalog does for managed tables), which makes this check fail; then only reading can tell.
   */
  private boolean isGone(String file, DeltaLocation location) {
    try {
      return !look.exists(file);
    } catch (IOException | RuntimeException e) {
      if (location instanceof DeltaLocation.InCatalog) {
        LOG.debug("Cannot check for {} of {}", file, location.text(), e);
        return false;
      }
      throw new IllegalStateException("Cannot check for " + file, e);
    }
  }

  private static boolean exists(String file, Configuration hadoop) throws IOException {
    // Delta percent-encodes only some paths
    Path plain = new Path(file);
    return plain.getFileSystem(hadoop).exists(plain)
        || (file.indexOf('%') >= 0
            && plain.getFileSystem(hadoop).exists(new Path(URI.create(file))));
  }
}
