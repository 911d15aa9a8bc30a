"""The usual PySpark job of this project's shape, as MLflow's documentation writes it; measured by `wine bench whole-job`.

    spark-submit pyspark_job.py CSV LABEL MODEL

It reads the CSV with an inferred schema, splits it at random, fits a pipeline of VectorAssembler and LinearRegression, computes
RMSE, MAE and R², and logs parameters, metrics and the model with signature and example, registered under MODEL.
"""

import sys

import mlflow
from mlflow.models import infer_signature
from pyspark.ml import Pipeline
from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.regression import LinearRegression
from pyspark.sql import SparkSession


def main(csv, label, model):
    spark = SparkSession.builder.appName("usual job").getOrCreate()
    rows = spark.read.csv(csv, header=True, inferSchema=True)
    features = [name for name in rows.columns if name != label]
    train, test = rows.randomSplit([0.75, 0.25], seed=42)
    penalty = {"regParam": 0.01, "elasticNetParam": 0.5}
    regression = LinearRegression(featuresCol="features", labelCol=label, **penalty)
    pipeline = Pipeline(stages=[VectorAssembler(inputCols=features, outputCol="features"), regression])
    mlflow.set_experiment("usual job")
    with mlflow.start_run() as run:
        mlflow.log_params(penalty)
        fitted = pipeline.fit(train)
        predicted = fitted.transform(test)
        for name in ("rmse", "mae", "r2"):
            value = RegressionEvaluator(labelCol=label, metricName=name).evaluate(predicted)
            mlflow.log_metric(name, value)
        example = predicted.limit(5).toPandas()
        mlflow.spark.log_model(
            fitted,
            artifact_path="model",
            signature=infer_signature(example[features], example[["prediction"]]),
            input_example=example[features],
            registered_model_name=model,
        )
        print("run", run.info.run_id)
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
