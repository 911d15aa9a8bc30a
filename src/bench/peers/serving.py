"""Times a consumer of one model folder: serving.py onnx|spark|http FOLDER CSV, or: serving.py prepare FOLDER

`prepare` fetches the model that FOLDER/result.json names. A consumer loads it once, without Python's imports (http: from the start of
the server to its first answer), and predicts 1 row and 4,898 rows, as many as there are white wines, ten times unmeasured before.
With each time goes the sum of the predictions.
"""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import turns

SIZES = {"1 row": 1, "4,898 rows": 4898}
WARM_UP = 10
REQUESTS_A_TURN = 20


def prepare(folder):
    import mlflow
    import yaml

    result = json.loads((folder / "result.json").read_text())
    mlflow.set_tracking_uri(result["run_url"].partition("/#/")[0])
    fetched = pathlib.Path(mlflow.artifacts.download_artifacts(f"runs:/{result['run_id']}/model", dst_path=str(folder)))
    by_spark = folder / "model-spark"
    shutil.rmtree(by_spark, ignore_errors=True)
    shutil.copytree(fetched, by_spark)
    # what the job writes with model.python-function = spark
    described = yaml.safe_load((by_spark / "MLmodel").read_text())
    described["flavors"]["python_function"] |= {"loader_module": "mlflow.spark", "data": "sparkml"}
    (by_spark / "MLmodel").write_text(yaml.safe_dump(described))


def rows_of(file, size):
    """`size` rows of the features, the file's over and over."""
    import pandas as pd

    wines = pd.read_csv(file).drop(columns="quality").astype("float64")
    return pd.concat([wines] * (size // len(wines) + 1), ignore_index=True).head(size)


def requests(case, consumer, predict):
    for _ in range(WARM_UP):
        predict()
    for _ in range(REQUESTS_A_TURN * int(os.environ["BENCH_TURNS"])):
        started = time.perf_counter()
        total = predict()
        turns.write(case, consumer, "measured", time.perf_counter() - started, f"{total:.9f} in all")


def pyfunc(consumer, folder, csv):
    import mlflow.pyfunc
    import pandas as pd

    started = time.perf_counter()
    model = mlflow.pyfunc.load_model(str(folder))
    turns.write("load", consumer, "measured", time.perf_counter() - started)
    for case, size in SIZES.items():
        frame = rows_of(csv, size)

        def predict():
            answer = model.predict(frame)
            return float(answer["prediction"].sum()) if isinstance(answer, pd.DataFrame) else sum(answer)

        requests(case, consumer, predict)


def http(folder, csv):
    import requests as client

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    uri = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local", "-m", str(folder), "--host", "127.0.0.1"]
    started = time.perf_counter()
    server = subprocess.Popen([*command, "--port", str(port)], stdout=sys.stderr)
    try:
        while server.poll() is None:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                if urllib.request.urlopen(f"{uri}/ping", timeout=5).status == 200:
                    break
            time.sleep(0.01)
        else:
            sys.exit("the scoring server ended")
        turns.write("load", "http", "measured", time.perf_counter() - started)
        session = client.Session()
        session.trust_env = False  # no proxy
        bodies = {
            "http": lambda frame: ("application/json", json.dumps({"dataframe_split": frame.to_dict(orient="split", index=False)})),
            "http-csv": lambda frame: ("text/csv", frame.to_csv(index=False)),
        }
        for consumer, body in bodies.items():
            for case, size in SIZES.items():
                kind, data = body(rows_of(csv, size))

                def predict():
                    answer = session.post(f"{uri}/invocations", data=data, headers={"Content-Type": kind}, timeout=60)
                    answer.raise_for_status()
                    return sum(row["prediction"] for row in answer.json()["predictions"])

                requests(case, consumer, predict)
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", folder]:
            prepare(pathlib.Path(folder))
        case ["http", folder, csv]:
            http(pathlib.Path(folder) / "model", csv)
        case [consumer, folder, csv]:
            pyfunc(consumer, pathlib.Path(folder) / ("model-spark" if consumer == "spark" else "model"), csv)
