package winequality.data.profile;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
import winequality.data.table.DeltaLocation;
import winequality.data.table.TableVersion;

/**
 * Keeps the profile of each version of a table in a Delta table beside it, a row for each column,
 * so that it is worked out once and can be asked for with SQL.
 */
public final class ProfileKeeper {

  private static final Logger LOG = LoggerFactory.getLogger(ProfileKeeper.class);

  private static final StructType SCHEMA = schema();

  private static StructType schema() {
    StructType schema =
        new StructType()
            .add("table", DataTypes.StringType)
            .add("table_id", DataTypes.StringType)
            .add("table_version", DataTypes.LongType)
            .add("table_rows", DataTypes.LongType)
            .add("table_duplicates", DataTypes.LongType)
            .add("column", DataTypes.StringType)
            .add("unit", DataTypes.StringType)
            .add("count", DataTypes.LongType)
            .add("nulls", DataTypes.LongType);
    for (String figure : ColumnProfile.FIGURES) {
      schema = schema.add(figure, DataTypes.DoubleType);
    }
    return schema
        .add("histogram_edges", new ArrayType(DataTypes.DoubleType, false))
        .add("histogram_counts", new ArrayType(DataTypes.LongType, false));
  }

  private final SparkSession spark;
  private final DatasetDescription dataset;
  private final DataSettings settings;

  public ProfileKeeper(SparkSession spark, DatasetDescription dataset, DataSettings settings) {
    this.spark = spark;
    this.dataset = dataset;
    this.settings = settings;
  }

  /**
   * The profile of a version: the one that was kept, or a new one, which is kept then. What goes
   * wrong with the keeping is a warning, since the profile is no worse for it.
   *
   * @param rows of that version, perhaps cached
   */
  public TableProfile profile(TableVersion version, Dataset<Row> rows) {
    if (settings.profileTable().isEmpty()) {
      return new TableProfiler(dataset).profile(rows);
    }
    String id = DeltaLocation.of(version.location()).id(spark);
    DeltaLocation location = DeltaLocation.resolved(settings.profileTable().orElseThrow(), spark);
    Optional<TableProfile> kept = Optional.empty();
    try {
      kept = kept(location, id, version.version());
    } catch (Exception e) {
      // checked exceptions too, which Spark's Scala does not declare
      LOG.warn(
          "No profile can be read from {}: {}", location.text(), DataRefusedException.firstLine(e));
    }
    return kept.orElseGet(
        () -> {
          TableProfile profile = new TableProfiler(dataset).profile(rows);
          keep(location, id, version, profile);
          return profile;
        });
  }

  private Optional<TableProfile> kept(DeltaLocation location, String id, long version) {
    if (!location.exists(spark)) {
      return Optional.empty();
    }
    List<Row> rows =
        location
            .rows(spark)
            .filter(
                col("table_id").equalTo(lit(id)).and(col("table_version").equalTo(lit(version))))
            .collectAsList();
    List<ColumnProfile> columns = new ArrayList<>();
    for (ColumnDescription column : dataset.columns()) {
      // two jobs may have kept the same at once
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

  private void keep(DeltaLocation location, String id, TableVersion version, TableProfile profile) {
    List<Row> rows =
        profile.columns().stream().map(column -> row(id, version, profile, column)).toList();
    try {
      if (!location.exists(spark)) {
        location.requireRoom(spark);
      }
      location.save(
          spark
              .createDataFrame(rows, SCHEMA)
              .coalesce(1)
              .write()
              .format("delta")
              .mode(SaveMode.Append));
    } catch (Exception e) {
      LOG.warn(
          "The profile of {} at version {} is not kept in {}: {}",
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
            row.<Long>getList(row.fieldIndex("histogram_counts"))));
  }
}
