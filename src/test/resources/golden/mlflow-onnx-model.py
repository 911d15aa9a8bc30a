"""Writes the golden MLmodel and requirements that OnnxFlavorTest compares with.

A linear function of two columns is saved by MLflow's own Python (mlflow.onnx.save_model) with the provider and the
session options that the job sets. What is compared is the onnx flavor's entry and who answers python_function; the
rest of an MLmodel is held to mlflow-spark-model/.

Run with: mlflow==3.17.2, onnx==1.23.2, onnxruntime==1.32.0, Python 3.11:  python mlflow-onnx-model.py
"""

import pathlib
import shutil
import tempfile

import mlflow
from onnx import TensorProto, helper

target = pathlib.Path(__file__).resolve().parent / "mlflow-onnx-model"
scratch = pathlib.Path(tempfile.mkdtemp())

graph = helper.make_graph(
    [helper.make_node("Gemm", ["features", "coefficients", "intercept"], ["prediction"])],
    "linear_regression",
    [helper.make_tensor_value_info("features", TensorProto.DOUBLE, ["rows", 2])],
    [helper.make_tensor_value_info("prediction", TensorProto.DOUBLE, ["rows", 1])],
    [
        helper.make_tensor("coefficients", TensorProto.DOUBLE, [2, 1], [1.0, 2.0]),
        helper.make_tensor("intercept", TensorProto.DOUBLE, [1], [3.0]),
    ],
)
mlflow.onnx.save_model(
    helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7),
    scratch / "model",
    onnx_execution_providers=["CPUExecutionProvider"],
    onnx_session_options={"inter_op_num_threads": 1, "intra_op_num_threads": 1},
)

shutil.rmtree(target, ignore_errors=True)
target.mkdir()
for name in ["MLmodel", "requirements.txt"]:
    shutil.copy(scratch / "model" / name, target / name)
shutil.rmtree(scratch)
