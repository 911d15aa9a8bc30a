package winequality.data.profile;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max_by;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;
import winequality.data.DataSettings;
import winequality.data.DatasetDescription;
import winequality.data.Fingerprint;
import winequality.data.table.DeltaLocation;
import winequality.data.table.TableVersion;

/**
 * Stores the profile of each version of a table in another Delta table, a row for each column, so
 * that it is computed once and can be queried with SQL.
 */
public final class ProfileKeeper {

  private static final Logger LOG = LoggerFactory.getLogger(ProfileKeeper.class);

  private static final StructType SCHEMA =
      StructType.fromDDL(
              "`table` STRING, table_id STRING, table_version BIGINT, table_rows BIGINT,"
                  + " table_duplicates BIGINT, `column` STRING, unit STRING, `count` BIGINT,"
                  + " `nulls` BIGINT, "
                  + String.join(" DOUBLE, ", ColumnProfile.FIGURES)
                  + " DOUBLE")
          .add("histogram_edges", new ArrayType(DataTypes.DoubleType, false))
          .add("histogram_counts", new ArrayType(DataTypes.LongType, false))
          .add("levels", new ArrayType(DataTypes.StringType, false));

  /** Commits whose metadata are looked at. */
  private static final int LATEST = 10;

  /** Characters of a profile in a commit's metadata, enough for 80 columns of numbers. */
  private static final int LONGEST = 1 << 16;

  private final SparkSession spark;
  private final DatasetDescription dataset;
  private final DataSettings settings;

  public ProfileKeeper(SparkSession spark, DatasetDescription dataset, DataSettings settings) {
    this.spark = spark;
    this.dataset = dataset;
    this.settings = settings;
  }

  /**
   * The stored profile of a version with these rows, or a new one, which is then stored. A failure
   * to read or store it is only a warning, because the profile itself is right.
   */
  public TableProfile profile(TableVersion version, Dataset<Row> rows) {
    if (settings.profileTable().isEmpty()) {
      return new TableProfiler(dataset).profile(rows);
    }
    String id = key(version);
    DeltaLocation location = DeltaLocation.resolved(settings.profileTable().orElseThrow(), spark);
    try {
      Optional<TableProfile> kept = kept(location, id, version);
      if (kept.isPresent()) {
        return kept.get();
      }
    } catch (Exception e) {
      // also checked exceptions, which Spark's Scala does not declare
      LOG.warn(
          "No profile could be read from {}, so it is computed again: {}",
          location.text(),
          DataRefusedException.firstLine(e));
    }
    TableProfile profile = new TableProfiler(dataset).profile(rows);
    keep(location, id, version, profile);
    return profile;
  }

  /** A profile depends on the description, and so do the rows of a source that are accepted. */
  private String key(TableVersion version) {
    return version.tableId(spark) + ":" + Fingerprint.of(dataset.columns().toString());
  }

  /** The duplicates of the last version before this one that has a profile. */
  public OptionalLong duplicatesBefore(TableVersion version) {
    try {
      Row last =
          DeltaLocation.resolved(settings.profileTable().orElseThrow(), spark)
              .rows(spark)
              .filter(
                  col("table_id")
                      .equalTo(lit(key(version)))
                      .and(col("table_version").lt(lit(version.version()))))
              .agg(max_by(col("table_duplicates"), col("table_version")))
              .first();
      return last.isNullAt(0) ? OptionalLong.empty() : OptionalLong.of(last.getLong(0));
    } catch (Exception e) {
      // also checked exceptions, which Spark's Scala does not declare
      return OptionalLong.empty();
    }
  }

  private Optional<TableProfile> kept(DeltaLocation location, String id, TableVersion version) {
    if (!location.exists(spark) || isNewer(version, location)) {
      return Optional.empty();
    }
    Optional<TableProfile> logged = inLog(location, id, version);
    if (logged.isPresent()) {
      return logged;
    }
    List<Row> rows =
        location
            .rows(spark)
            .filter(
                col("table_id")
                    .equalTo(lit(id))
                    .and(col("table_version").equalTo(lit(version.version()))))
            .collectAsList();
    List<ColumnProfile> columns = new ArrayList<>();
    for (ColumnDescription column : dataset.columns()) {
      // two jobs may have stored the same profile at once
      Optional<Row> row =
          rows.stream().filter(r -> r.<String>getAs("column").equals(column.name())).findFirst();
      if (row.isEmpty()) {
        return Optional.empty();
      }
      columns.add(profile(column, row.get()));
    }
    return Optional.of(
        new TableProfile(
            rows.get(0).<Long>getAs("table_rows"),
            rows.get(0).<Long>getAs("table_duplicates"),
            columns));
  }

  /** A version that is newer than all profiles has none, and to look for it takes seconds. */
  private boolean isNewer(TableVersion version, DeltaLocation profiles) {
    if (!(profiles instanceof DeltaLocation.AtPath
        && DeltaLocation.of(version.location()) instanceof DeltaLocation.AtPath table)) {
      return false;
    }
    DeltaLocation.Newest newest = table.newest(spark);
    return newest.version() == version.version()
        && profiles.newest(spark).written().isBefore(newest.written());
  }

  /** The profile in one of the latest commits: to read the table itself takes seconds. */
  private Optional<TableProfile> inLog(DeltaLocation profiles, String id, TableVersion version) {
    return profiles instanceof DeltaLocation.AtPath
        ? profiles
            .commits(spark, profiles.newest(spark).version(), LATEST)
            .flatMap(commit -> commit.fact(fact(id, version)).stream())
            .findFirst()
            .map(TableProfile::ofJson)
        : Optional.empty();
  }

  private static String fact(String id, TableVersion version) {
    return id + ":" + version.version();
  }

  /** For the commit; without a long profile, because whatever lists commits has to read it. */
  private static String metadata(String id, TableVersion version, TableProfile profile) {
    String json = profile.toJson();
    return JsonNodeFactory.instance
        .objectNode()
        .put(fact(id, version), json.length() <= LONGEST ? json : null)
        .toString();
  }

  private void keep(DeltaLocation location, String id, TableVersion version, TableProfile profile) {
    List<Row> rows =
        profile.columns().stream().map(column -> row(id, version, profile, column)).toList();
    try {
      location.requireRoom(spark);
      location.save(
          spark
              .createDataFrame(rows, SCHEMA)
              .coalesce(1)
              .write()
              .format("delta")
              // a table of release 1.0.0 has no levels
              .option("mergeSchema", true)
              .option("userMetadata", metadata(id, version, profile))
              .mode(SaveMode.Append));
    } catch (Exception e) {
      LOG.warn(
          "The profile of {} at version {} could not be stored in {}: {}",
          version.location(),
          version.version(),
          location.text(),
          DataRefusedException.firstLine(e));
    }
  }

  private static Row row(
      String id, TableVersion version, TableProfile table, ColumnProfile column) {
    List<Object> values =
        new ArrayList<>(
            List.of(
                version.location(),
                id,
                version.version(),
                table.rows(),
                table.duplicates(),
                column.name(),
                column.unit(),
                column.count(),
                column.nulls()));
    values.addAll(column.figures());
    values.add(column.histogram().edges().toArray(Double[]::new));
    values.add(column.histogram().counts().toArray(Long[]::new));
    values.add(column.levels().toArray(String[]::new));
    return RowFactory.create(values.toArray());
  }

  private static ColumnProfile profile(ColumnDescription column, Row row) {
    return ColumnProfile.of(
        column.name(),
        column.unit(),
        row.<Long>getAs("count"),
        row.<Long>getAs("nulls"),
        ColumnProfile.FIGURES.stream().map(row::<Double>getAs).toList(),
        new Histogram(
            row.<Double>getList(row.fieldIndex("histogram_edges")),
            row.<Long>getList(row.fieldIndex("histogram_counts"))),
        row.getList(row.fieldIndex("levels")));
  }
}
