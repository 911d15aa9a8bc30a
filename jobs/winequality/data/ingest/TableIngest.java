package winequality.data.ingest;

import static org.apache.spark.sql.functions.col;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.Fingerprint;
import winequality.data.RefusedSource;
import winequality.data.RowCounts;
import winequality.data.table.DamagedTable;
import winequality.data.table.DeltaLocation;
import winequality.data.table.SourceRows;
import winequality.data.table.TableProperties;
import winequality.data.table.TableVersion;
import winequality.data.table.TableWriter;

/**
 * Checks the rows of a Delta table that is the source, and copies none but the refused ones.
 *
 * <p>The table is read once; a second pass follows only if rows are refused. That one alone reads
 * columns that the data set does not have.
 */
public final class TableIngest {

  private final SparkSession spark;
  private final DatasetDescription dataset;
  private final DataSettings settings;
  private final String ingestId;

  /**
   * @param ingestId unique for this ingest; its commit carries it
   */
  public TableIngest(
      SparkSession spark, DatasetDescription dataset, DataSettings settings, String ingestId) {
    this.spark = spark;
    this.dataset = dataset;
    this.settings = settings;
    this.ingestId = ingestId;
  }

  /**
   * What an ingest found.
   *
   * @param table the source itself at its version, and the refused rows
   * @param rows the accepted rows, persisted; the caller unpersists them
   */
  public record Checked(IngestedTable table, Dataset<Row> rows) {}

  /**
   * Checks a version and writes its refused rows into the quarantine table.
   *
   * @throws DataRefusedException if the version lacks a column, has no rows, or has more bad rows
   *     than {@code data.max-quarantine-fraction} allows
   */
  public Checked ingest(TableVersion version) {
    SourceRows source = SourceRows.open(spark, version, dataset.columns());
    // persisting reads the log
    Dataset<Row> rows =
        DamagedTable.refusing(
            version.location(), () -> source.accepted().persist(StorageLevel.MEMORY_AND_DISK()));
    try {
      long accepted = DamagedTable.refusing(version.location(), rows::count);
      return new Checked(checked(version, source, accepted), rows);
    } catch (Throwable e) {
      rows.unpersist();
      throw e;
    }
  }

  private IngestedTable checked(TableVersion version, SourceRows source, long accepted) {
    // Delta knows this from its log
    long read = version.read(spark).count();
    if (read == 0) {
      throw new DataRefusedException(
          "data.source \"%s\" has no rows at version %d; there is nothing to train on."
              .formatted(settings.source(), version.version()));
    }
    RowCounts counts = new RowCounts(read, accepted, read - accepted);
    Map<String, Long> byRule = new LinkedHashMap<>();
    DeltaLocation location = DeltaLocation.resolved(settings.quarantineTable(), spark);
    Optional<TableVersion> quarantine = Optional.empty();
    if (counts.quarantined() > 0 || location.exists(spark)) {
      Dataset<Row> refused = source.refused();
      if (counts.quarantined() == 0) {
        refused = refused.limit(0);
      }
      refused.persist(StorageLevel.MEMORY_AND_DISK());
      try {
        Dataset<Row> rules =
            refused.groupBy("rule").count().orderBy(col("count").desc(), col("rule"));
        DamagedTable.refusing(version.location(), rules::collectAsList)
            .forEach(rule -> byRule.put(rule.getString(0), rule.getLong(1)));
        quarantine = Optional.of(written(location, refused, version, counts));
      } finally {
        refused.unpersist();
      }
    }
    FoundRows.requireFew(
        new RefusedSource(counts, quarantine, byRule), settings, "Nothing was trained.");
    return new IngestedTable(version, quarantine, Optional.of(counts), byRule);
  }

  private TableVersion written(
      DeltaLocation location, Dataset<Row> refused, TableVersion version, RowCounts counts) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("dataset", dataset.name());
    facts.put("source", version.location());
    facts.put("source_version", version.version());
    facts.put("read", counts.read());
    facts.put("accepted", counts.accepted());
    facts.put("quarantined", counts.quarantined());
    // the same rows if version and rules are the same
    List<Object> decides = List.of(version.tableId(spark), version, dataset.columns());
    return new TableWriter(
            spark, TableWriter.ingest(ingestId), location, TableProperties.ofQuarantine(dataset))
        .replace(
            refused,
            counts.quarantined(),
            counts.quarantined() == 0
                ? "quarantine:none"
                : "quarantine:" + Fingerprint.of(decides.toString()),
            commit -> {},
            facts);
  }
}
