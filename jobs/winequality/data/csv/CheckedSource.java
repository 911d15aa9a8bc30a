package winequality.data.csv;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.monotonically_increasing_id;
import static org.apache.spark.sql.functions.not;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;
import winequality.data.ingest.QuarantineRow;

/**
 * The rows of a source, read once, checked and counted.
 *
 * <p>They are spilled to the executors' disks, because whether the source is refused as a whole is
 * known only behind its last row, and no row may reach a table before that. Nothing of it is held
 * in memory. {@link #close()} frees the disks.
 */
public final class CheckedSource implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CheckedSource.class);

  // the properties of CheckedRow
  private static final String KIND = "kind";
  private static final String FILE = "file";
  private static final String VALUES = "values";
  private static final String NOTE = "note";

  /** What is kept of an accepted row. */
  public enum Keep {
    /** Its values. */
    VALUES,
    /** Its values and its text, for {@link CheckedSource#texts}. */
    TEXT
  }

  private final List<ColumnDescription> columns;
  private final List<CsvFile> files;
  private final List<CsvLayout> layouts;
  private final Dataset<Row> rows;
  private final Map<Integer, FileTally> tallies;
  private final Map<Integer, Map<Long, Long>> linesBefore;

  private CheckedSource(
      CsvSource source,
      Map<CsvFile, CsvLayout> layouts,
      Dataset<Row> rows,
      List<FileTally> blocks) {
    this.columns = source.columns();
    this.files = List.copyOf(layouts.keySet());
    this.layouts = List.copyOf(layouts.values());
    this.rows = rows;
    this.tallies = new TreeMap<>();
    this.linesBefore = new HashMap<>();
    blocks.sort(Comparator.comparingLong(block -> block.start));
    for (FileTally block : blocks) {
      FileTally before = tallies.get(block.file);
      linesBefore
          .computeIfAbsent(block.file, file -> new HashMap<>())
          .put(block.start, before == null ? 0 : before.lines);
      if (before == null) {
        tallies.put(block.file, block);
      } else {
        before.add(block);
      }
    }
  }

  /**
   * Reads the source.
   *
   * @throws DataRefusedException if a file cannot be read to its end or was changed meanwhile
   */
  public static CheckedSource read(SparkSession spark, CsvSource source, Keep keep) {
    CheckedSource read = read(spark, source, keep, UnaryOperator.identity());
    List<String> torn =
        read.tallies.entrySet().stream()
            .filter(tally -> tally.getValue().open && tally.getValue().blocks > 1)
            .map(tally -> read.files.get(tally.getKey()).path())
            .toList();
    if (torn.isEmpty()) {
      return read;
    }
    // where a row goes on in another block, each of two tasks has a half of it
    LOG.warn(
        "{} have line breaks within quotes and were read in several blocks; the source is read again with a task for each file",
        torn);
    read.close();
    return read(spark, source, keep, CheckedSource::byFile);
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
    if (keep != Keep.TEXT) {
      layouts.forEach(CheckedSource::reportExtra);
    }
    layouts.keySet().forEach(file -> places.put(file.path(), places.size()));
    Dataset<Row> lines =
        spark
            .read()
            // a carriage return stays with its line, so that the raw text is that of the file
            .option("lineSep", "\n")
            .option("ignoreCorruptFiles", false)
            .option("ignoreMissingFiles", false)
            .text(places.keySet().stream().map(CheckedSource::literal).toArray(String[]::new))
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
            .toDF()
            .persist(StorageLevel.DISK_ONLY());
    try {
      List<FileTally> blocks = new ArrayList<>();
      for (Row tally :
          rows.filter(col(KIND).equalTo(CheckedRow.TALLY)).select(NOTE).collectAsList()) {
        blocks.add(FileTally.ofBytes(tally.<byte[]>getAs(0)));
      }
      source.requireUnchanged();
      return new CheckedSource(source, layouts, rows, blocks);
    } catch (Exception e) {
      rows.unpersist();
      // checked exceptions too, which Spark's Scala does not declare
      throw refusal(source, e);
    }
  }

  private static void reportExtra(CsvFile file, CsvLayout layout) {
    if (!layout.extra().isEmpty()) {
      LOG.info(
          "{}: columns {} are not in dataset.columns and are left out",
          file.path(),
          layout.extra());
    }
  }

  /**
   * Only what befell the reading of a file is the source's fault; a full disk of Spark's is not.
   */
  private static RuntimeException refusal(CsvSource source, Exception e) {
    boolean reading = false;
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      String condition = cause instanceof SparkThrowable known ? known.getCondition() : null;
      reading |= condition != null && condition.startsWith("FAILED_READ_FILE");
      if (reading && cause.getCause() == null) {
        return new DataRefusedException(
            "%s \"%s\" could not be read to its end (%s: %s). It may be damaged, or have changed while it was read; look at it and run the job again. The tables are as they were."
                .formatted(
                    source.setting(),
                    source.text(),
                    cause.getClass().getSimpleName(),
                    cause.getMessage()),
            e);
      }
    }
    return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
  }

  /** Spark takes a path for a pattern; this one means the file of that very name. */
  private static String literal(String path) {
    return path.replaceAll("([\\\\{}\\[\\]*?])", "\\\\$1");
  }

  /** The tally of each file that has a line. */
  public Map<CsvFile, FileTally> tallies() {
    Map<CsvFile, FileTally> byFile = new java.util.LinkedHashMap<>();
    tallies.forEach((place, tally) -> byFile.put(files.get(place), tally));
    return byFile;
  }

  /** The accepted rows of some files, under the names of the data set. */
  public Dataset<Row> accepted(List<CsvFile> of) {
    return named(kind(CheckedRow.ACCEPTED, of));
  }

  private Dataset<Row> named(Dataset<Row> accepted) {
    List<Column> named = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      ColumnDescription column = columns.get(i);
      named.add(col(VALUES).getItem(i).as(column.name(), comment(column)));
    }
    return accepted.select(named.toArray(Column[]::new));
  }

  /**
   * All rows, accepted and refused, with the text of their fields; for a source that was read with
   * {@link Keep#TEXT}.
   *
   * @param names of fields, or of columns with a value by file
   * @return the columns of {@link TextRow#schema}
   */
  public Dataset<Row> texts(List<String> names) {
    return rows.filter(col(KIND).notEqual(CheckedRow.TALLY))
        .map(new TextRow(columns, layouts, names), Encoders.row(TextRow.schema(names)));
  }

  /** The refused rows of some files, as the quarantine table has them. */
  public Dataset<Row> refused(List<CsvFile> of) {
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
        Stream.iterate(0, i -> i < files.size(), i -> i + 1)
            .filter(place -> !of.contains(files.get(place)))
            .toArray();
    return others.length == 0 ? all : all.filter(not(col(FILE).isin(others)));
  }

  private static Metadata comment(ColumnDescription column) {
    return column.comment().isEmpty()
        ? Metadata.empty()
        : new MetadataBuilder().putString("comment", column.comment()).build();
  }

  @Override
  public void close() {
    rows.unpersist();
  }
}
