package winequality.data.ingest;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.Fingerprint;
import winequality.data.RowCounts;
import winequality.data.table.DeltaLocation;
import winequality.data.table.TableProperties;
import winequality.data.table.TableRole;
import winequality.data.table.TableVersion;
import winequality.data.table.TableWriter;
import winequality.data.table.TimeTravel;

/**
 * The tables that an ingest writes.
 *
 * @param ingestId unique for this ingest; its commits carry it
 */
record IngestTables(
    SparkSession spark, DatasetDescription dataset, DataSettings settings, String ingestId) {

  DeltaLocation accepted() {
    return DeltaLocation.resolved(settings.table(), spark);
  }

  DeltaLocation quarantine() {
    return DeltaLocation.resolved(settings.quarantineTable(), spark);
  }

  TableWriter acceptedWriter() {
    return writer(accepted(), TableProperties.ofAccepted(dataset));
  }

  TableWriter quarantineWriter() {
    return writer(quarantine(), TableProperties.ofQuarantine(dataset));
  }

  private TableWriter writer(DeltaLocation location, Map<String, String> properties) {
    return new TableWriter(spark, TableWriter.ingest(ingestId), location, properties);
  }

  /** An unchanged source makes no new version, so files of the table may be gone. */
  void requireFiles(TableVersion version) {
    new TimeTravel(spark, dataset, TableRole.INGESTED).requireFiles(version);
  }

  /**
   * Of accepted rows: equal values under different names are different tables.
   *
   * @param rows differs for different rows
   */
  String fingerprint(String rows) {
    String names =
        dataset.columns().stream()
            .map(column -> column.name() + "\t" + column.comment())
            .collect(Collectors.joining("\n"));
    return "columns:" + Fingerprint.of(names) + ":" + rows;
  }

  /** What each commit says of its ingest. */
  Map<String, Object> facts(String mode, String source, RowCounts counts) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put(TableWriter.DATASET, dataset.name());
    facts.put("source", source);
    facts.put("mode", mode);
    facts.put("read", counts.read());
    facts.put("accepted", counts.accepted());
    facts.put("quarantined", counts.quarantined());
    return facts;
  }
}
