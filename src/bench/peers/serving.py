"""Times the consumers of one model folder, for src/bench/serving:

    serving.py prepare FOLDER                              fetches the model that FOLDER/result.json names
    serving.py onnx|spark|http FOLDER CSV REQUESTS TIMES   loads it, predicts, adds a line per figure to TIMES
    serving.py table TIMES REQUESTS CORES                  prints TIMES as Markdown

A line of TIMES is consumer, figure, seconds; the sum of the predictions goes with each, so that what was timed is the same.
"""

import contextlib
import csv
import datetime
import json
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request

SIZES = (1, 4898)
WARM_UP = 10
NAMES = {
    "onnx": "`mlflow.pyfunc`, ONNX (the default)",
    "spark": "`mlflow.pyfunc`, Spark (`model.python-function = spark`)",
    "http": "`mlflow models serve`, ONNX, JSON over HTTP",
    "http-csv": "`mlflow models serve`, ONNX, CSV over HTTP",
}


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


class Times:
    def __init__(self, file, consumer):
        self.file = file
        self.consumer = consumer

    def add(self, figure, seconds, checked=""):
        with open(self.file, "a", encoding="utf-8") as file:
            file.write(f"{self.consumer}\t{figure}\t{seconds:.9f}\t{checked}\n")

    def median(self, rows, requests, predict):
        for _ in range(WARM_UP):
            total = predict()
        each = []
        for _ in range(requests):
            started = time.perf_counter()
            predict()
            each.append(time.perf_counter() - started)
        self.add(rows, statistics.median(each), f"{total:.9f}")


def pyfunc(folder, csv_file, requests, times):
    import mlflow.pyfunc
    import pandas as pd

    started = time.perf_counter()
    model = mlflow.pyfunc.load_model(str(folder))
    times.add("load", time.perf_counter() - started)
    for size in SIZES:
        frame = rows_of(csv_file, size)

        def predict():
            answer = model.predict(frame)
            return float(answer["prediction"].sum()) if isinstance(answer, pd.DataFrame) else sum(answer)

        times.median(size, requests, predict)


def http(folder, csv_file, requests, times):
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
        times.add("load", time.perf_counter() - started)
        session = client.Session()
        session.trust_env = False  # no proxy
        bodies = {
            times: lambda frame: ("application/json", json.dumps({"dataframe_split": frame.to_dict(orient="split", index=False)})),
            Times(times.file, "http-csv"): lambda frame: ("text/csv", frame.to_csv(index=False)),
        }
        for one, body in bodies.items():
            for size in SIZES:
                kind, data = body(rows_of(csv_file, size))

                def predict():
                    answer = session.post(f"{uri}/invocations", data=data, headers={"Content-Type": kind}, timeout=60)
                    answer.raise_for_status()
                    return sum(row["prediction"] for row in answer.json()["predictions"])

                one.median(size, requests, predict)
    finally:
        server.terminate()
        server.wait(30)


def table(file, requests, cores):
    import mlflow
    import onnxruntime
    import pyspark

    figures, checked = {}, {}
    with open(file, encoding="utf-8") as lines:
        for consumer, figure, seconds, total in csv.reader(lines, delimiter="\t"):
            figures[consumer, figure] = float(seconds)
            if total:
                checked.setdefault(figure, []).append(float(total))
    for figure, totals in checked.items():
        if max(totals) - min(totals) > 1e-9 * max(totals):
            sys.exit(f"the predictions of {figure} rows add up to {totals}: it was not the same that was timed")

    def shown(consumer, figure):
        seconds = figures.get((consumer, figure))
        if seconds is None:
            return ""
        return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms" if seconds >= 0.1 else f"{1000 * seconds:.1f} ms"

    def faster(consumer, figure):
        slow, own = figures.get(("spark", figure)), figures.get((consumer, figure))
        return "" if not slow or not own or consumer == "spark" else f"{slow / own:.0f} ×"

    print(
        f"{datetime.date.today()}, {cores} cores; Python {sys.version.split()[0]}, MLflow {mlflow.__version__},"
        f" ONNX Runtime {onnxruntime.__version__}, Spark {pyspark.__version__}; median of {requests} requests\n"
    )
    print("| | load | 1 row | faster than Spark by | 4,898 rows | faster than Spark by |")
    print("|---|---:|---:|---:|---:|---:|")
    for consumer, name in NAMES.items():
        if (consumer, "1") in figures:
            print(
                f"| {name} | {shown(consumer, 'load')} | {shown(consumer, '1')} | {faster(consumer, '1')}"
                f" | {shown(consumer, '4898')} | {faster(consumer, '4898')} |"
            )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", folder]:
            prepare(pathlib.Path(folder))
        case ["table", file, requests, cores]:
            table(file, requests, cores)
        case [consumer, folder, csv_file, requests, file]:
            model_folder = pathlib.Path(folder) / ("model-spark" if consumer == "spark" else "model")
            measure = http if consumer == "http" else pyfunc
            measure(model_folder, csv_file, int(requests), Times(file, consumer))
        case _:
            sys.exit(__doc__)
