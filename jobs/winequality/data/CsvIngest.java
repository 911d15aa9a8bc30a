package winequality.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.xxhash64;

import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a CSV source into two Delta tables that mirror it: accepted rows and refused ones.
 *
 * <p>The source is read once. Checked rows are spilled to the executors' disks, because whether the
 * source is refused as a whole is known only behind its last row, and no row may reach the accepted
 * table before that. If it is refused the accepted table stays as it was and the quarantine table
 * has every bad row.
 */
public final class CsvIngest {

  private static final Logger LOG = LoggerFactory.getLogger(CsvIngest.class);

  private static final String HASH = "_hash";
  private static final String OTHER_HASH = "_other_hash";
  private static final long OTHER_SEED = 0x5DEECE66DL;

  private final SparkSession spark;
  private final DatasetDescription dataset;
  private final DataSettings settings;
  private final String ingestId;

  /**
   * @param ingestId unique for this ingest; stands in the commits that it makes
   */
  public CsvIngest(
      SparkSession spark, DatasetDescription dataset, DataSettings settings, String ingestId) {
    this.spark = spark;
    this.dataset = dataset;
    this.settings = settings;
    this.ingestId = ingestId;
  }

  /**
   * Takes the source in.
   *
   * @throws DataRefusedException if the source cannot be read, lacks a column, has no rows, or has
   *     more bad rows than {@code data.max-quarantine-fraction} allows
   */
  public IngestedTable ingest(CsvSource source) {
    Dataset<Row> checked = checked(source).persist(StorageLevel.DISK_ONLY());
    try {
      return mirror(checked);
    } finally {
      checked.unpersist();
    }
  }

  private Dataset<Row> checked(CsvSource source) {
    source
        .layouts()
        .forEach(
            (file, layout) -> {
              if (!layout.extra().isEmpty()) {
                LOG.info(
                    "{}: columns {} are not in dataset.columns and are left out",
                    file,
                    layout.extra());
              }
            });
    Dataset<Row> lines =
        spark
            .read()
            .text(source.layouts().keySet().stream().map(CsvIngest::literal).toArray(String[]::new))
            .select(col("value"), col("_metadata.file_path"), col("_metadata.file_block_start"));
    Dataset<Row> rows =
        lines.mapPartitions(
            new RowChecker(dataset, source.layouts()), Encoders.row(RowChecker.schema(dataset)));
    Column[] all =
        Stream.of(rows.columns())
            .map(name -> col(ColumnDescription.quoted(name)))
            .toArray(Column[]::new);
    Column[] seeded =
        Stream.concat(Stream.of(lit(OTHER_SEED)), Stream.of(all)).toArray(Column[]::new);
    return rows.withColumn(HASH, xxhash64(all)).withColumn(OTHER_HASH, xxhash64(seeded));
  }

  /** Spark takes a path for a pattern; this one means the file of that very name. */
  private static String literal(String path) {
    return path.replaceAll("([\\\\{}\\[\\]*?])", "\\\\$1");
  }

  /** Rows of one rule, or the accepted ones. */
  private record Tally(long rows, long distinct, BigDecimal sum, BigDecimal otherSum) {}

  private IngestedTable mirror(Dataset<Row> checked) {
    Map<Optional<String>, Tally> tallies = read(checked);
    Tally none = new Tally(0, 0, BigDecimal.ZERO, BigDecimal.ZERO);
    Tally accepted = tallies.getOrDefault(Optional.empty(), none);
    Map<String, Long> byRule =
        tallies.entrySet().stream()
            .filter(entry -> entry.getKey().isPresent())
            .sorted(
                Comparator.<Map.Entry<Optional<String>, Tally>>comparingLong(
                        e -> -e.getValue().rows())
                    .thenComparing(e -> e.getKey().orElseThrow()))
            .collect(
                Collectors.toMap(
                    entry -> entry.getKey().orElseThrow(),
                    entry -> entry.getValue().rows(),
                    Long::sum,
                    LinkedHashMap::new));
    long quarantined = byRule.values().stream().mapToLong(Long::longValue).sum();
    RowCounts counts =
        new RowCounts(
            accepted.rows() + quarantined,
            accepted.rows(),
            quarantined,
            accepted.rows() - accepted.distinct());
    if (counts.read() == 0) {
      throw new DataRefusedException(
          "data.source \"%s\" has a header but no rows; there is nothing to train on."
              .formatted(settings.source()));
    }

    MirrorWriter writer = new MirrorWriter(spark, ingestId);
    Map<String, Object> facts = facts(counts);
    // refused rows first: whatever fails from here on, they are kept
    Optional<TableVersion> quarantine = quarantine(checked, writer, tallies, quarantined, facts);
    if (quarantined > 0) {
      report(new RefusedSource(counts, quarantine, byRule));
    }
    TableVersion table =
        writer.write(
            checked.filter(col(RowChecker.RULE).isNull()).select(accepted()),
            DeltaLocation.resolved(settings.table(), spark),
            "columns:" + Fingerprint.of(names()) + ":" + fingerprint(accepted),
            facts);
    return new IngestedTable(table, quarantine, counts, byRule);
  }

  /** The first use of the source: what a file cannot give shows here. */
  private Map<Optional<String>, Tally> read(Dataset<Row> checked) {
    try {
      return tally(checked);
    } catch (Exception e) {
      // a checked exception that Spark's Scala does not declare
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof IOException) {
          throw new DataRefusedException(
              "data.source \"%s\" could not be read to its end (%s: %s). It may be damaged, or have changed while it was read; look at it and run the job again. The tables are as they were."
                  .formatted(
                      settings.source(), cause.getClass().getSimpleName(), cause.getMessage()),
              e);
        }
      }
      throw e;
    }
  }

  /**
   * Counts and sums by rule. The sum of two 64-bit hashes a row is the same in every order, counts
   * duplicates, and changes with any value: two sources with equal sums have equal rows, but for
   * odds of about 2⁻¹²⁸.
   */
  private static Map<Optional<String>, Tally> tally(Dataset<Row> checked) {
    Map<Optional<String>, Tally> tallies = new LinkedHashMap<>();
    for (Row row :
        checked
            .groupBy(RowChecker.RULE)
            .agg(
                count(lit(1)),
                count_distinct(col(HASH), col(OTHER_HASH)),
                sum(col(HASH).cast(DataTypes.createDecimalType(20, 0))),
                sum(col(OTHER_HASH).cast(DataTypes.createDecimalType(20, 0))))
            .collectAsList()) {
      tallies.put(
          Optional.ofNullable(row.getString(0)),
          new Tally(row.getLong(1), row.getLong(2), row.getDecimal(3), row.getDecimal(4)));
    }
    return tallies;
  }

  private Optional<TableVersion> quarantine(
      Dataset<Row> checked,
      MirrorWriter writer,
      Map<Optional<String>, Tally> tallies,
      long quarantined,
      Map<String, Object> facts) {
    DeltaLocation location = DeltaLocation.resolved(settings.quarantineTable(), spark);
    if (quarantined == 0 && !location.exists(spark)) {
      return Optional.empty();
    }
    String fingerprint =
        tallies.entrySet().stream()
            .filter(entry -> entry.getKey().isPresent())
            .map(entry -> entry.getKey().orElseThrow() + "=" + fingerprint(entry.getValue()))
            .sorted()
            .collect(Collectors.joining(";", "quarantine:", ""));
    Dataset<Row> refused =
        checked
            .filter(col(RowChecker.RULE).isNotNull())
            .select(
                col(RowChecker.RULE).as("rule"),
                col(RowChecker.COLUMN).as("column"),
                col(RowChecker.VALUE).as("value"),
                col(RowChecker.REASON).as("reason"),
                col(RowChecker.RAW).as("raw"),
                col(RowChecker.FILE).as("file"),
                col(RowChecker.LINE).as("line"));
    return Optional.of(writer.write(refused, location, fingerprint, facts));
  }

  private void report(RefusedSource found) {
    RowCounts counts = found.counts();
    String message =
        String.format(
            Locale.ROOT,
            "Quarantined %d of %d rows (%.1f %%; limit %.1f %%): %s. See table %s.",
            counts.quarantined(),
            counts.read(),
            100 * counts.quarantinedFraction(),
            100 * settings.maxQuarantineFraction(),
            found.quarantinedByRule().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", ")),
            settings.quarantineTable());
    if (counts.quarantinedFraction() > settings.maxQuarantineFraction() || counts.accepted() == 0) {
      throw new DataRefusedException(
          message
              + " The accepted table was left as it was. Mend the source, or raise"
              + " data.max-quarantine-fraction if so many bad rows are expected.",
          found);
    }
    LOG.warn(message);
  }

  /** Part of the fingerprint: equal values under other names are another table. */
  private String names() {
    return dataset.columns().stream()
        .map(column -> column.name() + "\t" + column.unit())
        .collect(Collectors.joining("\n"));
  }

  private Column[] accepted() {
    List<Column> columns = new ArrayList<>();
    for (ColumnDescription column : dataset.columns()) {
      Metadata comment =
          column.unit().isEmpty()
              ? Metadata.empty()
              : new MetadataBuilder().putString("comment", column.unit()).build();
      columns.add(col(column.quoted()).as(column.name(), comment));
    }
    return columns.toArray(Column[]::new);
  }

  private Map<String, Object> facts(RowCounts counts) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("source", settings.source());
    facts.put("read", counts.read());
    facts.put("accepted", counts.accepted());
    facts.put("quarantined", counts.quarantined());
    return facts;
  }

  private static String fingerprint(Tally tally) {
    return tally.rows()
        + ":"
        + tally.sum().toPlainString()
        + ":"
        + tally.otherSum().toPlainString();
  }
}
