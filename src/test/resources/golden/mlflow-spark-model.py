"""Writes the golden model folder that ModelFolderWriterTest compares with.

A two-column pipeline is fitted in PySpark and logged by MLflow's own Python (mlflow.spark.log_model) in a run of a
throw-away sqlite store; log_model rather than save_model, because only a model of a run has run_id and artifact_path.
The small files are copied beside this script into mlflow-spark-model/, with files.txt as the folder's listing; the
Spark files themselves are left out. Column names have a space, an umlaut and a quote on purpose.

Run with: mlflow==3.17.2, pyspark==4.0.1, Python 3.11:  python mlflow-spark-model.py
"""

import os
import pathlib
import shutil
import tempfile

import mlflow
import pandas as pd
from mlflow.models import infer_signature
from pyspark.ml import Pipeline
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.regression import LinearRegression
from pyspark.sql import SparkSession

KEPT = [
    "MLmodel",
    "conda.yaml",
    "python_env.yaml",
    "requirements.txt",
    "input_example.json",
    "serving_input_example.json",
]
COLUMNS = ["fixed acidity", 'Süße "Rest"']

target = pathlib.Path(__file__).resolve().parent / "mlflow-spark-model"
scratch = pathlib.Path(tempfile.mkdtemp())
os.chdir(scratch)

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
example = pd.DataFrame([[7.4, 1.9], [7.8, 2.6]], columns=COLUMNS)
rows = [(7.4, 1.9, 5.0), (7.8, 2.6, 5.0), (11.2, 1.9, 6.0), (6.3, 1.6, 7.0)]
frame = spark.createDataFrame(rows, COLUMNS + ["quality"])
fitted = Pipeline(
    stages=[
        VectorAssembler(inputCols=COLUMNS, outputCol="features"),
        LinearRegression(featuresCol="features", labelCol="quality"),
    ]
).fit(frame)

mlflow.set_tracking_uri(f"sqlite:///{scratch}/mlflow.db")
mlflow.set_experiment(
    experiment_id=mlflow.create_experiment("golden", artifact_location=(scratch / "artifacts").as_uri())
)
with mlflow.start_run() as run:
    mlflow.spark.log_model(
        fitted,
        "model",
        signature=infer_signature(example, pd.DataFrame({"prediction": [5.0, 5.0]})),
        input_example=example,
    )
local = pathlib.Path(
    mlflow.artifacts.download_artifacts(f"runs:/{run.info.run_id}/model", dst_path=str(scratch / "copy"))
)

shutil.rmtree(target, ignore_errors=True)
target.mkdir()
for name in KEPT:
    shutil.copy(local / name, target / name)
listing = sorted(path.relative_to(local).as_posix() for path in local.rglob("*") if path.is_file())
(target / "files.txt").write_text("\n".join(listing) + "\n")
spark.stop()
shutil.rmtree(scratch)
