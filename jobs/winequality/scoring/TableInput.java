package winequality.scoring;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.nanvl;
import static org.apache.spark.sql.functions.when;

import elasticnet.split.Columns;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
import winequality.data.table.DeltaLocation;
import winequality.data.table.ParquetSource;
import winequality.data.table.RowRefusal;
import winequality.data.table.SourceRows;
import winequality.data.table.TableVersion;

/**
 * A Delta table at a version, or Parquet files.
 *
 * @param look refuses the input if its rows may have changed
 * @param rows with {@link SourceRows#REFUSAL} if they were checked as training checks its source
 */
record TableInput(
    String location, String identity, String version, Dataset<Row> rows, Runnable look)
    implements ScoringInput {

  static TableInput of(SparkSession spark, ParquetSource files, List<ColumnDescription> checked) {
    return new TableInput(
        files.path(),
        files.path(),
        files.fingerprint(),
        checked.isEmpty() ? files.read(spark) : files.rows(spark, checked).checked(),
        () -> files.requireUnchanged(spark));
  }

  /**
   * @param checked columns whose values are checked; those of the signature, if the table is the
   *     source of a training
   */
  static TableInput open(
      SparkSession spark,
      DeltaLocation table,
      OptionalLong wanted,
      List<ColumnDescription> checked) {
    long version = wanted.isPresent() ? wanted.getAsLong() : table.newest(spark).version();
    try {
      Dataset<Row> rows =
          checked.isEmpty()
              ? table.read(spark, version)
              : SourceRows.open(spark, new TableVersion(table.text(), version), checked).checked();
      return new TableInput(table.text(), table.id(spark), String.valueOf(version), rows, () -> {});
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

  @Override
  public void requireUnchanged() {
    look.run();
  }

  @Override
  public void close() {}
}
