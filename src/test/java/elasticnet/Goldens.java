package elasticnet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import elasticnet.encoding.RegressionColumns;
import elasticnet.solver.ColumnScaling;
import elasticnet.solver.RegParams;
import elasticnet.solver.SolverSettings;
import elasticnet.split.FoldAssigner;
import elasticnet.split.FoldSettings;
import elasticnet.split.Folds;
import elasticnet.statistics.FoldedStatistics;
import elasticnet.statistics.StatisticsAccumulator;
import elasticnet.statistics.SufficientStatistics;
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

/**
 * The wines and what other programs make of them; the generators stand beside the values.
 *
 * <p>The red ones are read. The white ones are no part of this project: their folds' statistics
 * are, in exact arithmetic from the rows ({@code golden/cross-validation-statistics.py}), and what
 * the other programs made of the rows themselves is compared with what follows from these.
 */
final class Goldens {

  /** A table of wines with all folds' goldens. */
  enum Wines {
    RED(""),
    WHITE("-white");

    private final String suffix;

    Wines(String suffix) {
      this.suffix = suffix;
    }

    /** What the named program made of this table. */
    JsonNode read(String program) throws IOException {
      return Goldens.read("cross-validation-" + program + suffix + ".json");
    }

    CrossValidation fit(SparkSession spark, TuningSettings settings) throws IOException {
      CrossValidationPath path = new CrossValidationPath(settings);
      return this == RED
          ? path.fit(wines(spark), FEATURES, LABEL)
          : path.fit(statistics(), FEATURES, List.of(FOLDS));
    }

    /** Of each fold, as the generator worked them out. */
    FoldedStatistics statistics() throws IOException {
      return new FoldedStatistics(
          List.of(
              StreamSupport.stream(read("statistics").get("folds").spliterator(), false)
                  .map(
                      fold ->
                          new SufficientStatistics(
                              fold.get("rows").asLong(),
                              fold.get("rows").asDouble(),
                              numbers(fold.get("means")),
                              new double[FEATURES.size() + 1],
                              numbers(fold.get("products"))))
                  .toList()));
    }
  }

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

  static final RegressionColumns COLUMNS = RegressionColumns.ofNumbers(FEATURES, LABEL);

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
