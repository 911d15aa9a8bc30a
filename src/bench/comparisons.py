"""The comparisons of bench.py: who takes part, what each runs, and who is compared with whom."""

import contextlib
import os
import pathlib
import shutil
import sys
import time
import typing

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LOCAL = ROOT / "deploy/local"
PEERS = HERE / "peers"
JAR = ROOT / "target/wine-quality-training-1.1.0.jar"
WINE = ROOT / "data/winequality-red.csv"
sys.path.insert(0, str(PEERS))


class Comparison(typing.NamedTuple):
    does: str
    measure: typing.Callable
    contestants: dict  # name: title, or (title, the contestant that it is compared with); otherwise that is the first
    case: str = "rows"
    rows: str = "5000000"  # nothing if it does not depend on a number of rows
    memory: str = "2g"
    same: bool = False  # whether all must find the same


def whole_job(bench):
    import turns

    class Stopped(Exception):
        pass

    def run(name, *command, **variables):
        if not bench.run("red wines", [name], command, **variables):
            raise Stopped
        return ""

    for old in bench.data.glob("classes/*.jsa"):
        old.unlink()

    def wait_for_archive():  # a user's later jobs have it
        give_up = time.monotonic() + 300
        while time.monotonic() < give_up and not list(bench.data.glob("classes/*[0-9].jsa")):
            time.sleep(1)

    with bench.server() as uri, contextlib.suppress(Stopped):
        submit = [bench.spark_home / "bin/spark-submit", "--master", "local[*]", "--driver-memory", "2g", PEERS / "pyspark_job.py"]
        usual = {"PYSPARK_PYTHON": sys.executable, "MLFLOW_TRACKING_URI": uri}
        jobs = {
            "ours": lambda: run("ours", LOCAL / "wine", "train"),
            "usual": lambda: run("usual", *submit, WINE, "quality", "usual", **usual),
        }
        turns.take("red wines", jobs, wait_for_archive, rehearse=not bench.options.quick)


def tuning(bench):
    for rows in bench.rows():
        for name in COMPARISONS["tuning"].contestants:
            if name.startswith("glmnet"):
                there = bench.has_r("glmnet", *["doParallel"] * (name == "glmnet-parallel"))
                bench.run(rows, [name], there and ["Rscript", PEERS / "glmnet.R", bench.data / rows, rows, name, os.cpu_count()])
            elif name == "sklearn":
                bench.run(rows, [name], [sys.executable, PEERS / "sklearn_peer.py", bench.data / rows, rows, os.cpu_count()])
            elif name == "ours-path-memory":
                # the executor of a local cluster has a process of its own; it works in a folder of SPARK_HOME, which may be others' too
                home = bench.data / "spark"
                home.mkdir(exist_ok=True)
                for part in ("bin", "jars", "python"):
                    (home / part).unlink(missing_ok=True)
                    (home / part).symlink_to(bench.spark_home / part)
                alone = bench.on_spark(name, rows, f"local-cluster[1,{os.cpu_count()},2048]", "512m", "-XX:+UseSerialGC")
                bench.run(rows, [name], alone, SPARK_HOME=home)
            else:
                bench.run(rows, [name], bench.on_spark(name, rows))


def pass_(bench):
    for rows in bench.rows():
        for suffix in ("", "-cached"):
            bench.run(rows, ["scan" + suffix, "pass" + suffix], bench.on_spark("pass" + suffix, rows))


def in_turns(name):
    def measure(bench):
        for rows in bench.rows():
            bench.run(rows, COMPARISONS[name].contestants, bench.on_spark(name, rows))

    return measure


def solver(bench):
    import elastic_net
    import numpy as np
    import turns

    folder = bench.data / "solver"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    sizes, alphas, gaps = ("11,100", "0.5", "1e-7") if bench.options.quick else ("11,100,1000", "0.5,1.0", "1e-5,1e-7,1e-13")
    java = [bench.java, "-cp", f"{bench.jar}:{JAR}", "winequality.bench.Solver"]
    for p in map(int, sizes.split(",")):
        elastic_net.write(folder, p)
        cases = {f"{p}, {alpha}, {gap}": (alpha, gap) for alpha in alphas.split(",") for gap in gaps.split(",")}
        for names, command in {
            ("ours",): [*java, folder, p, alphas, gaps],
            ("glmnet", "glmnet-twice"): bench.has_r("glmnet") and ["Rscript", PEERS / "glmnet.R", folder, "solver", p, alphas, gaps],
            ("adelie",): bench.adelie.exists() and [bench.adelie, PEERS / "adelie_peer.py", folder, p, alphas, gaps],
        }.items():
            bench.run(cases, names, command)
        for case, (alpha, gap) in cases.items():
            problem = elastic_net.Problem(folder, p, float(alpha))
            paths = {}
            for name, of_gap in {"exact": "1e-14", "ours": gap, "glmnet": gap, "glmnet-twice": gap, "adelie": gap}.items():
                file = folder / f"{case.removesuffix(gap)}{of_gap}, {name}.path"
                if file.exists() and file.stat().st_size == 8 * 100 * p:  # not one that was stopped
                    paths[name] = np.fromfile(file).reshape(100, p)
            for name in paths if "exact" in paths else ():
                for kind, value in problem.accuracy(paths[name], paths["exact"]).items():
                    turns.write(case, name, kind, value)


def serving(bench):
    folder = bench.data / "serving"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    # MLflow starts uvicorn by its name
    quiet = {"PATH": f"{sys.prefix}/bin:{os.environ['PATH']}", "MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONWARNINGS": "ignore"}
    peer = [sys.executable, PEERS / "serving.py"]
    cases = ["load", "1 row", "4,898 rows"]
    without_version = ["--set", "registry.enabled=false", "--set", "mlflow.experiment-name=serving-benchmark"]
    contestants = list(COMPARISONS["serving"].contestants)
    with bench.server():
        train = [LOCAL / "wine", "train", "--lambda", "0.01", *without_version, "--result", folder / "result.json"]
        if not (bench.run(cases, contestants, train) and bench.run(cases, contestants, [*peer, "prepare", folder], **quiet)):
            return
    for names in (["spark"], ["onnx"], ["http", "http-csv"]):
        bench.run(cases, names, [*peer, names[0], folder, WINE], **quiet, MLFLOW_DFS_TMP=folder / "dfs")


COMPARISONS = {
    "whole-job": Comparison(
        "`train` beside the usual PySpark job of its shape (peers/pyspark_job.py), on one MLflow server",
        whole_job,
        {
            "usual": "the usual PySpark job",
            "ours": "**`train`**: also checks rows, writes the table, tests, intervals, report, gate",
        },
        case="source",
        rows="",
    ),
    "tuning": Comparison(
        "the tuner beside CrossValidator, cv.glmnet, ElasticNetCV, one fit and a bare scan; the driver's live heap",
        tuning,
        {
            "ours-grid": "**this tuner**, 9 points × 5 folds",
            "crossvalidator": ("Spark `CrossValidator`, 9 points × 5 folds, parallelism = cores", "ours-grid"),
            "ours-path": "**this tuner**, 3 α × 100 λ × 5 folds",
            "glmnet": ("R `cv.glmnet`, 3 α × 100 λ × 5 folds, as it comes (one core)", "ours-path"),
            "glmnet-parallel": ("R `cv.glmnet`, the same, `parallel = TRUE`", "ours-path"),
            "sklearn": ("scikit-learn `ElasticNetCV`, 3 α × 100 λ × 5 folds, `n_jobs` = cores", "ours-path"),
            "fit": ("one `LinearRegression.fit`, solver `normal`", "ours-path"),
            "fit-cached": ("one `LinearRegression.fit`, vectors cached in memory beforehand", "ours-path"),
            "scan": ("bare scan: the sum of every column", "ours-path"),
            "ours-path-memory": "live heap of the driver, executor apart",
        },
        rows="500000,5000000",
        memory="6g",
    ),
    "pass": Comparison(
        "the tuner's pass over the rows beside a scan that sums every column, from Parquet and from Spark's cache",
        pass_,
        {
            "scan": "scan, from Parquet",
            "pass": "**pass**, from Parquet",
            "scan-cached": "scan, from Spark's columnar cache",
            "pass-cached": ("**pass**, from Spark's columnar cache", "scan-cached"),
        },
        memory="6g",
    ),
    "solver": Comparison(
        "the solver beside glmnet and adelie: 100 λ down to 1e-4 on one Gram matrix, all at the same duality gap",
        solver,
        {
            "ours": "**this solver**",
            "glmnet": "R `glmnet`, p + 12 rows that have exactly this Gram matrix",
            "glmnet-twice": "R `glmnet`, 2p + 24 such rows",
            "adelie": "`adelie.gaussian_cov`, one thread",
        },
        case="columns, α, gap at most",
        rows="",
    ),
    "ingest": Comparison(
        "the ingest beside Spark's plain way from CSV to Delta",
        in_turns("ingest"),
        {
            "plain": '`spark.read.schema(…).csv(…).write.format("delta")`',
            "ingest": "**this ingest**: checked, quarantined, fingerprinted",
            "ingest-profile": "**this ingest** and the profile of the table",
        },
        same=True,
    ),
    "score": Comparison(
        "batch scoring beside reading the same Delta table and writing it again",
        in_turns("score"),
        {
            "plain": '`spark.read.format("delta").load(…).write.format("delta")`',
            "score": "**`score`**: checked, predicted, with what made each row",
        },
        same=True,
    ),
    "clustering": Comparison(
        "the tuner's pass over a table as the ingest lays it out, after OPTIMIZE and with liquid clustering",
        in_turns("clustering"),
        {
            "plain": "**as the ingest lays it out**",
            "optimized": "the same and `OPTIMIZE`",
            "clustered": "`CLUSTER BY` alcohol, volatile acidity, and `OPTIMIZE`",
        },
        same=True,
    ),
    "serving": Comparison(
        "a registered model in mlflow.pyfunc with ONNX and with Spark, and in `mlflow models serve`; 20 requests a turn",
        serving,
        {
            "spark": "`mlflow.pyfunc`, Spark (`model.python-function = spark`)",
            "onnx": "**`mlflow.pyfunc`, ONNX** (the default)",
            "http": "`mlflow models serve`, ONNX, JSON over HTTP",
            "http-csv": "`mlflow models serve`, ONNX, CSV over HTTP",
        },
        case="figure",
        rows="",
        same=True,
    ),
}
QUICK = ["whole-job", "pass", "solver"]
