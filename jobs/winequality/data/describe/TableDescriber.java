package winequality.data.describe;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.approx_count_distinct;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;

import elasticnet.split.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.storage.StorageLevel;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;
import winequality.data.csv.CheckedSource;
import winequality.data.csv.CsvLayout;
import winequality.data.csv.CsvSource;
import winequality.data.csv.TextRow;
import winequality.data.table.DamagedTable;
import winequality.data.table.DeltaLocation;
import winequality.data.table.SourceTable;

/** Reads a source once, keeps its rows meanwhile, and drafts the description of its columns. */
public final class TableDescriber {

  private static final String DECIMAL = "^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$";

  /** More different texts are not levels. */
  private static final int MOST_LEVELS = 50;

  /** A level in fewer rows is doubted. */
  private static final int FEW_ROWS = 5;

  /** So many different whole numbers or fewer may be codes. */
  private static final int FEW_NUMBERS = 10;

  /** The share of texts that a column of numbers may have; their rows are quarantined. */
  private static final double STRAY = 0.02;

  private final SparkSession spark;
  private final double maxQuarantineFraction;

  /**
   * @param maxQuarantineFraction share of refused rows above which the draft sets its own
   */
  public TableDescriber(SparkSession spark, double maxQuarantineFraction) {
    this.spark = spark;
    this.maxQuarantineFraction = maxQuarantineFraction;
  }

  /**
   * Drafts the settings of a data set: a complete file for {@code --config}.
   *
   * @param source CSV files or a Delta table
   * @param label the name of the column to predict; empty for the last number
   * @throws DataRefusedException if the source cannot be read, or has no number to predict and
   *     nothing to learn from
   */
  public String describe(String source, Optional<String> label) {
    String last = source.replaceAll("/+$", "").replaceAll(".*[/]", "");
    Optional<DeltaLocation> table = SourceTable.find(source, spark);
    if (table.isPresent()) {
      return DamagedTable.refusing(
          source,
          () -> {
            Dataset<Row> rows = table.get().rows(spark);
            List<Field> fields = Stream.of(rows.schema().fields()).map(Field::of).toList();
            return draft(source, last, rows, fields, 0, label);
          });
    }
    CsvSource files =
        CsvSource.open("The source", source, List.of(), spark.sparkContext().hadoopConfiguration());
    List<List<String>> headers =
        files.layouts().values().stream()
            .map(layout -> layout.columnNames().stream().sorted().toList())
            .distinct()
            .toList();
    if (headers.size() > 1) {
      throw new DataRefusedException(
          "The files of %s have different columns, such as %s and %s; describe one of them"
              .formatted(source, headers.get(0), headers.get(1)));
    }
    CsvLayout layout = files.layouts().values().iterator().next();
    List<String> names = layout.columnNames();
    try (CheckedSource read = CheckedSource.read(spark, files, CheckedSource.Keep.TEXT)) {
      Dataset<Row> all = read.texts(names);
      return draft(
          source,
          last.replaceAll("(?i)\\.(csv|tsv|txt|data)(\\.\\w+)?$", ""),
          all.filter(col(TextRow.REFUSAL).isNull()),
          IntStream.range(0, names.size())
              .mapToObj(i -> Field.of(names.get(i), layout.names().get(i), layout.names()))
              .toList(),
          all.filter(col(TextRow.REFUSAL).isNotNull()).count(),
          label);
    }
  }

  /**
   * @param broken lines that cannot be split into the header's fields
   */
  private String draft(
      String source,
      String file,
      Dataset<Row> given,
      List<Field> fields,
      long broken,
      Optional<String> label) {
    Dataset<Row> rows =
        given
            .select(fields.stream().map(Field::column).toArray(Column[]::new))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Column[] figures = fields.stream().flatMap(Field::figures).toArray(Column[]::new);
      Row found = rows.agg(count(lit(1)), figures).first();
      long count = found.getLong(0);
      if (count == 0) {
        throw new DataRefusedException(source + " has no rows, so nothing can be described");
      }
      List<Figures> all = new ArrayList<>();
      for (int i = 0; i < fields.size(); i++) {
        all.add(Figures.of(fields.get(i), count, found, 1 + Field.FIGURES * i));
      }
      Map<String, Map<String, Long>> levels = levels(rows, all);
      DatasetDraft draft =
          new DatasetDraft(
              source,
              file,
              count,
              all.stream()
                  .map(column -> column.drafted(levels.getOrDefault(column.name(), Map.of())))
                  .toList(),
              broken == 0
                  ? List.of()
                  : List.of(
                      "%d lines have another number of fields than the header, or an open quote; they are quarantined."
                          .formatted(broken)));
      double refused =
          (broken + rows.filter(refused(fields, draft, draft.label(label))).count())
              / (double) (broken + count);
      return draft.text(
          label,
          refused > maxQuarantineFraction ? OptionalDouble.of(refused) : OptionalDouble.empty());
    } finally {
      rows.unpersist();
    }
  }

  /** Rows without a label, or with a text where a number is described. */
  private static Column refused(List<Field> fields, DatasetDraft draft, DatasetDraft.Column label) {
    Column refused = lit(false);
    for (int i = 0; i < fields.size(); i++) {
      DatasetDraft.Column column = draft.columns().get(i);
      if (column.number() && column.description().isPresent()) {
        Column without = fields.get(i).number().isNull();
        refused =
            refused.or(
                column.equals(label) ? without : without.and(fields.get(i).text().isNotNull()));
      }
    }
    return refused;
  }

  /** The rows of each level, of the columns that may be categories. */
  private static Map<String, Map<String, Long>> levels(Dataset<Row> rows, List<Figures> columns) {
    Column[] pairs =
        columns.stream()
            .filter(Figures::mayBeCategory)
            .map(
                column ->
                    struct(lit(column.name()).as("column"), column.field().text().as("level")))
            .toArray(Column[]::new);
    Map<String, Map<String, Long>> levels = new TreeMap<>();
    if (pairs.length > 0) {
      rows.select(explode(array(pairs)).as("pair"))
          .filter(col("pair.level").isNotNull())
          .groupBy("pair.column", "pair.level")
          .count()
          .collectAsList()
          .forEach(
              row ->
                  levels
                      .computeIfAbsent(row.getString(0), unused -> new TreeMap<>())
                      .put(row.getString(1), row.getLong(2)));
    }
    return levels;
  }

  /**
   * A column of the source.
   *
   * @param unfit why it can be neither a number nor a category; empty if it can
   */
  private record Field(String name, String header, Type type, String unfit) {

    static final int FIGURES = 7;

    private enum Type {
      /** Of a CSV file: a text that may be a number. */
      TEXT,
      /** Of a table. */
      STRING,
      NUMBER,
      OTHER
    }

    static Field of(StructField field) {
      String name = field.name();
      return field.dataType() instanceof NumericType
          ? new Field(name, name, Type.NUMBER, "")
          : field.dataType() instanceof StringType
              ? new Field(name, name, Type.STRING, "")
              : new Field(
                  name,
                  name,
                  Type.OTHER,
                  "it is %s; cast it in the table".formatted(field.dataType().simpleString()));
    }

    static Field of(String name, String header, List<String> headers) {
      long times = headers.stream().filter(header::equalsIgnoreCase).count();
      return times == 1
          ? new Field(name, header, Type.TEXT, "")
          : new Field(
              name,
              header,
              Type.OTHER,
              "the header has it %d times (upper and lower case count as one)".formatted(times));
    }

    Column column() {
      return col(Columns.quoted(name));
    }

    /** The text of a value; null if it stands for a missing one. */
    Column text() {
      if (type == Type.NUMBER) {
        Column number = column().cast(DataTypes.DoubleType);
        return when(not(isnan(number)), number.cast(DataTypes.StringType));
      }
      Column text = trim(column().cast(DataTypes.StringType));
      Object[] words =
          ColumnDescription.MISSING.stream().map(word -> word.toLowerCase(Locale.ROOT)).toArray();
      return when(text.notEqual("").and(not(lower(text).isin(words))), text);
    }

    /** Null for what is not finite. */
    Column number() {
      Column number =
          type == Type.NUMBER
              ? column().cast(DataTypes.DoubleType)
              : when(text().rlike(DECIMAL), text().try_cast("double"));
      return when(abs(number).leq(Double.MAX_VALUE), number);
    }

    Stream<Column> figures() {
      Column number = number();
      return Stream.of(
          count(text()),
          count(number),
          min(number),
          max(number),
          count(when(number.equalTo(floor(number)), 1)),
          approx_count_distinct(text(), 0.01),
          max(when(number.isNull(), text())));
    }
  }

  /**
   * What was found in a column.
   *
   * @param present values that are not missing
   * @param whole whole numbers
   * @param different different values, to about 1 %
   * @param stray one of the texts that are not numbers; empty if there are none
   */
  private record Figures(
      Field field,
      long rows,
      long present,
      long numbers,
      double min,
      double max,
      long whole,
      long different,
      String stray) {

    static Figures of(Field field, long rows, Row found, int at) {
      return new Figures(
          field,
          rows,
          found.getLong(at),
          found.getLong(at + 1),
          found.isNullAt(at + 2) ? Double.NaN : found.getDouble(at + 2),
          found.isNullAt(at + 3) ? Double.NaN : found.getDouble(at + 3),
          found.getLong(at + 4),
          found.getLong(at + 5),
          found.isNullAt(at + 6) ? "" : found.getString(at + 6));
    }

    String name() {
      return field.name();
    }

    private long missing() {
      return rows - present;
    }

    private boolean isNumber() {
      return field.type() == Field.Type.NUMBER || present - numbers <= STRAY * present;
    }

    boolean mayBeCategory() {
      return field.unfit().isEmpty()
          && !isNumber()
          && different >= 2
          && different <= Math.min(MOST_LEVELS, rows / 2 + 1);
    }

    DatasetDraft.Column drafted(Map<String, Long> levels) {
      if (!field.unfit().isEmpty()) {
        return leftOut(field.unfit());
      }
      if (present == 0) {
        return leftOut("it has no value");
      }
      if (isNumber()) {
        return field.type() == Field.Type.STRING
            ? leftOut(
                "it has numbers as texts: cast it in the table, or describe it with kind = category")
            : number();
      }
      return levels.size() >= 2 ? category(levels) : leftOut(text());
    }

    private String text() {
      if (different < 2) {
        return "it has the same text everywhere";
      }
      return 2 * numbers > present
          ? "%s of %d values are not numbers, such as %s; add it to dataset.missing-words if it stands for a missing value, and describe the column"
              .formatted(present - numbers, present, DatasetDraft.quoted(stray))
          : "it has about %d different texts, such as %s: an identifier or free text"
              .formatted(different, DatasetDraft.quoted(stray));
    }

    private DatasetDraft.Column leftOut(String why) {
      return drafted(Optional.empty(), List.of(why));
    }

    private DatasetDraft.Column drafted(Optional<String> description, List<String> doubts) {
      return new DatasetDraft.Column(name(), field.header(), description, isNumber(), doubts);
    }

    private DatasetDraft.Column number() {
      if (!(min < max)) {
        return leftOut("it is %s everywhere".formatted(min));
      }
      if (whole == rows && different > 0.95 * rows && max - min + 1 == rows) {
        return leftOut("it numbers the rows");
      }
      List<String> doubts = new ArrayList<>();
      if (numbers < present) {
        doubts.add(
            "%d values are not numbers, such as %s; their rows are quarantined"
                .formatted(present - numbers, DatasetDraft.quoted(stray)));
      }
      if (field.type() == Field.Type.TEXT
          && whole == numbers
          && different > 2
          && different <= FEW_NUMBERS) {
        doubts.add(
            "%d different whole numbers: if they are codes, write kind = category for min and max"
                .formatted(different));
      }
      if (missing() > 0) {
        doubts.add(
            "%d of %d values are missing: missing = quarantine refuses these rows, and missing-indicator = true adds a column"
                .formatted(missing(), rows));
      }
      String gap = missing() > 0 ? ", missing = mean" : "";
      return drafted(Optional.of(", min = %s, max = %s%s".formatted(min, max, gap)), doubts);
    }

    private DatasetDraft.Column category(Map<String, Long> levels) {
      List<String> doubts = new ArrayList<>();
      String rare =
          levels.entrySet().stream()
              .filter(level -> level.getValue() < FEW_ROWS)
              .map(level -> DatasetDraft.quoted(level.getKey()))
              .collect(Collectors.joining(", "));
      if (!rare.isEmpty()) {
        doubts.add(
            "levels in fewer than %d rows: %s; without them in the list they count as unknown"
                .formatted(FEW_ROWS, rare));
      }
      if (missing() > 0) {
        doubts.add(
            "%d of %d values are missing and count as unknown levels".formatted(missing(), rows));
      }
      return drafted(
          Optional.of(
              ", kind = category, levels = [%s]%s"
                  .formatted(
                      levels.keySet().stream()
                          .map(DatasetDraft::quoted)
                          .collect(Collectors.joining(", ")),
                      missing() > 0 ? ", unknown = other" : "")),
          doubts);
    }
  }
}
