"""Registers the model of a run that the JAR logged: register_model.py RESULT_FILE MODEL_NAME ALIAS"""

import json
import os
import sys

import mlflow

result_file, name, alias = sys.argv[1:]
mlflow.set_registry_uri(os.environ.get("MLFLOW_REGISTRY_URI", "databricks-uc"))
with open(result_file) as file:
    run = json.load(file)["run_id"]
version = mlflow.register_model(f"runs:/{run}/model", name).version
mlflow.MlflowClient().set_registered_model_alias(name, alias, version)
print(f"run {run} is version {version} of {name}, {alias}")
