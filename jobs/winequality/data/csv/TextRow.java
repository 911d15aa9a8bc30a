package winequality.data.csv;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import winequality.data.ColumnDescription;

/** Adds the texts of its fields to a checked row: to its values, or to why it is refused. */
public final class TextRow implements MapFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  /** The values in the order of the source's columns; null for a refused row. */
  private static final String NUMBERS = "_numbers";

  /** The checked texts of its categories; null for a refused row and without categories. */
  private static final String TEXTS = "_texts";

  /** Rule, column, value and reason of a refused row; null for an accepted one. */
  public static final String REFUSAL = "_refusal";

  /** A row that cannot be split into fields; null for any other. */
  public static final String LINE = "_line";

  private final CsvLayout[] layouts;
  private final int[][] fields;
  private final int[] columns;

  TextRow(List<ColumnDescription> columns, List<CsvLayout> layouts, List<String> names) {
    this.layouts = layouts.toArray(CsvLayout[]::new);
    this.fields =
        layouts.stream()
            .map(CsvLayout::columnNames)
            .map(header -> names.stream().mapToInt(header::indexOf).toArray())
            .toArray(int[][]::new);
    List<String> known = columns.stream().map(ColumnDescription::name).toList();
    this.columns = names.stream().mapToInt(known::indexOf).toArray();
  }

  /** The checked value of a column of the source: a number or a text, null for a missing one. */
  public static Column value(List<ColumnDescription> columns, int i) {
    return CheckedSource.value(columns, i, NUMBERS, TEXTS);
  }

  /** A column of text for each name, then the checked values, the refusal and the line. */
  static StructType schema(List<String> names) {
    StructType schema = new StructType();
    for (String name : names) {
      schema = schema.add(name, DataTypes.StringType);
    }
    return schema
        .add(NUMBERS, new ArrayType(DataTypes.DoubleType, false))
        .add(TEXTS, new ArrayType(DataTypes.StringType, true))
        .add(REFUSAL, Refusal.SCHEMA)
        .add(LINE, DataTypes.StringType);
  }

  @Override
  public Row call(Row row) {
    int file = row.<Integer>getAs(CheckedSource.FILE);
    byte[] note = row.getAs(CheckedSource.NOTE);
    boolean refused = row.<Integer>getAs(CheckedSource.KIND) == CheckedRow.REFUSED;
    Refusal.@Nullable Placed placed = refused ? Refusal.Placed.ofBytes(note) : null;
    byte[] raw = placed == null ? note : placed.raw;
    String line = new String(raw, 0, LineChecker.withoutReturn(raw), StandardCharsets.UTF_8);
    CsvLayout layout = layouts[file];
    @Nullable Object[] cells = new Object[columns.length + 4];
    if (CsvLine.split(line, layout.separator()) instanceof CsvLine.Fields parts
        && parts.values().size() == layout.names().size()) {
      for (int i = 0; i < columns.length; i++) {
        int field = fields[file][i];
        String text =
            field < 0 ? layout.values().get(columns[i]).toString() : parts.values().get(field);
        cells[i] = text.isEmpty() ? null : text;
      }
    } else {
      cells[columns.length + 3] = line;
    }
    if (placed == null) {
      cells[columns.length] = row.getAs(CheckedSource.VALUES);
      cells[columns.length + 1] = row.getAs(CheckedSource.TEXTS);
    } else {
      Refusal refusal = placed.refusal;
      cells[columns.length + 2] =
          RowFactory.create(refusal.rule(), refusal.column(), refusal.value(), refusal.reason());
    }
    return RowFactory.create(cells);
  }
}
