package sparkmlflow.model;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import testing.SparkTest;

/**
 * The model of the golden folder: names, rows and stages of {@code golden/mlflow-spark-model.py}.
 */
public final class ModelFixtures {

  static final List<String> COLUMNS = List.of("fixed acidity", "Süße \"Rest\"");
  static final Instant CREATED = Instant.parse("2026-11-23T14:38:54.158736Z");

  private ModelFixtures() {}

  public static ModelSettings settings() {
    return settings("");
  }

  public static ModelSettings settings(String stagingDir) {
    return settings(PythonFunction.ONNX, stagingDir);
  }

  public static ModelSettings settings(PythonFunction pythonFunction, String stagingDir) {
    return new ModelSettings(
        "model",
        pythonFunction,
        "3.12.3",
        "3.17.2",
        "1.23.2",
        "1.32.0",
        List.of("numpy==2.4.6", "pandas==3.1.1", "pyarrow==25.0.1", "scipy==1.17.1"),
        stagingDir);
  }

  static ModelIdentity identity() {
    String uuid = UUID.randomUUID().toString().replace("-", "");
    return new ModelIdentity("96888935cb014f17b41b2c17cbe60671", uuid, CREATED);
  }

  static InputExample example() {
    return new InputExample(COLUMNS, List.of(List.of(7.4, 1.9), List.of(7.8, 2.6)));
  }

  public static FittedModel model() {
    return FittedModel.of(pipeline(), ModelSignature.ofRegression(COLUMNS), example());
  }

  static PipelineModel pipeline() {
    return new Pipeline()
        .setStages(
            new PipelineStage[] {
              new VectorAssembler()
                  .setInputCols(COLUMNS.toArray(new String[0]))
                  .setOutputCol("features"),
              new LinearRegression().setFeaturesCol("features").setLabelCol("quality")
            })
        .fit(rows());
  }

  private static Dataset<Row> rows() {
    StructType schema = new StructType();
    for (String column : COLUMNS) {
      schema = schema.add(column, DataTypes.DoubleType);
    }
    return SparkTest.session()
        .createDataFrame(
            List.of(
                RowFactory.create(7.4, 1.9, 5.0),
                RowFactory.create(7.8, 2.6, 5.0),
                RowFactory.create(11.2, 1.9, 6.0),
                RowFactory.create(6.3, 1.6, 7.0)),
            schema.add("quality", DataTypes.DoubleType));
  }
}
