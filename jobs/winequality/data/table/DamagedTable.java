package winequality.data.table;

import java.io.FileNotFoundException;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.spark.SparkThrowable;
import org.jspecify.annotations.Nullable;
import winequality.data.DataRefusedException;

/** Tells the damage of a Delta table from other failures. */
public final class DamagedTable {

  private static final Set<String> BROKEN_LOG =
      Set.of(
          "DELTA_VERSIONS_NOT_CONTIGUOUS",
          "DELTA_TRUNCATED_TRANSACTION_LOG",
          "DELTA_STATE_RECOVER_ERROR",
          "DELTA_LOG_FILE_NOT_FOUND");

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
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        String condition = cause instanceof SparkThrowable spark ? spark.getCondition() : null;
        if (condition != null && BROKEN_LOG.contains(condition)) {
          throw refusal(table, line(cause), e);
        }
        if (cause instanceof FileNotFoundException
            || cause instanceof ChecksumException
            || (condition != null && condition.startsWith("FAILED_READ_FILE"))) {
          throw refusal(table, line(cause), e);
        }
      }
      throw e;
    }
  }

  private static String line(Throwable e) {
    return DataRefusedException.firstLine(e).strip();
  }

  static DataRefusedException refusal(String table, String what, @Nullable Throwable cause) {
    return new DataRefusedException(
        "The table %s is damaged: %s. Restore an earlier version of it (RESTORE TABLE), or its files from a backup. A table that an ingest made can also be dropped, and made again with data.mode=replace and all of its files."
            .formatted(table, what.replaceAll("\\.$", "")),
        cause);
  }
}
