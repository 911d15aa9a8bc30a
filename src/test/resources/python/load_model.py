"""Loads an MLflow model in both of its ways and prints what it predicts.

    python load_model.py MODEL_URI ROWS_JSON [TRACKING_URI]

MODEL_URI is a folder, runs:/... or models:/...; ROWS_JSON is a file {"columns": [...], "data": [[...], ...]}.
The last line of the standard output is a JSON object with one prediction per row from mlflow.spark ("spark") and from
mlflow.pyfunc ("pyfunc"), in repr precision, and with the message that refuses the rows under a wrong column name
("refusal", null if they were accepted).
"""

import json
import sys

import mlflow
import mlflow.pyfunc
import mlflow.spark
import pandas as pd
from mlflow.exceptions import MlflowException
from pyspark.sql import SparkSession

model_uri, rows_file = sys.argv[1:3]
if len(sys.argv) > 3:
    mlflow.set_tracking_uri(sys.argv[3])
with open(rows_file, encoding="utf-8") as file:
    rows = json.load(file)
frame = pd.DataFrame(rows["data"], columns=rows["columns"])

# mlflow.spark.load_model wants a session to be there
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .getOrCreate()
)
pipeline = mlflow.spark.load_model(model_uri)
by_spark = [row.prediction for row in pipeline.transform(spark.createDataFrame(frame)).select("prediction").collect()]

model = mlflow.pyfunc.load_model(model_uri)
by_pyfunc = [float(value) for value in model.predict(frame)]
try:
    model.predict(frame.rename(columns={rows["columns"][0]: "no such column"}))
    refusal = None
except MlflowException as error:
    refusal = str(error)

spark.stop()
print(json.dumps({"spark": by_spark, "pyfunc": by_pyfunc, "refusal": refusal}))
