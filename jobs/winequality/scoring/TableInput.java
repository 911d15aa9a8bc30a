package winequality.scoring;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import elasticnet.split.Columns;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import sparkmlflow.model.ColumnType;
import sparkmlflow.model.ModelSignature;
import winequality.data.DataRefusedException;
import winequality.data.table.DeltaLocation;

/** A Delta table at a version. */
record TableInput(String location, String identity, String version, Dataset<Row> rows)
    implements ScoringInput {

  static TableInput open(SparkSession spark, DeltaLocation table, OptionalLong wanted) {
    long version = wanted.isPresent() ? wanted.getAsLong() : table.newest(spark).version();
    try {
      return new TableInput(
          table.text(), table.id(spark), String.valueOf(version), table.read(spark, version));
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
    return Arrays.asList(rows.columns());
  }

  @Override
  public Column unreadable() {
    return RowRules.NONE;
  }

  @Override
  public Column stored() {
    return to_json(struct(col("*")), Map.of("ignoreNullFields", "false"));
  }

  @Override
  public Column value(ModelSignature.Column input) {
    return col(Columns.quoted(input.name())).cast(input.type().sparkType());
  }

  @Override
  public Column text(ModelSignature.Column input) {
    return col(Columns.quoted(input.name())).cast(DataTypes.StringType);
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
  public void requireUnchanged() {}

  @Override
  public void close() {}
}
