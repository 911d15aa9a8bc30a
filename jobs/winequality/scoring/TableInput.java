package winequality.scoring;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.nanvl;
import static org.apache.spark.sql.functions.when;

import elasticnet.split.Columns;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import sparkmlflow.model.ColumnType;
import sparkmlflow.model.ModelSignature;
import winequality.data.ColumnDescription;
import winequality.data.DataRefusedException;
import winequality.data.table.DamagedTable;
import winequality.data.table.DeltaLocation;
import winequality.data.table.ParquetSource;
import winequality.data.table.RowRefusal;
import winequality.data.table.SourceRows;
import winequality.data.table.TableVersion;

/**
 * A Delta table at a version, or Parquet files.
 *
 * @param rows with {@link SourceRows#REFUSAL} if they were checked as training checks its source
 * @param parquet empty for a Delta table
 */
record TableInput(
    String location,
    String identity,
    String version,
    long bytes,
    Dataset<Row> rows,
    Optional<ParquetSource> parquet)
    implements ScoringInput {

  static TableInput open(
      SparkSession spark,
      DeltaLocation table,
      OptionalLong wanted,
      List<ColumnDescription> checked) {
    long version = wanted.isPresent() ? wanted.getAsLong() : table.newest(spark).version();
    try {
      Dataset<Row> stored = table.read(spark, version);
      return new TableInput(
          table.text(),
          table.id(spark),
          String.valueOf(version),
          new TableVersion(table.text(), version).bytes(spark),
          checked(table.text() + "@" + version, stored, checked),
          Optional.empty());
    } catch (Exception e) {
      // a checked exception, which Spark's Scala does not declare
      if (e instanceof AnalysisException) {
        throw new DataRefusedException(
            "Version %d of %s cannot be read: %s"
                .formatted(version, table.text(), DataRefusedException.firstLine(e)),
            e);
      }
      throw e;
    }
  }

  static TableInput open(SparkSession spark, ParquetSource files, List<ColumnDescription> checked) {
    return files.refusing(
        () ->
            new TableInput(
                files.path(),
                files.path(),
                files.fingerprint(),
                files.bytes(),
                checked(files.path(), files.read(spark), checked),
                Optional.of(files)));
  }

  /** Leaves out columns that may be missing and are. */
  private static Dataset<Row> checked(
      String name, Dataset<Row> stored, List<ColumnDescription> columns) {
    List<ColumnDescription> present =
        columns.stream()
            .filter(
                column ->
                    !column.kind().mayBeMissing()
                        // a column in other case, or with the table's name, is not absent
                        || Stream.of(stored.columns())
                            .anyMatch(
                                has ->
                                    has.equalsIgnoreCase(column.header())
                                        || has.equalsIgnoreCase(column.name())))
            .toList();
    return present.isEmpty() ? stored : SourceRows.of(name, stored, present).checked();
  }

  @Override
  public List<String> columns() {
    return Stream.of(rows.columns())
        .filter(name -> !List.of(SourceRows.REFUSAL, SourceRows.STORED).contains(name))
        .toList();
  }

  private boolean isChecked() {
    return List.of(rows.columns()).contains(SourceRows.REFUSAL);
  }

  @Override
  public Column unreadable() {
    return isChecked() ? col(SourceRows.REFUSAL) : RowRefusal.NONE;
  }

  @Override
  public Column stored() {
    return isChecked() ? col(SourceRows.STORED) : RowRefusal.stored(columns());
  }

  @Override
  public Column value(ModelSignature.Column input) {
    Column value = col(Columns.quoted(input.name())).cast(input.type().sparkType());
    // NaN is what pandas writes for a missing value
    return input.type() == ColumnType.DOUBLE || input.type() == ColumnType.FLOAT
        ? nanvl(value, lit(null))
        : value;
  }

  @Override
  public Column text(ModelSignature.Column input) {
    return when(
        value(input).isNotNull(), col(Columns.quoted(input.name())).cast(DataTypes.StringType));
  }

  @Override
  public Optional<String> mismatch(ModelSignature.Column input) {
    if (!columns().contains(input.name())) {
      return input.presence() == ModelSignature.Presence.OPTIONAL
          ? Optional.empty()
          : Optional.of("\"%s\" is missing".formatted(input.name()));
    }
    DataType type = rows.schema().apply(input.name()).dataType();
    return fits(type, input.type())
        ? Optional.empty()
        : Optional.of(
            "\"%s\" is %s where the model takes %s, and casting may change values: cast it in a view or in the table"
                .formatted(input.name(), type.simpleString(), input.type().mlflowName()));
  }

  /** The conversions that MLflow also makes, because they change no value. */
  private static boolean fits(DataType type, ColumnType wanted) {
    boolean small =
        List.of(DataTypes.ByteType, DataTypes.ShortType, DataTypes.IntegerType).contains(type);
    return type.equals(wanted.sparkType())
        || switch (wanted) {
          case DOUBLE -> small || type.equals(DataTypes.FloatType);
          case LONG, INTEGER -> small;
          default -> false;
        };
  }

  /** A version of a Delta table does not change. */
  @Override
  public void requireUnchanged() {
    parquet.ifPresent(files -> files.requireUnchanged(rows.sparkSession()));
  }

  @Override
  public <T> T reading(Supplier<T> work) {
    return parquet.isPresent()
        ? parquet.get().refusing(work)
        : DamagedTable.refusing(location, work);
  }

  @Override
  public void close() {}
}
