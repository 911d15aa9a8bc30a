package winequality.data.table;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A Delta table at one version: reading it twice gives the same rows, whatever is written in
 * between.
 *
 * @param location path with its scheme, or catalog name
 * @param version counted from 0
 */
public record TableVersion(String location, long version) {
  public TableVersion {
    if (version < 0) {
      throw new IllegalArgumentException("A table version is 0 or more, not " + version);
    }
  }

  public String tableId(SparkSession spark) {
    return DeltaLocation.of(location).id(spark);
  }

  public Dataset<Row> read(SparkSession spark) {
    return DeltaLocation.of(location).read(spark, version);
  }

  /** Of all files, from the log; unknown, hence the most, of older versions and in a catalog. */
  public long bytes(SparkSession spark) {
    return DeltaLocation.of(location) instanceof DeltaLocation.AtPath path
            && path.newest(spark).version() == version
        ? DamagedTable.refusing(location, () -> path.detail(spark).bytes())
        : Long.MAX_VALUE;
  }
}
