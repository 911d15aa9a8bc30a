"""Registers a logged model.

    python register_model.py TRACKING_URI MODEL_URI NAME

MODEL_URI is models:/m-...; NAME is the registered model, which is made if it is missing.
"""

import sys

import mlflow

tracking_uri, model_uri, name = sys.argv[1:]
mlflow.set_tracking_uri(tracking_uri)
mlflow.register_model(model_uri, name)
