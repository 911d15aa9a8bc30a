package winequality.data;

import java.io.Serializable;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Turns lines into checked rows: one row for every line but headers and blank lines.
 *
 * <p>In: line, file, start of the file's block. Out: {@link #schema}. A row that is accepted has
 * its values and nulls behind them; one that is refused has nulls for values, and behind them the
 * rule that it breaks first, the column and value at fault, a sentence, the raw line, file and line
 * number. The number is null where a file was split and the line is not in its first block: what
 * came before is then known to another task only.
 */
final class RowChecker implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  static final String RULE = "_rule";
  static final String COLUMN = "_column";
  static final String VALUE = "_value";
  static final String REASON = "_reason";
  static final String RAW = "_raw";
  static final String FILE = "_file";
  static final String LINE = "_line";

  private final List<ColumnRule> rules;
  private final Map<String, CsvLayout> layouts;

  RowChecker(DatasetDescription dataset, Map<String, CsvLayout> layouts) {
    this.rules =
        dataset.columns().stream()
            .map(column -> new ColumnRule(column.name(), column.min(), column.max()))
            .toList();
    this.layouts = layouts;
  }

  /** Columns of what comes out: the data set's, double, then those of a refusal. */
  static StructType schema(DatasetDescription dataset) {
    List<StructField> fields = new ArrayList<>();
    for (ColumnDescription column : dataset.columns()) {
      fields.add(new StructField(column.name(), DataTypes.DoubleType, true, Metadata.empty()));
    }
    for (String text : List.of(RULE, COLUMN, VALUE, REASON, RAW, FILE)) {
      fields.add(new StructField(text, DataTypes.StringType, true, Metadata.empty()));
    }
    fields.add(new StructField(LINE, DataTypes.LongType, true, Metadata.empty()));
    return new StructType(fields.toArray(StructField[]::new));
  }

  @Override
  public Iterator<Row> call(Iterator<Row> lines) {
    return new CheckedRows(lines);
  }

  /** What a column's values must keep to. */
  private record ColumnRule(String name, double min, double max) implements Serializable {

    Refusal broken(String how, String value, String reason) {
      return new Refusal(name.strip().replace(' ', '-') + "-" + how, name, value, reason);
    }
  }

  /** A line's first broken rule. */
  private record Refusal(
      String rule, @Nullable String column, @Nullable String value, String reason) {}

  private final class CheckedRows implements Iterator<Row> {
    private final Iterator<Row> lines;
    private @Nullable Row next;
    private String uri = "";
    private String file = "";
    private long blockStart = -1;
    private long lineInBlock;
    private @Nullable CsvLayout layout;

    CheckedRows(Iterator<Row> lines) {
      this.lines = lines;
      this.next = advance();
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public Row next() {
      Row row = next;
      if (row == null) {
        throw new NoSuchElementException();
      }
      next = advance();
      return row;
    }

    private @Nullable Row advance() {
      while (lines.hasNext()) {
        Row line = lines.next();
        enterBlock(line.getString(1), line.getLong(2));
        lineInBlock++;
        boolean header = blockStart == 0 && lineInBlock == 1;
        String raw = line.getString(0);
        if (!header && !raw.isBlank()) {
          return check(raw);
        }
      }
      return null;
    }

    /** The lines of a block come in order and in one piece; a partition may hold several blocks. */
    private void enterBlock(String lineUri, long lineBlockStart) {
      if (lineBlockStart != blockStart || !lineUri.equals(uri)) {
        uri = lineUri;
        // Spark's text is percent-encoded, and has one slash or three behind "file:"
        file = new Path(URI.create(lineUri)).toString();
        blockStart = lineBlockStart;
        lineInBlock = 0;
        layout = layouts.get(file);
      }
    }

    private Row check(String raw) {
      CsvLayout columns = layout;
      if (columns == null) {
        throw new IllegalStateException(
            "File %s was not there when the headers were read; files must not be added while the job reads"
                .formatted(file));
      }
      int width = rules.size();
      @Nullable Object[] row = new @Nullable Object[width + 7];
      Refusal refusal = null;
      CsvLine line = CsvLine.split(raw, columns.separator());
      if (line instanceof CsvLine.Malformed malformed) {
        refusal = new Refusal(malformed.rule(), null, null, malformed.reason());
      } else if (line instanceof CsvLine.Fields fields) {
        refusal = fill(row, fields.values(), columns);
      }
      if (refusal != null) {
        Arrays.fill(row, null);
        row[width] = refusal.rule();
        row[width + 1] = refusal.column();
        row[width + 2] = refusal.value();
        row[width + 3] = refusal.reason();
        row[width + 4] = raw;
        row[width + 5] = file;
        row[width + 6] = blockStart == 0 ? lineInBlock : null;
      }
      return RowFactory.create(row);
    }

    private @Nullable Refusal fill(@Nullable Object[] row, List<String> fields, CsvLayout columns) {
      if (fields.size() != columns.width()) {
        boolean few = fields.size() < columns.width();
        return new Refusal(
            few ? "too-few-fields" : "too-many-fields",
            null,
            null,
            "the line has %d fields, the header %d".formatted(fields.size(), columns.width()));
      }
      for (int i = 0; i < rules.size(); i++) {
        ColumnRule rule = rules.get(i);
        String text = fields.get(columns.positions().get(i)).strip();
        if (text.isEmpty()) {
          return rule.broken("missing", text, rule.name() + " is empty");
        }
        CsvNumber number = CsvNumber.parse(text);
        if (number instanceof CsvNumber.Finite finite) {
          if (!(finite.value() >= rule.min() && finite.value() <= rule.max())) {
            return rule.broken(
                "out-of-range",
                text,
                "%s is %s; it must lie between %s and %s"
                    .formatted(rule.name(), text, rule.min(), rule.max()));
          }
          row[i] = finite.value();
        } else if (number instanceof CsvNumber.NotFinite) {
          return rule.broken(
              "not-finite", text, "%s is %s; it must be finite".formatted(rule.name(), text));
        } else {
          return rule.broken(
              "not-a-number",
              text,
              "%s is \"%s\"; it must be a decimal number with a point"
                  .formatted(rule.name(), text));
        }
      }
      return null;
    }
  }
}
