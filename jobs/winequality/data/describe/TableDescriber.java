package winequality.data.describe;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.approx_count_distinct;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;

import elasticnet.split.Columns;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;
import winequality.data.csv.CheckedSource;
import winequality.data.csv.CsvSource;
import winequality.data.csv.TextRow;
import winequality.data.table.DeltaLocation;
import winequality.data.table.SourceTable;

/** Reads a table twice and drafts the description of its columns. */
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

  public TableDescriber(SparkSession spark) {
    this.spark = spark;
  }

  /**
   * Drafts the settings of a data set: a complete file for {@code --config}.
   *
   * @param source CSV files or a Delta table
   * @param label the header of the column to predict; empty for the last number
   * @throws DataRefusedException if the source cannot be read, or has no number to predict and
   *     nothing to learn from
   */
  public String describe(String source, Optional<String> label) {
    Optional<DeltaLocation> table = SourceTable.find(source, spark);
    if (table.isPresent()) {
      return draft(source, table.get().rows(spark), List.of()).text(label);
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
    List<String> names = files.layouts().values().iterator().next().columnNames();
    try (CheckedSource read = CheckedSource.read(spark, files, CheckedSource.Keep.TEXT)) {
      Dataset<Row> all = read.texts(names);
      long broken = all.filter(col(TextRow.REFUSAL).isNotNull()).count();
      return draft(
              source,
              all.filter(col(TextRow.REFUSAL).isNull()).select(columns(names)),
              broken == 0
                  ? List.of()
                  : List.of(
                      "%d lines have no form of a row and are quarantined.".formatted(broken)))
          .text(label);
    }
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(name -> col(Columns.quoted(name))).toArray(Column[]::new);
  }

  private DatasetDraft draft(String source, Dataset<Row> given, List<String> remarks) {
    Dataset<Row> rows = given.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      List<String> names = List.of(rows.columns());
      List<Column> figures = new ArrayList<>();
      for (String name : names) {
        Column text = text(name);
        Column number = number(text);
        figures.add(count(text));
        figures.add(count(number));
        figures.add(min(number));
        figures.add(max(number));
        figures.add(count(when(number.equalTo(floor(number)), 1)));
        figures.add(approx_count_distinct(text, 0.01));
        figures.add(max(when(number.isNull(), text)));
      }
      Row found = rows.agg(count(lit(1)), figures.toArray(Column[]::new)).first();
      long count = found.getLong(0);
      if (count == 0) {
        throw new DataRefusedException(source + " has no rows, so nothing can be described");
      }
      List<Figures> all = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        all.add(Figures.of(names.get(i), count, found, 1 + 7 * i));
      }
      Map<String, Map<String, Long>> levels = levels(rows, all);
      return new DatasetDraft(
          source,
          count,
          all.stream()
              .map(column -> column.drafted(levels.getOrDefault(column.name(), Map.of())))
              .toList(),
          remarks);
    } finally {
      rows.unpersist();
    }
  }

  /** The text of a value; null if it stands for a missing one. */
  private static Column text(String name) {
    Column text = trim(col(Columns.quoted(name)).cast("string"));
    Object[] words =
        ColumnDescription.MISSING.stream().map(word -> word.toLowerCase(Locale.ROOT)).toArray();
    return when(text.notEqual("").and(lower(text).isin(words).equalTo(lit(false))), text);
  }

  private static Column number(Column text) {
    Column number = when(text.rlike(DECIMAL), text.try_cast("double"));
    return when(abs(number).leq(Double.MAX_VALUE), number);
  }

  /** The rows of each level, of the columns that may be categories. */
  private static Map<String, Map<String, Long>> levels(Dataset<Row> rows, List<Figures> columns) {
    Column[] pairs =
        columns.stream()
            .filter(Figures::mayBeCategory)
            .map(column -> struct(lit(column.name()).as("column"), text(column.name()).as("level")))
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
   * What was found in a column.
   *
   * @param present values that are not missing
   * @param whole whole numbers
   * @param different different values, to about 1 %
   * @param stray one of the texts that are not numbers; empty if there are none
   */
  private record Figures(
      String name,
      long rows,
      long present,
      long numbers,
      double min,
      double max,
      long whole,
      long different,
      String stray) {

    static Figures of(String name, long rows, Row found, int at) {
      return new Figures(
          name,
          rows,
          found.getLong(at),
          found.getLong(at + 1),
          found.isNullAt(at + 2) ? Double.NaN : found.getDouble(at + 2),
          found.isNullAt(at + 3) ? Double.NaN : found.getDouble(at + 3),
          found.getLong(at + 4),
          found.getLong(at + 5),
          found.isNullAt(at + 6) ? "" : found.getString(at + 6));
    }

    private long missing() {
      return rows - present;
    }

    private boolean isNumber() {
      return present > 0 && present - numbers <= STRAY * present;
    }

    boolean mayBeCategory() {
      return !isNumber() && different >= 2 && different <= Math.min(MOST_LEVELS, rows / 2 + 1);
    }

    DatasetDraft.Column drafted(Map<String, Long> levels) {
      if (isNumber()) {
        return number();
      }
      return levels.size() >= 2
          ? category(levels)
          : leftOut(present == 0 ? "it has no value" : text());
    }

    private String text() {
      return different < 2
          ? "it has the same text everywhere"
          : "it has about %d different texts, such as %s: an identifier or free text"
              .formatted(different, DatasetDraft.quoted(stray));
    }

    private DatasetDraft.Column leftOut(String why) {
      return new DatasetDraft.Column(name, Optional.empty(), false, 0, 0, List.of(why));
    }

    private DatasetDraft.Column number() {
      if (min == max) {
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
      if (whole == numbers && different > 2 && different <= FEW_NUMBERS) {
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
      return new DatasetDraft.Column(
          name,
          Optional.of(", min = %s, max = %s%s".formatted(min, max, gap)),
          true,
          present - numbers,
          missing(),
          doubts);
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
      return new DatasetDraft.Column(
          name,
          Optional.of(
              ", kind = category, levels = [%s]%s"
                  .formatted(
                      levels.keySet().stream()
                          .map(DatasetDraft::quoted)
                          .collect(Collectors.joining(", ")),
                      missing() > 0 ? ", unknown = other" : "")),
          false,
          0,
          missing(),
          doubts);
    }
  }
}
