package winequality.data;

/**
 * One numeric column of a data set.
 *
 * @param name as it stands in the CSV's header
 * @param unit for people; empty where there is none
 * @param min smallest value that is believed, inclusive; negative infinity for no bound
 * @param max largest value that is believed, inclusive; positive infinity for no bound
 */
public record ColumnDescription(String name, String unit, double min, double max) {
  public ColumnDescription {
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "dataset.columns has a column without a name; every column needs the name in the header");
    }
    // written so that NaN fails too
    if (!(min <= max)) {
      throw new IllegalArgumentException(
          "dataset.columns: \"%s\" has min %s and max %s; min must not be above max"
              .formatted(name, min, max));
    }
  }

  /** What the column of a table says of itself. */
  public String comment() {
    return unit;
  }

  /** The name in backticks, as Spark SQL and column expressions take it. */
  public String quoted() {
    return quoted(name);
  }

  /** A column name in backticks; a backtick in it is doubled. */
  public static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
