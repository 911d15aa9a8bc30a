package sparkmlflow.model;

import static java.util.stream.IntStream.range;

import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A few complete rows of a request. They are stored with the model: a reader sees what it takes,
 * and a serving endpoint can be tried with one click.
 *
 * @param columns names, in the order of the cells
 * @param rows 1 to {@value #MOST_ROWS} rows; a cell is a finite {@link Double} or {@link Float}, a
 *     {@link Long}, {@link Integer}, {@link Boolean} or {@link String} (date-times in ISO form in
 *     UTC without zone, binary in base64)
 */
public record InputExample(List<String> columns, List<List<Object>> rows) {

  /** People read an example and one request carries it; neither needs more rows. */
  public static final int MOST_ROWS = 100;

  /** Without a zone, because MLflow's check rejects a date-time that has one. */
  private static final DateTimeFormatter DATE_TIME =
      DateTimeFormatter.ISO_LOCAL_DATE_TIME.withZone(ZoneOffset.UTC);

  private static final Set<Class<?>> CELLS =
      Set.of(Double.class, Float.class, Long.class, Integer.class, Boolean.class, String.class);

  /** The rows in a data frame's {@code split} orientation. */
  record Split(List<String> columns, List<List<Object>> data) {}

  /**
   * Throws {@link IllegalArgumentException} if a column occurs twice, the number of rows or of a
   * row's cells is wrong, or a cell is null, not finite or of another type.
   */
  public InputExample {
    columns = List.copyOf(columns);
    if (columns.isEmpty()) {
      throw new IllegalArgumentException(
          "The input example has no columns; name the model's inputs");
    }
    Set<String> names = new HashSet<>();
    for (String column : columns) {
      if (!names.add(column)) {
        throw new IllegalArgumentException(
            "The input example names the column \"" + column + "\" twice; rename one");
      }
    }
    if (rows.isEmpty() || rows.size() > MOST_ROWS) {
      throw wrongNumber(rows.size());
    }
    List<List<Object>> copies = new ArrayList<>();
    for (List<Object> row : rows) {
      int number = copies.size() + 1;
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "Row %s of the input example has %s cells for %s columns"
                .formatted(number, row.size(), columns.size()));
      }
      for (int i = 0; i < row.size(); i++) {
        if (!isJson(row.get(i))) {
          throw new IllegalArgumentException(
              "Row %s of the input example holds %s in the column \"%s\"; JSON has only finite numbers, true, false and text. Choose a complete row"
                  .formatted(number, row.get(i), columns.get(i)));
        }
      }
      copies.add(List.copyOf(row));
    }
    rows = List.copyOf(copies);
  }

  /**
   * An example of collected Spark rows, which must carry their schema, such as {@code
   * table.select(features).limit(5).collectAsList()}. Throws like the constructor.
   */
  public static InputExample ofRows(List<Row> rows) {
    if (rows.isEmpty()) {
      throw wrongNumber(0);
    }
    StructType schema = rows.get(0).schema();
    if (schema == null) {
      throw new IllegalArgumentException(
          "The rows of the input example have no schema; take them from a data frame");
    }
    List<List<Object>> cells =
        rows.stream()
            .map(row -> range(0, row.length()).mapToObj(i -> cell(row.get(i))).toList())
            .toList();
    return new InputExample(List.of(schema.fieldNames()), cells);
  }

  /** Date-times and binary values as JSON text; other values unchanged. */
  private static @Nullable Object cell(@Nullable Object collected) {
    if (collected instanceof Timestamp instant) {
      return DATE_TIME.format(instant.toInstant());
    }
    // where spark.sql.datetime.java8API.enabled is set
    if (collected instanceof Instant instant) {
      return DATE_TIME.format(instant);
    }
    return collected instanceof byte[] bytes
        ? Base64.getEncoder().encodeToString(bytes)
        : collected;
  }

  String splitJson() {
    return ModelText.json(new Split(columns, rows));
  }

  /** As the body of a scoring request. */
  String servingJson() {
    return ModelText.json(Map.of("dataframe_split", new Split(columns, rows)));
  }

  /**
   * The same rows, each cell in its column's type, so that a whole number in a double column is
   * written as {@code 0.0}. Throws IllegalArgumentException if columns or cells do not fit.
   */
  InputExample fitting(ModelSignature signature) {
    if (!columns.equals(signature.inputNames())) {
      throw new IllegalArgumentException(
          "The input example's columns are %s but the signature's inputs are %s; an example must be a request that the model accepts, so make them equal"
              .formatted(columns, signature.inputNames()));
    }
    List<List<Object>> typed =
        rows.stream()
            .map(
                row ->
                    range(0, row.size())
                        .mapToObj(i -> typed(row.get(i), signature.inputs().get(i)))
                        .toList())
            .toList();
    return new InputExample(columns, typed);
  }

  private static Object typed(Object cell, ModelSignature.Column column) {
    boolean fits =
        switch (column.type()) {
          case DOUBLE, FLOAT -> cell instanceof Number;
          case LONG -> cell instanceof Long || cell instanceof Integer;
          case INTEGER ->
              cell instanceof Integer || (cell instanceof Long whole && whole == whole.intValue());
          case BOOLEAN -> cell instanceof Boolean;
          case STRING, BINARY, DATETIME -> cell instanceof String;
        };
    if (!fits) {
      throw new IllegalArgumentException(
          "The input example holds %s (%s) in the column \"%s\", which the signature calls %s"
              .formatted(
                  cell,
                  cell.getClass().getSimpleName(),
                  column.name(),
                  column.type().mlflowName()));
    }
    return switch (column.type()) {
      // by its digits: the double nearest to a float has more digits than anybody measured
      case DOUBLE, FLOAT -> Double.valueOf(cell.toString());
      case LONG, INTEGER -> ((Number) cell).longValue();
      case BOOLEAN, STRING, BINARY, DATETIME -> cell;
    };
  }

  private static boolean isJson(@Nullable Object cell) {
    return cell != null
        && CELLS.contains(cell.getClass())
        && !(cell instanceof Number number && !Double.isFinite(number.doubleValue()));
  }

  private static IllegalArgumentException wrongNumber(int rows) {
    return new IllegalArgumentException(
        "The input example has %s rows; it must have 1 to %s. Take a few rows of the training table"
            .formatted(rows, MOST_ROWS));
  }
}
