package winequality.scoring;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.isnull;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataTypes;
import sparkmlflow.model.ColumnType;
import sparkmlflow.model.ModelSignature;
import winequality.data.table.RowRefusal;

/**
 * Which rows can be scored, and why the others cannot; rules are named as in the quarantine.
 *
 * @param levels of the inputs whose other levels the model refuses
 */
record RowRules(ScoringInput input, ModelSignature signature, Map<String, Set<String>> levels) {

  /** True for rows that can be scored; plain comparisons, because they are fast. */
  Column sound() {
    // not a chain of "and": Spark walks down a chain by recursion, and its stack ends at 1,000
    return least(
        Stream.concat(
                Stream.of(lit(true), input.unreadable().isNull()),
                present().stream().map(column -> coalesce(passes(column), lit(false))))
            .toArray(Column[]::new));
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
    return RowRefusal.of(
        lit("prediction-not-finite"),
        lit(null).cast(DataTypes.StringType),
        prediction.cast(DataTypes.StringType),
        lit("the model's answer is not a finite number"));
  }

  /** The inputs that the rows have; optional ones may be missing. */
  private List<ModelSignature.Column> present() {
    return signature.inputs().stream()
        .filter(column -> input.columns().contains(column.name()))
        .toList();
  }

  /** The values of all inputs, in the signature's types and under its names. */
  Stream<Column> values() {
    return signature.inputs().stream()
        .map(
            column ->
                (input.columns().contains(column.name())
                        ? input.value(column)
                        : lit(null).cast(column.type().sparkType()))
                    .as(column.name()));
  }

  private Column passes(ModelSignature.Column column) {
    Column value = input.value(column);
    boolean decimal = column.type() == ColumnType.DOUBLE || column.type() == ColumnType.FLOAT;
    Set<String> known = levels.getOrDefault(column.name(), Set.of());
    Column good =
        decimal
            ? RowRefusal.isFinite(value)
            : known.isEmpty() ? value.isNotNull() : value.isin(known.toArray());
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
    // the column of the table with the row has all of it
    Column text = RowRefusal.shown(input.text(column));
    return when(isMissing(column), RowRefusal.missing(name))
        .when(
            isnull(input.value(column)),
            RowRefusal.ofValue(
                name,
                "not-a-" + kind(column.type()),
                text,
                concat(
                    lit(name + " is \""),
                    text,
                    lit("\"; the model takes a " + column.type().mlflowName()))))
        .when(
            lit(levels.containsKey(name)),
            RowRefusal.ofValue(
                name,
                "unknown-level",
                text,
                concat(lit(name + " is \""), text, lit("\"; the model knows no such level"))))
        .otherwise(
            RowRefusal.ofValue(
                name,
                "not-finite",
                text,
                concat(lit(name + " is "), text, lit("; it must be finite"))));
  }

  private static String kind(ColumnType type) {
    return switch (type) {
      case DOUBLE, FLOAT, LONG, INTEGER -> "number";
      default -> type.mlflowName();
    };
  }
}
