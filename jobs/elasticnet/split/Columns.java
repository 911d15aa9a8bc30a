package elasticnet.split;

/** Column names for Spark SQL. */
public final class Columns {

  private Columns() {}

  /** A column name in backticks; a backtick in the name is doubled. */
  public static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
