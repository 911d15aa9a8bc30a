package winequality.scoring;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.isnull;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataTypes;
import sparkmlflow.model.ColumnType;
import sparkmlflow.model.ModelSignature;

/** Which rows can be scored, and why the others cannot; rules are named as in the quarantine. */
record RowRules(ScoringInput input, ModelSignature signature) {

  private static final Column NO_TEXT = lit(null).cast(DataTypes.StringType);
  static final Column NONE = when(lit(false), refusal(NO_TEXT, NO_TEXT, NO_TEXT, NO_TEXT));

  /** True for rows that can be scored; plain comparisons, because they are fast. */
  Column sound() {
    Column sound = input.unreadable().isNull();
    for (ModelSignature.Column column : present()) {
      sound = sound.and(coalesce(passes(column), lit(false)));
    }
    return sound;
  }

  /** Rule, column, value and reason of the first rule that a row breaks; null if it breaks none. */
  Column refusal() {
    List<Column> broken = new ArrayList<>(List.of(input.unreadable()));
    for (ModelSignature.Column column : present()) {
      broken.add(when(not(coalesce(passes(column), lit(false))), why(column)));
    }
    return coalesce(broken.toArray(Column[]::new));
  }

  static Column notFinite(Column prediction) {
    return refusal(
        lit("prediction-not-finite"),
        NO_TEXT,
        prediction.cast(DataTypes.StringType),
        lit("the model's answer is not a finite number"));
  }

  /** True for a finite number; false or null for any other. */
  static Column isFinite(Column value) {
    return abs(value).leq(lit(Double.MAX_VALUE));
  }

  /** The inputs that the rows have; optional ones may be missing. */
  List<ModelSignature.Column> present() {
    return signature.inputs().stream()
        .filter(column -> input.columns().contains(column.name()))
        .toList();
  }

  private Column passes(ModelSignature.Column column) {
    Column value = input.value(column);
    boolean decimal = column.type() == ColumnType.DOUBLE || column.type() == ColumnType.FLOAT;
    Column good = decimal ? isFinite(value) : value.isNotNull();
    return column.presence() == ModelSignature.Presence.OPTIONAL
        ? good.or(isMissing(column))
        : good;
  }

  private Column isMissing(ModelSignature.Column column) {
    Column text = input.text(column);
    return isnull(text).or(trim(text).equalTo(lit("")));
  }

  private Column why(ModelSignature.Column column) {
    String name = column.name();
    String rule = name.strip().replace(' ', '-');
    Column text = input.text(column);
    return when(
            isMissing(column),
            refusal(lit(rule + "-missing"), lit(name), NO_TEXT, lit(name + " has no value")))
        .when(
            isnull(input.value(column)),
            refusal(
                lit(rule + "-not-a-" + kind(column.type())),
                lit(name),
                text,
                concat(
                    lit(name + " is \""),
                    text,
                    lit("\"; the model takes a " + column.type().mlflowName()))))
        .otherwise(
            refusal(
                lit(rule + "-not-finite"),
                lit(name),
                text,
                concat(lit(name + " is "), text, lit("; it must be finite"))));
  }

  private static String kind(ColumnType type) {
    return switch (type) {
      case DOUBLE, FLOAT, LONG, INTEGER -> "number";
      default -> type.mlflowName();
    };
  }

  private static Column refusal(Column rule, Column column, Column value, Column reason) {
    return struct(rule.as("rule"), column.as("column"), value.as("value"), reason.as("reason"));
  }
}
