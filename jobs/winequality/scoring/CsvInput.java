package winequality.scoring;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;

import elasticnet.split.Columns;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import sparkmlflow.model.ColumnType;
import sparkmlflow.model.ModelSignature;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;
import winequality.data.Fingerprint;
import winequality.data.csv.CheckedSource;
import winequality.data.csv.CsvFile;
import winequality.data.csv.CsvLayout;
import winequality.data.csv.CsvSource;
import winequality.data.csv.TextRow;
import winequality.data.table.RowRefusal;

/**
 * CSV files, read and checked as in an ingest; the version hashes their paths, lengths and times.
 */
final class CsvInput implements ScoringInput {

  private final SparkSession spark;
  private final CsvSource source;
  private final List<String> checked;
  private final List<String> columns;
  private @Nullable CheckedSource read;

  private CsvInput(
      SparkSession spark, CsvSource source, List<String> checked, List<String> columns) {
    this.spark = spark;
    this.source = source;
    this.checked = checked;
    this.columns = columns;
  }

  /** Reads the headers. */
  static CsvInput open(SparkSession spark, String location, List<ColumnDescription> inputs) {
    List<ColumnDescription> needed = inputs;
    if (needed.stream().anyMatch(column -> column.kind().mayBeMissing())) {
      needed = withoutAbsent(spark, location, needed);
    }
    CsvSource source = source(spark, location, needed);
    Map<CsvFile, CsvLayout> layouts = source.layouts();
    Map.Entry<CsvFile, CsvLayout> first = layouts.entrySet().iterator().next();
    List<String> header = first.getValue().columnNames();
    layouts.forEach(
        (file, layout) -> {
          if (!new HashSet<>(layout.columnNames()).equals(new HashSet<>(header))) {
            throw new DataRefusedException(
                "%s has the columns %s, but %s has %s. Files that are scored together must have the same columns, in any order."
                    .formatted(first.getKey().path(), header, file.path(), layout.columnNames()));
          }
        });
    List<String> checked = needed.stream().map(ColumnDescription::name).toList();
    List<String> columns = new ArrayList<>(header);
    checked.stream().filter(name -> !header.contains(name)).forEach(columns::add);
    return new CsvInput(spark, source, checked, List.copyOf(columns));
  }

  /** Without the columns that may be missing and of which no file has a field. */
  private static List<ColumnDescription> withoutAbsent(
      SparkSession spark, String location, List<ColumnDescription> columns) {
    List<ColumnDescription> required =
        columns.stream().filter(column -> !column.kind().mayBeMissing()).toList();
    List<String> fields =
        source(spark, location, required).layouts().values().stream()
            .flatMap(layout -> layout.names().stream())
            .toList();
    return columns.stream()
        .filter(
            column ->
                required.contains(column)
                    || !column.isField()
                    || fields.stream().anyMatch(column.header()::equalsIgnoreCase))
        .toList();
  }

  private static CsvSource source(
      SparkSession spark, String location, List<ColumnDescription> needed) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    return CsvSource.open("scoring.source", location, needed, hadoop);
  }

  @Override
  public String location() {
    return source.text();
  }

  @Override
  public String version() {
    // not the source's fingerprint: tables of predictions have this one
    return Fingerprint.of(
            source.files().stream()
                .map(file -> file.path() + "\t" + file.length() + "\t" + file.modified())
                .sorted()
                .collect(Collectors.joining("\n")))
        .substring(0, 16);
  }

  /** Files have no identifier besides their version. */
  @Override
  public String identity() {
    return version();
  }

  @Override
  public long bytes() {
    return source.bytes();
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  @Override
  public Dataset<Row> rows() {
    if (read == null) {
      read = CheckedSource.read(spark, source, CheckedSource.Keep.TEXT);
    }
    return read.texts(columns);
  }

  @Override
  public Column unreadable() {
    return col(TextRow.REFUSAL);
  }

  @Override
  public Column stored() {
    return RowRefusal.stored(Stream.concat(columns.stream(), Stream.of(TextRow.LINE)).toList());
  }

  @Override
  public Column value(ModelSignature.Column input) {
    int place = checked.indexOf(input.name());
    if (place >= 0) {
      return TextRow.value(source.columns(), place).cast(input.type().sparkType());
    }
    Column text = text(input);
    return input.type() == ColumnType.STRING ? text : trim(text).try_cast(input.type().sparkType());
  }

  @Override
  public Column text(ModelSignature.Column input) {
    Column text = col(Columns.quoted(input.name()));
    // an accepted word for a missing value is not shown
    return checked.contains(input.name()) ? when(value(input).isNotNull(), text) : text;
  }

  @Override
  public Optional<String> mismatch(ModelSignature.Column input) {
    if (input.type() == ColumnType.BINARY) {
      return Optional.of("\"%s\" is binary, which a CSV file cannot hold".formatted(input.name()));
    }
    return columns.contains(input.name()) || input.presence() == ModelSignature.Presence.OPTIONAL
        ? Optional.empty()
        : Optional.of("\"%s\" is missing".formatted(input.name()));
  }

  @Override
  public void requireUnchanged() {
    if (!source(spark, source.text(), source.columns()).files().equals(source.files())) {
      throw new DataRefusedException(
          "The files of %s were changed while they were scored; run the job again when nothing writes to them."
              .formatted(source.text()));
    }
  }

  /** The files were read when they were opened. */
  @Override
  public <T> T reading(Supplier<T> work) {
    return work.get();
  }

  @Override
  public void close() {
    if (read != null) {
      read.close();
      read = null;
    }
  }
}
