package winequality.data.csv;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.monotonically_increasing_id;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.data.ColumnDescription;
import winequality.data.PathSpelling;
import winequality.data.SmallData;
import winequality.data.UnreadableSource;

/**
 * The rows of a source, read once, checked and counted.
 *
 * <p>Only after the last row is it known whether the source as a whole is refused, and until then
 * no row may reach a table. So the driver holds the rows of {@link SmallData}; others are spilled
 * to the executors' disks, which {@link #close()} frees.
 */
public final class CheckedSource implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CheckedSource.class);

  // the properties of CheckedRow
  static final String KIND = "kind";
  static final String FILE = "file";
  static final String VALUES = "values";
  static final String TEXTS = "texts";
  static final String NOTE = "note";

  /** What is kept of an accepted row: its values, or also its text for {@link #texts}. */
  public enum Keep {
    VALUES,
    TEXT
  }

  private final List<ColumnDescription> columns;
  private final List<CsvFile> files;
  private final List<CsvLayout> layouts;
  private final Dataset<Row> rows;
  private final boolean held;
  private final Map<CsvFile, FileTally> tallies = new LinkedHashMap<>();

  private CheckedSource(
      CsvSource source,
      Map<CsvFile, CsvLayout> layouts,
      Dataset<Row> rows,
      boolean held,
      List<FileTally> blocks) {
    this.columns = source.columns();
    this.files = List.copyOf(layouts.keySet());
    this.layouts = List.copyOf(layouts.values());
    this.rows = rows;
    this.held = held;
    blocks.stream()
        .sorted(Comparator.<FileTally>comparingInt(b -> b.file).thenComparingLong(b -> b.start))
        .forEach(
            block ->
                tallies
                    .computeIfAbsent(files.get(block.file), file -> new FileTally(block.file, 0))
                    .add(block));
  }

  /** Reads the source; refuses it if a file cannot be read to its end or changes meanwhile. */
  public static CheckedSource read(SparkSession spark, CsvSource source, Keep keep) {
    CheckedSource read = read(spark, source, keep, UnaryOperator.identity());
    List<String> torn =
        read.tallies.entrySet().stream()
            .filter(file -> file.getValue().open && file.getValue().linesBefore.size() > 1)
            .map(file -> file.getKey().path())
            .toList();
    if (!torn.isEmpty()) {
      // a row that continues in the next block was split between two tasks
      LOG.warn(
          "{} have line breaks within quotes and were read in several blocks; reading the source again with one task per file",
          torn);
      read.close();
      read = read(spark, source, keep, CheckedSource::byFile);
    }
    read.tallies.forEach(
        (file, tally) -> {
          if (tally.separatorLines > 0) {
            LOG.warn(
                "{}: {} lines have nothing but separators, as spreadsheets write them below the last row, and are ignored",
                file.path(),
                tally.separatorLines);
          }
        });
    return read;
  }

  /** The lines of each file in one partition and in order. */
  private static Dataset<Row> byFile(Dataset<Row> lines) {
    return lines
        .withColumn("place", monotonically_increasing_id())
        .repartition(col("_2"))
        .sortWithinPartitions(col("_2"), col("_3"), col("place"))
        .select(col("_1"), col("_2"), lit(0L).as("_3"));
  }

  private static CheckedSource read(
      SparkSession spark, CsvSource source, Keep keep, UnaryOperator<Dataset<Row>> arranged) {
    Map<CsvFile, CsvLayout> layouts = source.layouts();
    Map<String, Integer> places = new HashMap<>();
    layouts.forEach(
        (file, layout) -> {
          places.put(file.path(), places.size());
          if (keep != Keep.TEXT && !layout.extra().isEmpty()) {
            LOG.info(
                "{}: columns {} are not in dataset.columns and are ignored",
                file.path(),
                layout.extra());
          }
        });
    Dataset<Row> lines =
        spark
            .read()
            // a carriage return stays with its line, so that the raw text is that of the file
            .option("lineSep", "\n")
            .option("ignoreCorruptFiles", false)
            .option("ignoreMissingFiles", false)
            .text(places.keySet().stream().map(PathSpelling::literal).toArray(String[]::new))
            .select(
                col("value").cast("binary").as("_1"),
                col("_metadata.file_path").cast("binary").as("_2"),
                col("_metadata.file_block_start").as("_3"));
    Dataset<Row> rows =
        arranged
            .apply(lines)
            .as(Encoders.tuple(Encoders.BINARY(), Encoders.BINARY(), Encoders.LONG()))
            .mapPartitions(
                new LineChecker(source.columns(), List.copyOf(layouts.values()), places, keep),
                Encoders.bean(CheckedRow.class))
            .toDF();
    boolean held = SmallData.is(source.bytes());
    try {
      rows =
          held
              ? spark.createDataFrame(rows.collectAsList(), rows.schema())
              : rows.persist(StorageLevel.DISK_ONLY());
      List<FileTally> blocks =
          rows.filter(col(KIND).equalTo(CheckedRow.TALLY)).select(NOTE).collectAsList().stream()
              .map(tally -> FileTally.ofBytes(tally.<byte[]>getAs(0)))
              .toList();
      source.requireUnchanged();
      return new CheckedSource(source, layouts, rows, held, blocks);
    } catch (Exception e) {
      rows.unpersist();
      // also checked exceptions, which Spark's Scala does not declare
      throw UnreadableSource.refusal(
          source.setting(), source.text(), " The tables are unchanged.", e);
    }
  }

  /** The tally of each file that has a line. */
  public Map<CsvFile, FileTally> tallies() {
    return Collections.unmodifiableMap(tallies);
  }

  /** Whether the driver holds the rows, so that they can still be read when this is closed. */
  public boolean held() {
    return held;
  }

  /**
   * The accepted rows of these files, under the names of the data set; null for what is missing.
   */
  public Dataset<Row> accepted(List<CsvFile> of) {
    Column[] named = new Column[columns.size()];
    for (int i = 0; i < named.length; i++) {
      named[i] = columns.get(i).named(value(columns, i, VALUES, TEXTS));
    }
    return kind(CheckedRow.ACCEPTED, of).select(named);
  }

  /** A column's value in the arrays of values and of texts. */
  static Column value(List<ColumnDescription> columns, int i, String values, String texts) {
    if (columns.get(i).isCategory()) {
      int before =
          (int) columns.subList(0, i).stream().filter(ColumnDescription::isCategory).count();
      return col(texts).getItem(before);
    }
    Column value = col(values).getItem(i);
    return columns.get(i).kind().mayBeMissing() ? when(not(isnan(value)), value) : value;
  }

  /**
   * All rows as {@link TextRow}s; for a source that was read with {@link Keep#TEXT}.
   *
   * @param names of fields, or of columns with a value by file
   */
  public Dataset<Row> texts(List<String> names) {
    return together(rows.filter(col(KIND).notEqual(CheckedRow.TALLY)))
        .map(new TextRow(columns, layouts, names), Encoders.row(TextRow.schema(names)));
  }

  /** The refused rows of these files, as the quarantine table stores them. */
  public Dataset<Row> refused(List<CsvFile> of) {
    Map<Integer, Map<Long, Long>> linesBefore = new HashMap<>();
    tallies.values().forEach(tally -> linesBefore.put(tally.file, tally.linesBefore));
    return kind(CheckedRow.REFUSED, of)
        .select(FILE, NOTE)
        .as(Encoders.tuple(Encoders.INT(), Encoders.BINARY()))
        .map(
            new QuarantineRow(files.stream().map(CsvFile::path).toList(), linesBefore),
            Encoders.row(QuarantineRow.SCHEMA));
  }

  private Dataset<Row> kind(int kind, List<CsvFile> of) {
    Dataset<Row> all = rows.filter(col(KIND).equalTo(kind));
    Object[] others =
        IntStream.range(0, files.size())
            .filter(place -> !of.contains(files.get(place)))
            .boxed()
            .toArray();
    Dataset<Row> found = others.length == 0 ? all : all.filter(not(col(FILE).isin(others)));
    return together(found);
  }

  /** In one task if the driver holds them; else they make a task, and a file, for each core. */
  private Dataset<Row> together(Dataset<Row> some) {
    return held ? some.coalesce(1) : some;
  }

  @Override
  public void close() {
    rows.unpersist();
  }
}
