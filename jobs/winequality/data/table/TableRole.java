package winequality.data.table;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StringType;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;
import winequality.data.DatasetDescription;

/** Where the rows of a table come from, which decides how a data set reads them. */
public enum TableRole {
  /** An ingest wrote the table: all of its rows are accepted, and its columns have their names. */
  INGESTED {
    @Override
    public Dataset<Row> rows(SparkSession spark, TableVersion version, DatasetDescription dataset) {
      Dataset<Row> rows = version.read(spark);
      List<String> columns = Arrays.asList(rows.columns());
      List<String> missing =
          dataset.columns().stream()
              .map(ColumnDescription::name)
              .filter(name -> !columns.contains(name))
              .toList();
      if (!missing.isEmpty()) {
        throw new DataRefusedException(
            "Version %d of %s lacks the columns %s; it has %s."
                .formatted(version.version(), version.location(), missing, columns));
      }
      List<String> others =
          dataset.columns().stream()
              .filter(column -> column.isCategory() != isText(rows, column.name()))
              .map(ColumnDescription::name)
              .toList();
      if (!others.isEmpty()) {
        throw new DataRefusedException(
            "Version %d of %s was ingested by another description: %s were categories and are numbers now, or the reverse. Ingest the source again (without data.table-version), or describe them as they were."
                .formatted(version.version(), version.location(), others));
      }
      return rows;
    }
  },

  /** The table is {@code data.source} itself: its rows are checked whenever they are read. */
  SOURCE {
    @Override
    public Dataset<Row> rows(SparkSession spark, TableVersion version, DatasetDescription dataset) {
      return SourceRows.open(spark, version, dataset.columns()).accepted();
    }
  };

  private static boolean isText(Dataset<Row> rows, String column) {
    return rows.schema().apply(column).dataType() instanceof StringType;
  }

  /**
   * The rows of a version that a data set accepts, read lazily. Everything that reads a table to
   * train from reads it here.
   *
   * @throws DataRefusedException if the version lacks a column of the data set
   */
  public abstract Dataset<Row> rows(
      SparkSession spark, TableVersion version, DatasetDescription dataset);
}
