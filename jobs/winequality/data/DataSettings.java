package winequality.data;

import java.util.List;
import java.util.Optional;

/**
 * Where rows come from and go to.
 *
 * @param source a CSV file, a folder of CSV files or a pattern, with any scheme that Hadoop knows
 * @param table path or catalog name of the Delta table of accepted rows
 * @param quarantineTable path or catalog name of the Delta table of refused rows
 * @param profileTable path or catalog name of the Delta table of profiles; empty if none are kept
 * @param maxQuarantineFraction share of refused rows above which the whole source is refused, 0 to
 *     1
 */
public record DataSettings(
    String source,
    String table,
    String quarantineTable,
    Optional<String> profileTable,
    double maxQuarantineFraction) {
  public DataSettings {
    requireText("source", source);
    requireText("table", table);
    requireText("quarantine-table", quarantineTable);
    if (table.equals(quarantineTable)) {
      throw new IllegalArgumentException(
          "data.quarantine-table is the same as data.table, \""
              + table
              + "\"; accepted and refused rows need a table each");
    }
    if (profileTable.isPresent() && List.of(table, quarantineTable).contains(profileTable.get())) {
      throw new IllegalArgumentException(
          "data.profile-table is \""
              + profileTable.get()
              + "\", which holds rows; profiles need a table of their own");
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
}
