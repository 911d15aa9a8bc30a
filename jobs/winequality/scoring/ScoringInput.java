package winequality.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import sparkmlflow.model.ModelSignature;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;
import winequality.data.table.DeltaLocation;

/** Rows that are to be scored, as they are at one version. Closing frees what reading has taken. */
public sealed interface ScoringInput extends AutoCloseable permits CsvInput, TableInput {

  /** Path with its scheme, or catalog name. */
  String location();

  /** Equal for equal rows of one location, different as soon as they may differ. */
  String version();

  /** Another one for another table at the same place; equal for all versions of one table. */
  String identity();

  /** The columns that a row has for its owner. */
  List<String> columns();

  /** Every row, nothing is read before an action. */
  Dataset<Row> rows();

  /** Rule, column, value and reason of a row that was refused when it was read; else null. */
  Column unreadable();

  /** The row as JSON, as it is stored. */
  Column stored();

  /** The value of an input in the signature's type; null if the row has none of that type. */
  Column value(ModelSignature.Column input);

  /** The value as it is stored, as text. */
  Column text(ModelSignature.Column input);

  /** What keeps an input of the signature from being read from such rows; empty if nothing does. */
  Optional<String> mismatch(ModelSignature.Column input);

  /**
   * Looks whether the rows are still those of the version.
   *
   * @throws DataRefusedException if they may have changed
   */
  void requireUnchanged();

  @Override
  void close();

  /**
   * Opens a Delta table at a version, or CSV files as they are now, and looks whether the model can
   * be asked about them. No row is read.
   *
   * @param version of a Delta table; empty for the newest
   * @param described what the values of a CSV file's columns must keep to
   * @throws DataRefusedException if there is nothing, or it does not fit the signature: then with
   *     everything that does not
   */
  static ScoringInput open(
      SparkSession spark,
      String location,
      OptionalLong version,
      ModelSignature signature,
      List<ColumnDescription> described) {
    DeltaLocation table = DeltaLocation.resolved(location, spark);
    ScoringInput input;
    if (table.exists(spark)) {
      input = TableInput.open(spark, table, version);
    } else if (table instanceof DeltaLocation.AtPath) {
      if (version.isPresent()) {
        throw new DataRefusedException(
            "scoring.source-version is %d, but %s is no Delta table, and only those have versions."
                .formatted(version.getAsLong(), table.text()));
      }
      input = CsvInput.open(spark, table.text(), signature, described);
    } else {
      throw new DataRefusedException(
          "There is no table \"%s\" in the catalog. Set scoring.source to the name of a Delta table, or to a path (with a slash) of a Delta table or of CSV files."
              .formatted(location));
    }
    List<String> problems = new ArrayList<>();
    for (ModelSignature.Column column : signature.inputs()) {
      input.mismatch(column).ifPresent(problems::add);
    }
    if (!problems.isEmpty()) {
      throw new DataRefusedException(
          "%s does not fit the model's signature: %s. It has the columns %s; no row was read."
              .formatted(input.location(), String.join("; ", problems), input.columns()));
    }
    return input;
  }
}
