"""Golden values for CrossValidationSparkTest: RMSE by point and fold of Spark's CrossValidator.

    python src/test/resources/golden/cross-validation-spark.py CSV FOLDS.json OUT.json

Run from the project's root, with pyspark==4.0.1 and numpy; FOLDS.json is what cross-validation-folds.py writes for the same
CSV. It is for the white wines, which are no part of this project; on the red ones the test runs CrossValidator itself.
Solver normal with tol 1e-12: MLlib leaves 1e-6 of a coefficient open where there is an L1 part.
"""

import hashlib
import json
import sys
from pathlib import Path

from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.regression import LinearRegression
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import SparkSession

csv_path, folds_path, json_path = sys.argv[1:4]
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
csv = Path(csv_path).read_bytes()
separator = ";" if b";" in csv else ","
header = csv.decode().splitlines()[0].replace('"', "").split(separator)
folds = json.loads(Path(folds_path).read_text())
assert folds["data_sha256"] == hashlib.sha256(csv).hexdigest(), "the folds are those of another file"
schema = ", ".join(f"`{name}` double" for name in header)
table = spark.read.schema(schema).csv(csv_path, header=True, sep=separator).selectExpr("*", f"{folds['fold_sql']} AS fold")
rows = VectorAssembler(inputCols=header[:-1], outputCol="features").transform(table).cache()

cases = []
for standardize in (False, True):
    regression = LinearRegression(
        labelCol=header[-1], solver="normal", maxIter=1000, tol=1e-12, standardization=standardize
    )
    grid = (
        ParamGridBuilder()
        .addGrid(regression.elasticNetParam, [0.0, 0.5, 1.0])
        .addGrid(regression.regParam, [2.0, 0.5, 0.01])
        .build()
    )
    evaluator = RegressionEvaluator(labelCol=header[-1], metricName="rmse")
    validated = CrossValidator(
        estimator=regression,
        evaluator=evaluator,
        estimatorParamMaps=grid,
        numFolds=folds["k"],
        foldCol="fold",
        collectSubModels=True,
    ).fit(rows)
    for point, params in enumerate(grid):
        rmse = [
            evaluator.evaluate(models[point].transform(rows.where(f"fold = {fold}")))
            for fold, models in enumerate(validated.subModels)
        ]
        # the fit of CrossValidator's own mean to these is what shows that they are its folds
        assert abs(sum(rmse) / len(rmse) / validated.avgMetrics[point] - 1) < 1e-12
        cases.append(
            {
                "standardize": standardize,
                "alpha": params[regression.elasticNetParam],
                "lambda": params[regression.regParam],
                "avg_metric": validated.avgMetrics[point],
                "rmse": rmse,
            }
        )

with open(json_path, "w", encoding="utf-8") as out:
    json.dump(
        {
            "generator": "src/test/resources/golden/cross-validation-spark.py",
            "tools": {"pyspark": spark.version},
            "data_sha256": folds["data_sha256"],
            "cases": cases,
        },
        out,
        indent=1,
    )
    out.write("\n")
spark.stop()
