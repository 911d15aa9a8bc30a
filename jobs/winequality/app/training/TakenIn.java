package winequality.app.training;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import winequality.app.job.JobContext;
import winequality.config.Settings;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.csv.CsvSource;
import winequality.data.ingest.CsvIngest;
import winequality.data.ingest.IngestedTable;
import winequality.data.table.TableVersion;
import winequality.data.table.TimeTravel;

/**
 * The table to train from: freshly ingested, or the version that {@code data.table-version} names.
 *
 * @param rows the accepted rows, read lazily
 * @param source {@link CsvSource#fingerprint()} from before the ingest; empty if {@code
 *     data.table-version} names a version, because no file is looked at then
 */
public record TakenIn(
    IngestedTable table, Dataset<Row> rows, String tableId, Optional<String> source) {

  /** Ingests {@code data.source}, or opens the version that the settings name. */
  public static TakenIn of(JobContext context) {
    Supplier<TakenIn> source =
        () ->
            chosen(context)
                .map(version -> of(context, IngestedTable.asItIs(version), Optional.empty()))
                .orElseGet(() -> ingested(context));
    TakenIn taken = context.measure("data", source);
    context.report().table(taken.table());
    return taken;
  }

  /** Checks the source's files, and reads no row. */
  static void rehearse(JobContext context) {
    context.measure(
        "data", () -> chosen(context).isPresent() ? Map.of() : source(context).layouts());
  }

  /** Lists the CSV files of {@code data.source}. */
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
    CsvIngest ingest =
        new CsvIngest(context.spark(), settings.dataset(), settings.data(), context.jobId());
    try {
      return of(context, ingest.ingest(source), Optional.of(source.fingerprint()));
    } catch (DataRefusedException e) {
      e.refused().ifPresent(context.report()::refused);
      throw e;
    }
  }

  private static Optional<TableVersion> chosen(JobContext context) {
    DataSettings data = context.settings().data();
    TimeTravel travel = new TimeTravel(context.spark(), context.settings().dataset());
    return data.tableVersion().map(point -> travel.to(data.table(), point));
  }
}
