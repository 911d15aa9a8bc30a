package winequality.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import winequality.config.SettingsLoader;
import winequality.config.SettingsSource;

/** The wine description as users have it, and the real red wine table. */
public final class WineFiles {

  public static final Path RED = Path.of("data", "winequality-red.csv");

  public static final String HEADER =
      "fixed acidity,volatile acidity,citric acid,residual sugar,chlorides,free sulfur dioxide,"
          + "total sulfur dioxide,density,pH,sulphates,alcohol,quality";

  /** A line that is in order. */
  public static final String GOOD = "7.4,0.7,0,1.9,0.076,11,34,0.9978,3.51,0.56,9.4,5";

  private WineFiles() {}

  private static final DatasetDescription DESCRIPTION =
      new SettingsLoader()
          .load(new SettingsSource(Optional.empty(), List.of(), Map.of()))
          .dataset();

  public static DatasetDescription description() {
    return DESCRIPTION;
  }

  /** The red wine table as Spark's own reader gives it. */
  public static Dataset<Row> wines(SparkSession spark) {
    StructType schema = new StructType();
    for (ColumnDescription column : description().columns()) {
      schema = schema.add(column.name(), DataTypes.DoubleType);
    }
    return spark.read().schema(schema).option("header", true).csv(RED.toString());
  }

  /** The lines of the red wine table, its header first. */
  public static List<String> redLines() {
    try {
      return Files.readAllLines(RED);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Path write(Path file, String... lines) {
    return write(file, List.of(lines));
  }

  public static Path write(Path file, List<String> lines) {
    try {
      return Files.write(file, lines, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
