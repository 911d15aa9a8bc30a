package winequality.app.training;

import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import winequality.app.job.JobContext;
import winequality.config.Settings;
import winequality.data.DataRefusedException;
import winequality.data.csv.CsvSource;
import winequality.data.ingest.CsvIngest;
import winequality.data.ingest.IngestedTable;
import winequality.data.table.TableVersion;
import winequality.data.table.TimeTravel;

/**
 * The table that is trained from: a source that was taken in, or an older version as it is.
 *
 * @param rows the accepted rows, not yet read
 * @param tableId Delta's own name for the table
 * @param source {@link CsvSource#fingerprint()} before it was read; empty where {@code
 *     data.table-version} chose a version and no file was looked at
 */
public record TakenIn(
    IngestedTable table, Dataset<Row> rows, String tableId, Optional<String> source) {

  /** Takes {@code data.source} in, or chooses the version. */
  public static TakenIn of(JobContext context) {
    TakenIn taken =
        context.measure(
            "data",
            () ->
                chosen(context)
                    .map(version -> of(context, IngestedTable.asItIs(version), Optional.empty()))
                    .orElseGet(() -> ingested(context)));
    context.report().table(taken.table());
    return taken;
  }

  /** Looks at what would be taken in, and reads no row of it. */
  static void rehearse(JobContext context) {
    if (chosen(context).isEmpty()) {
      source(context).layouts();
    }
  }

  /** The CSV files of {@code data.source}, listed. */
  public static CsvSource source(JobContext context) {
    return CsvSource.open(
        context.settings().data().source(),
        context.settings().dataset(),
        context.spark().sparkContext().hadoopConfiguration());
  }

  private static TakenIn of(JobContext context, IngestedTable table, Optional<String> source) {
    TableVersion accepted = table.accepted();
    return new TakenIn(
        table, accepted.read(context.spark()), accepted.tableId(context.spark()), source);
  }

  private static TakenIn ingested(JobContext context) {
    Settings settings = context.settings();
    CsvSource source = source(context);
    try {
      return of(
          context,
          new CsvIngest(context.spark(), settings.dataset(), settings.data(), context.jobId())
              .ingest(source),
          Optional.of(source.fingerprint()));
    } catch (DataRefusedException e) {
      e.refused().ifPresent(context.report()::refused);
      throw e;
    }
  }

  /** The version that {@code data.table-version} chooses. */
  private static Optional<TableVersion> chosen(JobContext context) {
    Settings settings = context.settings();
    return settings
        .data()
        .tableVersion()
        .map(
            point ->
                new TimeTravel(context.spark(), settings.dataset())
                    .to(settings.data().table(), point));
  }
}
