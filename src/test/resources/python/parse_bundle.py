"""Parses the resources of a bundle with Databricks' own classes: {"jobs": {key: {...}}, ...} on stdin, what they refuse on stdout."""

import json
import sys

from databricks.bundles.experiments import MlflowExperiment
from databricks.bundles.jobs import Job
from databricks.bundles.model_serving_endpoints import ModelServingEndpoint
from databricks.bundles.registered_models import RegisteredModel

CLASSES = {
    "jobs": Job,
    "experiments": MlflowExperiment,
    "registered_models": RegisteredModel,
    "model_serving_endpoints": ModelServingEndpoint,
}

problems, parsed = [], 0
for kind, resources in json.load(sys.stdin).items():
    for key, fields in resources.items():
        try:
            CLASSES[kind].from_dict(fields)
            parsed += 1
        except Exception as refused:  # whatever it is, the message is the finding
            problems.append(f"resources.{kind}.{key}: {refused}")
json.dump({"parsed": parsed, "problems": problems}, sys.stdout)
