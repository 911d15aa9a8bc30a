package winequality.data.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.min;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import winequality.SafeText;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.Fingerprint;
import winequality.data.RefusedSource;
import winequality.data.RowCounts;
import winequality.data.table.DamagedTable;
import winequality.data.table.ParquetSource;
import winequality.data.table.SourceRows;
import winequality.data.table.TableVersion;

/**
 * Checks the rows of a source that has typed columns.
 *
 * <p>Of a Delta table, none but the refused rows are copied. Parquet has no versions, so its
 * accepted rows are copied too. The source is read once; a second pass follows only if rows are
 * refused. That one alone reads columns that the data set does not have.
 */
public final class TableIngest {

  private final SparkSession spark;
  private final DatasetDescription dataset;
  private final DataSettings settings;
  private final IngestTables tables;

  /**
   * @param ingestId unique for this ingest; its commits carry it
   */
  public TableIngest(
      SparkSession spark, DatasetDescription dataset, DataSettings settings, String ingestId) {
    this.spark = spark;
    this.dataset = dataset;
    this.settings = settings;
    this.tables = new IngestTables(spark, dataset, settings, ingestId);
  }

  /**
   * Checks a version and writes its refused rows into the quarantine table.
   *
   * @throws DataRefusedException if the version lacks a column, has no rows, or has more bad rows
   *     than {@code data.max-quarantine-fraction} allows
   */
  public IngestedRows ingest(TableVersion version) {
    return DamagedTable.refusing(
        version.location(),
        () ->
            checked(
                SourceRows.open(spark, version, dataset.columns()),
                List.of(version.tableId(spark), version),
                (counts, rows) -> version));
  }

  /**
   * Checks Parquet files, and copies their rows into the tables of accepted and refused rows. Files
   * that have not changed make no new version.
   *
   * @throws DataRefusedException as for a table, or if the files change meanwhile
   */
  public IngestedRows ingest(ParquetSource source) {
    return source.refusing(
        () -> {
          IngestedRows copy =
              checked(
                  source.rows(spark, dataset.columns()),
                  List.of(source),
                  (counts, rows) -> copied(source, counts, rows));
          copy.rows().ifPresent(Dataset::unpersist);
          return new IngestedRows(copy.table(), Optional.empty());
        });
  }

  private TableVersion copied(ParquetSource source, RowCounts counts, Dataset<Row> rows) {
    source.requireUnchanged(spark);
    return tables
        .acceptedWriter()
        .replace(
            rows,
            counts.accepted(),
            tables.fingerprint("parquet:" + source.fingerprint() + dataset.columns()),
            commit -> tables.requireFiles(tables.accepted().newestVersion(spark)),
            tables.facts("replace", settings.source(), counts));
  }

  /** Names the version that has the accepted rows. */
  private interface Keeper {
    TableVersion kept(RowCounts counts, Dataset<Row> accepted);
  }

  /**
   * @param decides equal if the source's rows are the same
   */
  private IngestedRows checked(SourceRows source, List<Object> decides, Keeper keeper) {
    Dataset<Row> rows = source.accepted().persist(StorageLevel.MEMORY_AND_DISK());
    try {
      long accepted = rows.count();
      long read = source.count();
      if (read == 0) {
        throw new DataRefusedException(
            "%s has no rows; there is nothing to train on.".formatted(source.name()));
      }
      RowCounts counts = new RowCounts(read, accepted, read - accepted);
      RefusedSource refused = refused(source, decides, counts);
      FoundRows.requireFew(refused, settings, "Nothing was trained.");
      return new IngestedRows(
          new IngestedTable(
              keeper.kept(counts, rows),
              refused.quarantine(),
              Optional.of(counts),
              refused.quarantinedByRule(),
              refused.examples()),
          Optional.of(rows));
    } catch (Throwable e) {
      rows.unpersist();
      throw e;
    }
  }

  /** Writes the refused rows into the quarantine table. */
  private RefusedSource refused(SourceRows source, List<Object> decides, RowCounts counts) {
    if (counts.quarantined() == 0 && !tables.quarantine().exists(spark)) {
      return new RefusedSource(counts, Optional.empty(), Map.of(), Map.of());
    }
    Dataset<Row> refused = source.refused();
    if (counts.quarantined() == 0) {
      refused = refused.limit(0);
    }
    refused.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Map<String, Long> byRule = new LinkedHashMap<>();
      Map<String, String> examples = new HashMap<>();
      refused
          .groupBy("rule")
          .agg(count("*").as("rows"), min("reason"))
          .orderBy(col("rows").desc(), col("rule"))
          .collectAsList()
          .forEach(
              rule -> {
                byRule.put(rule.getString(0), rule.getLong(1));
                examples.put(
                    rule.getString(0), SafeText.line(source.name() + ": " + rule.getString(2)));
              });
      // the same rows if source and rules are the same
      String rows = Fingerprint.of(decides + "\n" + dataset.columns());
      TableVersion version =
          tables
              .quarantineWriter()
              .replace(
                  refused,
                  counts.quarantined(),
                  "quarantine:" + (counts.quarantined() == 0 ? "none" : rows),
                  commit -> {},
                  tables.facts("replace", source.name(), counts));
      return new RefusedSource(counts, Optional.of(version), byRule, examples);
    } finally {
      refused.unpersist();
    }
  }
}
