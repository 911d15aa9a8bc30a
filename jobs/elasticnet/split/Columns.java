package elasticnet.split;

/** Names of columns as Spark SQL takes them. */
public final class Columns {

  private Columns() {}

  /** A column name in backticks; a backtick in it is doubled. */
  public static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
