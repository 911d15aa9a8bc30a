package winequality.app.training;

import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import winequality.app.job.JobContext;
import winequality.app.job.Sessions;
import winequality.app.job.UsageException;
import winequality.config.Settings;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.IngestMode;
import winequality.data.csv.CsvSource;
import winequality.data.ingest.CsvIngest;
import winequality.data.ingest.IngestedRows;
import winequality.data.ingest.IngestedTable;
import winequality.data.ingest.TableIngest;
import winequality.data.table.DamagedTable;
import winequality.data.table.DeltaLocation;
import winequality.data.table.ParquetSource;
import winequality.data.table.SourceRows;
import winequality.data.table.SourceTable;
import winequality.data.table.TableProperties;
import winequality.data.table.TableRole;
import winequality.data.table.TableVersion;
import winequality.data.table.TimeTravel;

/**
 * The table to train from: freshly ingested, {@code data.source} itself if that is a Delta table,
 * or the version of either that {@code data.table-version} names.
 *
 * @param rows the accepted rows: persisted if they come from a typed source, held by the driver
 *     after a small CSV file, else read lazily
 * @param source {@link #files} from before the ingest; empty if no file was looked at
 */
public record TakenIn(
    IngestedTable table,
    TableRole role,
    Dataset<Row> rows,
    String tableId,
    Optional<String> source) {

  /**
   * Called before anything is done.
   *
   * @throws UsageException if no source is set, and no version of the table to do without
   */
  public static void require(DataSettings data) {
    if (data.source().isBlank() && data.tableVersion().isEmpty()) {
      throw new UsageException(
          "data.source is not set; name the CSV files, the Parquet or the Delta table to train from");
    }
  }

  /** Takes {@code data.source} in, or opens the version that the settings name. */
  public static TakenIn of(JobContext context) {
    TakenIn taken = context.measure("data", () -> takenIn(context));
    context.report().table(taken.table());
    return taken;
  }

  private static TakenIn takenIn(JobContext context) {
    try {
      return sourceTable(context)
          .map(table -> checked(context, table))
          .orElseGet(() -> fromFiles(context));
    } catch (DataRefusedException e) {
      e.refused().ifPresent(context.report()::refused);
      throw e;
    }
  }

  /** Checks the source's files or its table, and reads no row. */
  static void rehearse(JobContext context) {
    Supplier<Object> look =
        () -> {
          Optional<DeltaLocation> table = sourceTable(context);
          if (table.isPresent()) {
            TableVersion version = pinned(context, table.get());
            SourceRows.open(context.spark(), version, context.settings().dataset().columns());
            // Delta counts in its log
            return DamagedTable.refusing(
                version.location(), () -> version.read(context.spark()).count());
          }
          Optional<TableVersion> chosen = chosen(context);
          if (chosen.isPresent()) {
            return chosen;
          }
          Optional<ParquetSource> parquet = parquet(context);
          if (parquet.isPresent()) {
            ParquetSource files = parquet.get();
            return files.refusing(
                () -> files.rows(context.spark(), context.settings().dataset().columns()));
          }
          return csv(context).layouts();
        };
    context.measure("data", look);
  }

  /** A fingerprint of the files of {@code data.source}, which are not read. */
  public static String files(JobContext context) {
    return parquet(context)
        .map(ParquetSource::fingerprint)
        .orElseGet(() -> csv(context).fingerprint());
  }

  private static CsvSource csv(JobContext context) {
    return CsvSource.open(
        context.settings().data().source(),
        context.settings().dataset(),
        context.spark().sparkContext().hadoopConfiguration());
  }

  private static Optional<ParquetSource> parquet(JobContext context) {
    DataSettings data = context.settings().data();
    Optional<ParquetSource> parquet =
        ParquetSource.find("data.source", data.source(), context.spark());
    if (parquet.isPresent() && data.mode() == IngestMode.APPEND) {
      throw new DataRefusedException(
          "data.mode is append, but data.source \"%s\" is Parquet, which is only read as a whole. Set data.mode = replace, or name CSV files."
              .formatted(data.source()));
    }
    return parquet;
  }

  /**
   * {@code data.source} if it is a Delta table; empty for files.
   *
   * @throws DataRefusedException if rows are to be appended to {@code data.table} from a table
   */
  public static Optional<DeltaLocation> sourceTable(JobContext context) {
    DataSettings data = context.settings().data();
    Optional<DeltaLocation> table = SourceTable.find(data.source(), context.spark());
    if (table.isPresent() && data.mode() == IngestMode.APPEND) {
      throw new DataRefusedException(
          "data.mode is append, but data.source \"%s\" is a Delta table, which is trained from where it is: there is nothing to append. Set data.mode = replace, or name CSV files."
              .formatted(data.source()));
    }
    return table;
  }

  /** The rows in memory, for several stages; the caller unpersists them. */
  public Dataset<Row> persisted() {
    return rows.storageLevel().equals(StorageLevel.NONE())
        ? rows.persist(StorageLevel.MEMORY_AND_DISK())
        : rows;
  }

  private static TakenIn checked(JobContext context, DeltaLocation table) {
    TableVersion version = pinned(context, table);
    IngestedRows checked =
        Sessions.reading(
            version.bytes(context.spark()),
            context.spark(),
            () -> tableIngest(context).ingest(version));
    return new TakenIn(
        checked.table(),
        TableRole.SOURCE,
        checked.rows().orElseThrow(),
        version.tableId(context.spark()),
        Optional.empty());
  }

  private static TableIngest tableIngest(JobContext context) {
    Settings settings = context.settings();
    return new TableIngest(context.spark(), settings.dataset(), settings.data(), context.jobId());
  }

  private static TableVersion pinned(JobContext context, DeltaLocation table) {
    return context
        .settings()
        .data()
        .tableVersion()
        .map(point -> travel(context, TableRole.SOURCE).to(table.text(), point))
        .orElseGet(() -> table.newestVersion(context.spark()));
  }

  private static TakenIn fromFiles(JobContext context) {
    Optional<TableVersion> chosen = chosen(context);
    if (chosen.isPresent()) {
      TableProperties.requireMet(context.spark(), chosen.get(), context.settings().dataset());
      IngestedTable table = IngestedTable.asItIs(chosen.get());
      return of(context, new IngestedRows(table, Optional.empty()), Optional.empty());
    }
    Optional<ParquetSource> parquet = parquet(context);
    if (parquet.isPresent()) {
      return of(
          context,
          Sessions.reading(
              parquet.get().bytes(),
              context.spark(),
              () -> tableIngest(context).ingest(parquet.get())),
          Optional.of(parquet.get().fingerprint()));
    }
    Settings settings = context.settings();
    CsvSource source = csv(context);
    CsvIngest ingest =
        new CsvIngest(context.spark(), settings.dataset(), settings.data(), context.jobId());
    // an append may also compact the table, of any size
    long bytes = settings.data().mode() == IngestMode.APPEND ? Long.MAX_VALUE : source.bytes();
    IngestedRows rows = Sessions.reading(bytes, context.spark(), () -> ingest.ingest(source));
    return of(context, rows, Optional.of(source.fingerprint()));
  }

  private static TakenIn of(JobContext context, IngestedRows ingested, Optional<String> source) {
    SparkSession spark = context.spark();
    TableVersion accepted = ingested.table().accepted();
    return new TakenIn(
        ingested.table(),
        TableRole.INGESTED,
        ingested
            .rows()
            .orElseGet(
                () -> TableRole.INGESTED.rows(spark, accepted, context.settings().dataset())),
        accepted.tableId(spark),
        source);
  }

  private static Optional<TableVersion> chosen(JobContext context) {
    DataSettings data = context.settings().data();
    return data.tableVersion()
        .map(point -> travel(context, TableRole.INGESTED).to(data.table(), point));
  }

  private static TimeTravel travel(JobContext context, TableRole role) {
    return new TimeTravel(context.spark(), context.settings().dataset(), role);
  }
}
