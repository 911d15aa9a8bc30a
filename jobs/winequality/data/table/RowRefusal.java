package winequality.data.table;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import elasticnet.split.Columns;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataTypes;

/**
 * Why a row of a table is refused, as Spark's columns: a struct of rule, column, value and reason.
 * Rules are named as in the quarantine of CSV files.
 */
public final class RowRefusal {

  private static final Column NO_TEXT = lit(null).cast(DataTypes.StringType);

  /** Null, in the type of a refusal. */
  public static final Column NONE = when(lit(false), of(NO_TEXT, NO_TEXT, NO_TEXT, NO_TEXT));

  /** Value and reason show at most so many characters of a value. */
  private static final int SHOWN = 100;

  private RowRefusal() {}

  /**
   * A refusal of a row.
   *
   * @param value of the column as text, or null
   */
  public static Column of(Column rule, Column column, Column value, Column reason) {
    return struct(rule.as("rule"), column.as("column"), value.as("value"), reason.as("reason"));
  }

  /**
   * A value that breaks a rule.
   *
   * @param how the end of the rule's name, which begins with the column's
   */
  public static Column ofValue(String column, String how, Column value, Column reason) {
    return of(lit(column.strip().replace(' ', '-') + "-" + how), lit(column), value, reason);
  }

  /** A value as it is shown: the stored row has all of a long one. */
  public static Column shown(Column text) {
    return when(length(text).gt(lit(SHOWN)), concat(substring(text, 1, SHOWN), lit("…")))
        .otherwise(text);
  }

  /** A column without a value. */
  public static Column missing(String column) {
    return ofValue(column, "missing", NO_TEXT, lit(column + " has no value"));
  }

  /** True for a finite number; false or null for any other. */
  public static Column isFinite(Column value) {
    return abs(value).leq(lit(Double.MAX_VALUE));
  }

  /** The row as the table has it, as JSON. */
  public static Column stored(List<String> columns) {
    return to_json(
        struct(columns.stream().map(name -> col(Columns.quoted(name))).toArray(Column[]::new)),
        Map.of("ignoreNullFields", "false"));
  }
}
