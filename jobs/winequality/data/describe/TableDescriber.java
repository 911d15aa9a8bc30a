package winequality.data.describe;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.data.DataRefusedException;
import winequality.data.csv.CheckedSource;
import winequality.data.csv.CsvLayout;
import winequality.data.csv.CsvSource;
import winequality.data.csv.TextRow;
import winequality.data.describe.ColumnDraft.Field;
import winequality.data.table.DamagedTable;
import winequality.data.table.DeltaLocation;
import winequality.data.table.ParquetSource;
import winequality.data.table.SourceTable;

/** Reads a source, keeps its rows meanwhile, and drafts the description of its columns. */
public final class TableDescriber {

  private static final Logger LOG = LoggerFactory.getLogger(TableDescriber.class);

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
   * Drafts the settings of a data set: a complete file for {@code --config}. The log names the
   * columns that the draft leaves out.
   *
   * @param source CSV files, Parquet or a Delta table
   * @param label the name of the column to predict; empty for the last number
   * @throws DataRefusedException if the source cannot be read, or has no number to predict and
   *     nothing to learn from
   */
  public String describe(String source, Optional<String> label) {
    String last = source.replaceAll("/+$", "").replaceAll(".*[/]", "");
    Optional<DeltaLocation> table = SourceTable.find(source, spark);
    if (table.isPresent()) {
      return DamagedTable.refusing(
          source, () -> describeTyped(source, last, table.get().rows(spark), label));
    }
    Optional<ParquetSource> parquet = ParquetSource.find("The source", source, spark);
    if (parquet.isPresent()) {
      ParquetSource rows = parquet.get();
      return rows.refusing(() -> describeTyped(source, named(last), rows.read(spark), label));
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
          named(last),
          all.filter(col(TextRow.REFUSAL).isNull()),
          IntStream.range(0, names.size())
              .mapToObj(i -> field(names.get(i), layout.names().get(i), layout.names()))
              .toList(),
          all.filter(col(TextRow.REFUSAL).isNotNull()).count(),
          label);
    }
  }

  /** Without the ending of a file. */
  private static String named(String last) {
    return last.replaceAll("(?i)\\.(parquet|(csv|tsv|txt|data)(\\.\\w+)?)$", "");
  }

  private static Field field(String name, String header, List<String> headers) {
    long times = headers.stream().filter(header::equalsIgnoreCase).count();
    return new Field(
        name,
        header,
        ColumnDraft.Type.FIELD,
        times == 1
            ? ""
            : "the header has it %d times (upper and lower case count as one)".formatted(times));
  }

  private String describeTyped(
      String source, String file, Dataset<Row> rows, Optional<String> label) {
    List<Field> fields = new ArrayList<>();
    for (StructField field : rows.schema().fields()) {
      boolean number = field.dataType() instanceof NumericType;
      boolean index = field.name().matches("__index_level_\\d+__");
      boolean fit = number || field.dataType() instanceof StringType;
      fields.add(
          new Field(
              field.name(),
              field.name(),
              number ? ColumnDraft.Type.NUMBER : ColumnDraft.Type.STRING,
              index
                  ? "it is the index of a pandas frame"
                  : fit
                      ? ""
                      : "it is %s; cast it in the source"
                          .formatted(field.dataType().simpleString())));
    }
    return draft(source, file, rows, fields, 0, label);
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
            .select(fields.stream().map(Field::texts).toArray(Column[]::new))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Row found =
          rows.agg(count(lit(1)), fields.stream().map(Field::figures).toArray(Column[]::new))
              .first();
      long count = found.getLong(0);
      if (count == 0) {
        throw new DataRefusedException(source + " has no rows, so nothing can be described");
      }
      List<ColumnDraft> columns = new ArrayList<>();
      for (Field field : fields) {
        ColumnDraft read =
            new ColumnDraft(
                field,
                count,
                found.getStruct(columns.size() + 1),
                new TreeMap<>(),
                new TreeMap<>());
        if (read.mayBeCategory()) {
          for (Row level : rows.groupBy(field.text()).count().na().drop().collectAsList()) {
            read.levels().put(level.getString(0), level.getLong(1));
          }
        }
        columns.add(read);
      }
      countWords(given, columns.stream().filter(ColumnDraft::mayHaveWords).toList());
      DatasetDraft draft = new DatasetDraft(source, file, count, broken, columns);
      ColumnDraft target = draft.label(label);
      Column refused =
          greatest(
              Stream.concat(
                      Stream.of(lit(false), lit(false)),
                      columns.stream()
                          .filter(ColumnDraft::isDescribedNumber)
                          .map(
                              column ->
                                  column.equals(target)
                                      ? column.field().number().isNull()
                                      : column.field().stray().isNotNull()))
                  .toArray(Column[]::new));
      double share = (broken + rows.filter(refused).count()) / (double) (broken + count);
      String text = draft.text(label, share > maxQuarantineFraction ? share : 0.0);
      if (!draft.leftOut().isEmpty()) {
        LOG.warn(
            "The draft does not have all columns of {}{}\nLook at the draft before you train with it",
            source,
            draft.leftOut());
      }
      return text;
    } finally {
      rows.unpersist();
    }
  }

  /** Reads the source once more, as the rows that are kept have no words for a missing value. */
  private static void countWords(Dataset<Row> given, List<ColumnDraft> columns) {
    Column[] words =
        IntStream.range(0, columns.size())
            .mapToObj(i -> struct(lit(i).as("place"), columns.get(i).field().word().as("word")))
            .toArray(Column[]::new);
    if (words.length > 0) {
      given
          .select(explode(array(words)).as("one"))
          .filter(col("one.word").isNotNull())
          .groupBy("one.place", "one.word")
          .count()
          .collectAsList()
          .forEach(
              found ->
                  columns.get(found.getInt(0)).words().put(found.getString(1), found.getLong(2)));
    }
  }
}
