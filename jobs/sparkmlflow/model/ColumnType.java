package sparkmlflow.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** A column type that MLflow's signatures and Spark share; each name is MLflow's in capitals. */
public enum ColumnType {
  DOUBLE,
  FLOAT,
  LONG,
  INTEGER,
  BOOLEAN,
  STRING,
  BINARY,
  DATETIME;

  /** The name in a signature's JSON, such as {@code double}. */
  public String mlflowName() {
    return name().toLowerCase(Locale.ROOT);
  }

  public DataType sparkType() {
    return switch (this) {
      case DOUBLE -> DataTypes.DoubleType;
      case FLOAT -> DataTypes.FloatType;
      case LONG -> DataTypes.LongType;
      case INTEGER -> DataTypes.IntegerType;
      case BOOLEAN -> DataTypes.BooleanType;
      case STRING -> DataTypes.StringType;
      case BINARY -> DataTypes.BinaryType;
      case DATETIME -> DataTypes.TimestampType;
    };
  }

  /** The type of a Spark column; empty for vectors, arrays, maps and decimals. */
  public static Optional<ColumnType> of(DataType sparkType) {
    return Arrays.stream(values()).filter(type -> type.sparkType().equals(sparkType)).findFirst();
  }
}
