package winequality.learning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import winequality.holdout.FoldAssigner;
import winequality.holdout.FoldSettings;
import winequality.holdout.Folds;

/** The red wines and what other programs make of them; the generators stand beside the values. */
final class Goldens {
  static final Path WINES = Path.of("data", "winequality-red.csv");
  static final String LABEL = "quality";
  static final List<String> FEATURES =
      List.of(
          "fixed acidity",
          "volatile acidity",
          "citric acid",
          "residual sugar",
          "chlorides",
          "free sulfur dioxide",
          "total sulfur dioxide",
          "density",
          "pH",
          "sulphates",
          "alcohol");

  /** The folds that cross-validation-folds.py wrote down for the other programs. */
  static final Folds FOLDS =
      new FoldAssigner(new FoldSettings(5, List.of(7L))).assign(FEATURES).get(0);

  static final SolverSettings TIGHT = new SolverSettings(1e-13, 10_000);

  private Goldens() {}

  static JsonNode read(String name) throws IOException {
    try (InputStream json =
        Objects.requireNonNull(Goldens.class.getResourceAsStream("/golden/" + name), name)) {
      return new ObjectMapper().readTree(json);
    }
  }

  static double[] numbers(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  /** The file's columns, all as doubles. */
  static Dataset<Row> wines(SparkSession spark) {
    StructType schema = new StructType();
    for (String feature : FEATURES) {
      schema = schema.add(feature, DataTypes.DoubleType);
    }
    return spark
        .read()
        .schema(schema.add(LABEL, DataTypes.DoubleType))
        .option("header", true)
        // or Spark would not look whether the header has these names in this order
        .option("enforceSchema", false)
        .option("mode", "FAILFAST")
        .csv(WINES.toString());
  }

  static SufficientStatistics statistics(List<Row> rows) {
    StatisticsAccumulator accumulator = new StatisticsAccumulator(FEATURES.size() + 1);
    for (Row row : rows) {
      accumulator.add(
          IntStream.rangeClosed(0, FEATURES.size()).mapToDouble(row::getDouble).toArray(), 0);
    }
    return accumulator.statistics();
  }

  static TuningSettings settings(
      List<Double> elasticNetParams, RegParams regParams, ColumnScaling scaling) {
    return new TuningSettings(
        new FoldSettings(5, List.of(7L)),
        elasticNetParams,
        regParams,
        scaling,
        SelectionMeasure.MSE,
        SelectionRule.MINIMUM,
        TuningSettings.AbsoluteError.SKIPPED,
        TIGHT);
  }
}
