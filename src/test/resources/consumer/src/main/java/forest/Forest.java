package forest;

import java.util.Map;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.regression.RandomForestRegressor;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import sparkmlflow.PipelineLog;
import sparkmlflow.model.FittedModel;
import sparkmlflow.registry.RegisteredVersion;

public final class Forest {
  public static void main(String[] args) {
    SparkSession spark = SparkSession.builder().appName("forest").getOrCreate();
    Dataset<Row> wines =
        spark.read().option("header", true).option("inferSchema", true).csv(args[0]);
    Dataset<Row> features = wines.drop("quality");
    VectorAssembler assembler = new VectorAssembler().setInputCols(features.columns());
    assembler.setOutputCol("features");
    RandomForestRegressor trees = new RandomForestRegressor().setLabelCol("quality").setSeed(7);
    PipelineModel forest =
        new Pipeline().setStages(new PipelineStage[] {assembler, trees}).fit(wines);
    Dataset<Row> rows = forest.transform(wines);
    double rmse = new RegressionEvaluator().setLabelCol("quality").evaluate(rows);

    try (PipelineLog mlflow = PipelineLog.open(spark)) { // MLFLOW_TRACKING_URI and its like
      FittedModel model = FittedModel.of(forest, features); // with signature and example
      RegisteredVersion version =
          mlflow.register(model, "forest", run -> run.metrics(Map.of("rmse", rmse)));
      Dataset<Row> both = mlflow.load("forest", version.version()).predict(rows, "reloaded");
      System.out.printf("%s has an RMSE of %.3f on %d rows%n", version.url(), rmse, rows.count());
      long differences = both.where("prediction <> reloaded").count();
      System.out.printf("%d predictions differ after reloading%n", differences);
    }
  }
}
