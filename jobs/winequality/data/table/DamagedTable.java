package winequality.data.table;

import java.net.URI;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkThrowable;
import org.jspecify.annotations.Nullable;
import winequality.data.DataRefusedException;

/** Recognises the failures that mean that a Delta table is damaged. */
public final class DamagedTable {

  private static final Set<String> BROKEN_LOG =
      Set.of(
          "DELTA_VERSIONS_NOT_CONTIGUOUS",
          "DELTA_TRUNCATED_TRANSACTION_LOG",
          "DELTA_STATE_RECOVER_ERROR",
          "DELTA_LOG_FILE_NOT_FOUND");

  /** Under {@code FAILED_READ_FILE}, which may also be a token that expired or a busy store. */
  private static final Set<String> BROKEN_FILE =
      Set.of(
          "FAILED_READ_FILE.FILE_NOT_EXIST",
          "FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER",
          "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION");

  private DamagedTable() {}

  /**
   * Does what reads a table.
   *
   * @throws DataRefusedException if Delta's log or a file of the table is missing or broken
   */
  public static <T> T refusing(String table, Supplier<T> work) {
    try {
      return work.get();
    } catch (DataRefusedException e) {
      throw e;
    } catch (Throwable e) {
      // also a checked exception, which Spark's Scala does not declare
      String file = "";
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        String condition = cause instanceof SparkThrowable spark ? spark.getCondition() : null;
        if (cause instanceof SparkThrowable spark
            && condition != null
            && condition.startsWith("FAILED_READ_FILE")) {
          file = spark.getMessageParameters().getOrDefault("path", "");
        }
        if (condition != null && BROKEN_LOG.contains(condition)) {
          throw brokenLog(table, line(cause), e);
        }
        // a checksum error names the file itself
        String what = file.isEmpty() ? line(cause) : file + ": " + line(cause);
        if ((cause instanceof ChecksumException
                || (condition != null && BROKEN_FILE.contains(condition)))
            && isOf(table, what)) {
          throw what.contains("/_delta_log/") ? brokenLog(table, what, e) : refusal(table, what, e);
        }
      }
      throw e;
    }
  }

  /** The files of a table in the catalog may be anywhere. */
  private static boolean isOf(String table, String what) {
    if (DeltaLocation.of(table) instanceof DeltaLocation.InCatalog) {
      return true;
    }
    URI folder = new Path(table).toUri();
    return what.contains(folder.getPath() + "/") || what.contains(folder.getRawPath() + "/");
  }

  private static String line(Throwable e) {
    return DataRefusedException.firstLine(e).strip();
  }

  static DataRefusedException brokenLog(String table, String what, Throwable cause) {
    return refusal(
        table,
        what,
        "RESTORE TABLE needs the log, too: put the files of its _delta_log back from a backup. If the newest commit is cut off and no backup has it, delete this commit (.json) and its .crc files; the rows of this commit are lost.",
        cause);
  }

  /** Files of the table's rows are missing or broken. */
  static DataRefusedException refusal(String table, String what, @Nullable Throwable cause) {
    return refusal(
        table,
        what,
        "Restore an earlier version of it (RESTORE TABLE), or its files from a backup.",
        cause);
  }

  private static DataRefusedException refusal(
      String table, String what, String advice, @Nullable Throwable cause) {
    return new DataRefusedException(
        "The table %s is damaged: %s. %s A table that an ingest made can also be dropped, and made again with data.mode=replace and all of its files."
            .formatted(table, what.replaceAll("\\.$", ""), advice),
        cause);
  }
}
