package winequality.data;

import java.util.List;
import java.util.Optional;
import winequality.data.table.TablePoint;

/**
 * Where rows come from and go to.
 *
 * @param source a CSV file, a folder of CSV files or a pattern, with any scheme that Hadoop knows;
 *     a Parquet file or a folder of them; or a Delta table, which is not copied
 * @param mode whether the source's rows replace those of the table
 * @param table path or catalog name of the Delta table of accepted rows; unused for a source that
 *     is a table
 * @param tableVersion the version to read; the source is then not ingested
 * @param quarantineTable the table of refused rows
 * @param filesTable the table of the files that were appended
 * @param profileTable the table of profiles; empty if none are kept
 * @param maxQuarantineFraction share of refused rows (0 to 1) above which the source is refused
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
          "data.max-quarantine-fraction is %s; it must lie between 0 and 1"
              .formatted(maxQuarantineFraction));
    }
  }

  private static void requireText(String key, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException("data." + key + " is empty; it must be set");
    }
  }

  private static void requireOther(String key, String value, String... others) {
    List<String> keys = List.of("data.table", "data.quarantine-table", "data.files-table");
    for (int i = 0; i < others.length; i++) {
      if (value.equals(others[i])) {
        throw new IllegalArgumentException(
            "data.%s is the same as %s, \"%s\"; each needs its own table"
                .formatted(key, keys.get(i), value));
      }
      if (isIn(value, others[i]) || isIn(others[i], value)) {
        throw new IllegalArgumentException(
            "data.%s is \"%s\" and %s \"%s\"; a VACUUM of the outer table would delete the inner one's files, so give them separate folders"
                .formatted(key, value, keys.get(i), others[i]));
      }
    }
  }

  private static boolean isIn(String inner, String outer) {
    return inner.startsWith(outer.endsWith("/") ? outer : outer + "/");
  }
}
