"""Loads an MLflow model in each of its ways and prints what it predicts and what it refuses.

    python load_model.py MODEL_URI ROWS_JSON [TRACKING_URI [REGISTRY_URI]]

MODEL_URI is a folder, runs:/... or models:/...; ROWS_JSON is a file {"columns": [...], "data": [[...], ...]}.
The last line of the standard output is a JSON object:

  spark, pyfunc   one prediction per row from mlflow.spark and mlflow.pyfunc, in repr precision
  served          the same from the handler of MLflow's scoring server, the rows as JSON; null if there is no onnx flavor
  onnx            the same from mlflow.onnx and onnxruntime; null if the model has no such flavor
  reordered       from mlflow.pyfunc, the columns in another order and one more beside them
  answer          what mlflow.pyfunc answers with: its class, and its columns and their types if it is a frame
  refusals        for each kind of wrong rows the message of mlflow.pyfunc; null if it accepted them
  unknown         for each column of texts its message for a text that no row has; null if it accepted it
"""

import json
import sys

import mlflow
import mlflow.pyfunc
import mlflow.spark
import pandas as pd
from mlflow.models import Model
from pyspark.sql import SparkSession

model_uri, rows_file = sys.argv[1:3]
if len(sys.argv) > 3:
    mlflow.set_tracking_uri(sys.argv[3])
if len(sys.argv) > 4:
    mlflow.set_registry_uri(sys.argv[4])
with open(rows_file, encoding="utf-8") as file:
    rows = json.load(file)
frame = pd.DataFrame(rows["data"], columns=rows["columns"])
first = rows["columns"][0]
texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]

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


def vector(answer):
    """An ONNX model answers with a data frame of the column prediction, a Spark model with a list."""
    return [float(value) for value in (answer["prediction"] if isinstance(answer, pd.DataFrame) else answer)]


answer = model.predict(frame)
described = {"class": type(answer).__name__}
if isinstance(answer, pd.DataFrame):
    described["columns"] = {name: str(answer[name].dtype) for name in answer.columns}

by_onnx = None
served = None
if "onnx" in Model.load(model_uri).flavors:
    import mlflow.onnx
    import onnxruntime
    from mlflow.pyfunc import scoring_server

    graph = mlflow.onnx.load_model(model_uri)
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    by_onnx = session.run(["prediction"], {"features": frame.to_numpy()})[0].ravel().tolist()
    body = json.dumps({"dataframe_split": rows})
    response = scoring_server.invocations(body, "application/json", model, model.metadata.get_input_schema())
    predictions = json.loads(response.response)["predictions"]
    served = [one["prediction"] if isinstance(one, dict) else one for one in predictions]

some = pd.Series([None] + frame[first].tolist()[1:], dtype="float64")
wrong_rows = {
    "wrong name": frame.rename(columns={first: "no such column"}),
    "missing column": frame.drop(columns=first),
    "text": frame.assign(**{first: "much"}),
    "number as text": frame.assign(**{first: frame[first].astype(str)}),
    "null in every row": frame.assign(**{first: None}),
    "null in one row": frame.assign(**{first: some}),
}


def refusal(wrong):
    try:
        model.predict(wrong)
    except Exception as error:  # noqa: BLE001 - what kind of error it is, is for the test to say
        return f"{type(error).__name__}: {error}"
    return None


print(
    json.dumps(
        {
            "spark": by_spark,
            "pyfunc": vector(answer),
            "onnx": by_onnx,
            "served": served,
            "reordered": vector(model.predict(frame[rows["columns"][::-1]].assign(**{"one more": "x"}))),
            "answer": described,
            "refusals": {name: refusal(wrong) for name, wrong in wrong_rows.items()},
            "unknown": {name: refusal(frame.assign(**{name: "no such level"})) for name in texts},
        }
    )
)
spark.stop()
