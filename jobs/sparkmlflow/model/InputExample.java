package sparkmlflow.model;

import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A few complete rows of a request, kept with the model so that a reader sees what it takes and a
 * serving endpoint can be tried with one click.
 *
 * @param columns names, in the order of the cells
 * @param rows 1 to {@value #MOST_ROWS} rows; a cell is a finite {@link Double} or {@link Float}, a
 *     {@link Long}, {@link Integer}, {@link Boolean} or {@link String} (date-times in ISO form in
 *     UTC without zone, binary in base64)
 */
public record InputExample(List<String> columns, List<List<Object>> rows) {

  /** An example is shown to people and posted in one request; more rows serve neither. */
  public static final int MOST_ROWS = 100;

  /** Without a zone, since MLflow's check refuses a date-time that has one. */
  private static final DateTimeFormatter DATE_TIME =
      DateTimeFormatter.ISO_LOCAL_DATE_TIME.withZone(ZoneOffset.UTC);

  /**
   * Checks and copies.
   *
   * @throws IllegalArgumentException if a column is there twice, the number of rows or of a row's
   *     cells is wrong, or a cell is missing, not finite or of another type
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
      throw new IllegalArgumentException(
          "The input example has "
              + rows.size()
              + " rows; it must have 1 to "
              + MOST_ROWS
              + ". Take a few rows of the training table");
    }
    List<List<Object>> copies = new ArrayList<>();
    for (List<Object> row : rows) {
      int number = copies.size() + 1;
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "Row "
                + number
                + " of the input example has "
                + row.size()
                + " cells for "
                + columns.size()
                + " columns");
      }
      for (int i = 0; i < row.size(); i++) {
        requireShowable(row.get(i), columns.get(i), number);
      }
      copies.add(List.copyOf(row));
    }
    rows = List.copyOf(copies);
  }

  /**
   * The example made of collected Spark rows, which must carry their schema.
   *
   * @param rows as {@code table.select(features).limit(5).collectAsList()} gives them
   * @throws IllegalArgumentException as the constructor, and if there are no rows
   */
  public static InputExample ofRows(List<Row> rows) {
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(
          "The input example has 0 rows; it must have 1 to "
              + MOST_ROWS
              + ". Take a few rows of the training table");
    }
    StructType schema = rows.get(0).schema();
    if (schema == null) {
      throw new IllegalArgumentException(
          "The rows of the input example have no schema; take them from a data frame");
    }
    List<List<Object>> cells = new ArrayList<>();
    for (Row row : rows) {
      List<Object> one = new ArrayList<>();
      for (int i = 0; i < row.length(); i++) {
        one.add(cell(row.get(i)));
      }
      cells.add(one);
    }
    return new InputExample(List.of(schema.fieldNames()), cells);
  }

  /** What Spark collects for a date-time and for binary, as the text that JSON has for them. */
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

  /** The rows in the form of a data frame's {@code split} orientation, as JSON. */
  String splitJson() {
    return ModelText.json(split());
  }

  /** The rows as the body of a scoring request, as JSON. */
  String servingJson() {
    return ModelText.json(Map.of("dataframe_split", split()));
  }

  /**
   * The same rows with each cell in the type that the signature gives its column, so that a whole
   * number in a double column is written as {@code 0.0}.
   *
   * @throws IllegalArgumentException if the columns are not the signature's inputs, in its order,
   *     or a cell is not of its column's type
   */
  InputExample fitting(ModelSignature signature) {
    if (!columns.equals(signature.inputNames())) {
      throw new IllegalArgumentException(
          "The input example's columns are "
              + columns
              + " but the signature's inputs are "
              + signature.inputNames()
              + "; an example shows a request that the model accepts, so make them equal");
    }
    List<List<Object>> typed = new ArrayList<>();
    for (List<Object> row : rows) {
      List<Object> cells = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        cells.add(typed(row.get(i), signature.inputs().get(i)));
      }
      typed.add(cells);
    }
    return new InputExample(columns, typed);
  }

  private Map<String, Object> split() {
    Map<String, Object> split = new LinkedHashMap<>();
    split.put("columns", columns);
    split.put("data", rows);
    return split;
  }

  private static Object typed(Object cell, ModelSignature.Column column) {
    boolean whole = cell instanceof Integer || cell instanceof Long;
    return switch (column.type()) {
      case DOUBLE, FLOAT -> {
        if (cell instanceof Float single) {
          // by its digits: a float's double has more of them than anybody measured
          yield Double.valueOf(single.toString());
        }
        if (whole || cell instanceof Double) {
          yield ((Number) cell).doubleValue();
        }
        throw unlike(cell, column);
      }
      case LONG, INTEGER -> {
        boolean fits =
            whole
                && (column.type() == ColumnType.LONG
                    || ((Number) cell).longValue() == ((Number) cell).intValue());
        if (!fits) {
          throw unlike(cell, column);
        }
        yield ((Number) cell).longValue();
      }
      case BOOLEAN -> {
        if (!(cell instanceof Boolean)) {
          throw unlike(cell, column);
        }
        yield cell;
      }
      case STRING, BINARY, DATETIME -> {
        if (!(cell instanceof String)) {
          throw unlike(cell, column);
        }
        yield cell;
      }
    };
  }

  private static IllegalArgumentException unlike(Object cell, ModelSignature.Column column) {
    return new IllegalArgumentException(
        "The input example holds "
            + cell
            + " ("
            + cell.getClass().getSimpleName()
            + ") in the column \""
            + column.name()
            + "\", which the signature calls "
            + column.type().mlflowName());
  }

  private static void requireShowable(Object cell, String column, int row) {
    boolean finite =
        !(cell instanceof Double wide && !Double.isFinite(wide))
            && !(cell instanceof Float single && !Float.isFinite(single));
    boolean known =
        cell instanceof Double
            || cell instanceof Float
            || cell instanceof Long
            || cell instanceof Integer
            || cell instanceof Boolean
            || cell instanceof String;
    if (!known || !finite) {
      throw new IllegalArgumentException(
          "Row "
              + row
              + " of the input example holds "
              + cell
              + " in the column \""
              + column
              + "\"; JSON has only finite numbers, true, false and text for it. Choose a complete"
              + " row");
    }
  }
}
