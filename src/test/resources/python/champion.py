"""Does with MLflow's own client what our jobs do: takes a model to its champion in a workspace, and predicts with it.

    python champion.py HOST TOKEN MODEL [EXPERIMENT]

With EXPERIMENT a model that doubles x is logged there, registered as MODEL (a name of three parts) and made champion. Then
the champion is read by its alias and loaded. The last line of the standard output is a JSON object: the champion's version,
status and aliases, its predictions for x = 1, 2 and 3, and MLflow's error code for an alias that is missing.
"""

import json
import os
import sys

host, token, name = sys.argv[1:4]
os.environ.update(DATABRICKS_HOST=host, DATABRICKS_TOKEN=token, MLFLOW_DISABLE_TELEMETRY="true")

import mlflow  # noqa: E402 - reads the environment
import pandas as pd  # noqa: E402

mlflow.set_tracking_uri("databricks")
mlflow.set_registry_uri("databricks-uc")
client = mlflow.MlflowClient()
rows = pd.DataFrame({"x": [1.0, 2.0, 3.0]})


class Doubling(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input["x"] * 2


if len(sys.argv) > 4:
    mlflow.set_experiment(sys.argv[4])
    with mlflow.start_run():
        mlflow.log_params({"factor": "2"})
        mlflow.log_metrics({"rmse": 0.0})
        mlflow.set_tags({"team": "wine"})
        signature = mlflow.models.infer_signature(rows, rows["x"] * 2)
        logged = mlflow.pyfunc.log_model(name="model", python_model=Doubling(), signature=signature)
    version = mlflow.register_model(logged.model_uri, name)
    client.set_registered_model_alias(name, "champion", version.version)

champion = client.get_model_version_by_alias(name, "champion")
predictions = mlflow.pyfunc.load_model(f"models:/{name}@champion").predict(rows)
if isinstance(predictions, pd.DataFrame):  # of an ONNX model
    predictions = predictions["prediction"]
try:
    client.get_model_version_by_alias(name, "nobody")
    missing = None
except mlflow.MlflowException as error:
    missing = error.error_code
print(
    json.dumps(
        {
            "version": str(champion.version),
            "status": champion.status,
            "aliases": list(champion.aliases),
            "predictions": [float(value) for value in predictions],
            "missing": missing,
        }
    )
)
