package winequality.scoring;

import elasticnet.encoding.Feature.Category.Unknown;
import elasticnet.encoding.Feature.Gap.Indicator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import sparkmlflow.model.ColumnType;
import sparkmlflow.model.ModelSignature;
import winequality.data.ColumnDescription;
import winequality.data.ColumnKind;
import winequality.data.DataRefusedException;
import winequality.data.table.DeltaLocation;
import winequality.data.table.ParquetSource;
import winequality.data.table.TableRole;

/** Rows to score, at one version. Closing frees what reading them has taken. */
public sealed interface ScoringInput extends AutoCloseable permits CsvInput, TableInput {

  /** Path with its scheme, or catalog name. */
  String location();

  /** Equal for equal rows of a location; changes whenever the rows may have changed. */
  String version();

  /** Equal for all versions of a table; differs for a new table at the same location. */
  String identity();

  /** Of all files, as a listing or a table's log says; the most if neither does. */
  long bytes();

  /** The columns of the source, without the internal ones of {@link #rows()}. */
  List<String> columns();

  /** All rows. A table is read by an action on them, CSV files are read and checked here. */
  Dataset<Row> rows();

  /** Rule, column, value and reason of a row that was refused on reading; null for others. */
  Column unreadable();

  /** The row as stored, as JSON. */
  Column stored();

  /** An input's value in the signature's type; null if the row has no value of that type. */
  Column value(ModelSignature.Column input);

  /** An input's value as stored, as text. */
  Column text(ModelSignature.Column input);

  /** Why an input of the signature cannot be read from these rows; empty if it can. */
  Optional<String> mismatch(ModelSignature.Column input);

  /** Refuses the input if the rows may no longer be those of the version. */
  void requireUnchanged();

  /**
   * Does what reads the rows.
   *
   * @throws DataRefusedException if a file of the input is damaged or gone
   */
  <T> T reading(Supplier<T> work);

  @Override
  void close();

  /**
   * Opens a Delta table at a version, or the current Parquet or CSV files, and checks them against
   * the signature. No row is read.
   *
   * @param version of a Delta table; empty for the newest
   * @param role of a Delta table; a source's rows are checked as training checks them, as are those
   *     of files
   * @param described ranges of columns, and values by file of a CSV file's columns
   * @throws DataRefusedException if the location has nothing, or with all differences from the
   *     signature
   */
  static ScoringInput open(
      SparkSession spark,
      String location,
      OptionalLong version,
      TableRole role,
      ModelSignature signature,
      List<ColumnDescription> described) {
    DeltaLocation table = DeltaLocation.resolved(location, spark);
    List<ColumnDescription> checked =
        signature.inputs().stream().flatMap(input -> checked(input, described).stream()).toList();
    ScoringInput input;
    if (table.exists(spark)) {
      input =
          TableInput.open(spark, table, version, role == TableRole.SOURCE ? checked : List.of());
    } else if (table instanceof DeltaLocation.AtPath) {
      if (version.isPresent()) {
        throw new DataRefusedException(
            "scoring.source-version is %d, but %s is not a Delta table; only those have versions."
                .formatted(version.getAsLong(), table.text()));
      }
      Optional<ParquetSource> parquet = ParquetSource.find("scoring.source", table.text(), spark);
      input =
          parquet.isPresent()
              ? TableInput.open(spark, parquet.get(), checked)
              : CsvInput.open(spark, table.text(), checked);
    } else {
      throw new DataRefusedException(
          "There is no table \"%s\" in the catalog. Set scoring.source to the name of a Delta table, or to a path of a Delta table, Parquet or CSV files, which has a slash, such as ./%s."
              .formatted(location, location));
    }
    List<String> problems =
        signature.inputs().stream().map(input::mismatch).flatMap(Optional::stream).toList();
    if (!problems.isEmpty()) {
      throw new DataRefusedException(
          "%s does not fit the model's signature: %s. It has the columns %s; no row was read."
              .formatted(input.location(), String.join("; ", problems), input.columns()));
    }
    return input;
  }

  /**
   * How an input is checked on reading: as described, but the signature says whether it may be
   * missing. A number without a description may have any finite value. Empty for an input that is
   * not checked.
   */
  private static Optional<ColumnDescription> checked(
      ModelSignature.Column input, List<ColumnDescription> described) {
    boolean number = input.type() == ColumnType.DOUBLE || input.type() == ColumnType.FLOAT;
    return described.stream()
        .filter(column -> column.name().equals(input.name()))
        .filter(column -> column.isCategory() == (input.type() == ColumnType.STRING))
        .findFirst()
        .or(() -> number ? Optional.of(unbounded(input.name())) : Optional.empty())
        .map(column -> column.with(kind(column.kind(), input.presence())));
  }

  private static ColumnKind kind(ColumnKind described, ModelSignature.Presence presence) {
    boolean gaps = presence == ModelSignature.Presence.OPTIONAL;
    if (described instanceof ColumnKind.Category category) {
      return new ColumnKind.Category(
          category.levels(), gaps ? Unknown.OTHER : Unknown.QUARANTINE, 1);
    }
    return gaps
        ? new ColumnKind.Numeric(ColumnKind.Missing.MEAN, Indicator.NONE)
        : ColumnKind.NUMBER;
  }

  private static ColumnDescription unbounded(String name) {
    return new ColumnDescription(name, "", Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }
}
