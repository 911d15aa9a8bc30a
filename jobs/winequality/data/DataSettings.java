package winequality.data;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import winequality.data.ingest.IngestMode;
import winequality.data.table.TablePoint;

/**
 * Where rows come from and go to.
 *
 * @param source a CSV file, a folder of CSV files or a pattern, with any scheme that Hadoop knows
 * @param mode what taking the source in does to the table
 * @param table path or catalog name of the Delta table of accepted rows
 * @param tableVersion where the table is read as it was, and nothing is taken in
 * @param quarantineTable path or catalog name of the Delta table of refused rows
 * @param filesTable path or catalog name of the Delta table of the files that were appended
 * @param profileTable path or catalog name of the Delta table of profiles; empty if none are kept
 * @param maxQuarantineFraction share of refused rows above which the whole source is refused, 0 to
 *     1
 */
public record DataSettings(
    String source,
    IngestMode mode,
    String table,
    Optional<TablePoint> tableVersion,
    String quarantineTable,
    String filesTable,
    Optional<String> profileTable,
    double maxQuarantineFraction) {
  public DataSettings {
    requireText("source", source);
    requireText("table", table);
    requireText("quarantine-table", quarantineTable);
    requireText("files-table", filesTable);
    requireOther("quarantine-table", quarantineTable, table);
    requireOther("files-table", filesTable, table, quarantineTable);
    if (profileTable.isPresent()) {
      requireOther("profile-table", profileTable.get(), table, quarantineTable, filesTable);
    }
    // written so that NaN fails too
    if (!(maxQuarantineFraction >= 0.0 && maxQuarantineFraction <= 1.0)) {
      throw new IllegalArgumentException(
          "data.max-quarantine-fraction is "
              + maxQuarantineFraction
              + "; it must lie between 0 and 1");
    }
  }

  private static void requireText(String key, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException("data." + key + " is empty; it must be set");
    }
  }

  private static void requireOther(String key, String value, String... others) {
    List<String> keys = List.of("data.table", "data.quarantine-table", "data.files-table");
    int same = Arrays.asList(others).indexOf(value);
    if (same >= 0) {
      throw new IllegalArgumentException(
          "data.%s is the same as %s, \"%s\"; each needs a table of its own"
              .formatted(key, keys.get(same), value));
    }
    for (int i = 0; i < others.length; i++) {
      if (isIn(value, others[i]) || isIn(others[i], value)) {
        throw new IllegalArgumentException(
            "data.%s is \"%s\" and %s \"%s\"; a VACUUM of the outer table would delete the inner one's files, so give them folders beside each other"
                .formatted(key, value, keys.get(i), others[i]));
      }
    }
  }

  private static boolean isIn(String inner, String outer) {
    return inner.startsWith(outer.endsWith("/") ? outer : outer + "/");
  }
}
