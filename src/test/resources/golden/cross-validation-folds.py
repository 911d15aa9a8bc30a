"""Fold of each wine of a file (here the 1,599 red ones), in the file's order, as the project's fold_sql gives it.

    python src/test/resources/golden/cross-validation-folds.py [CSV] [cross-validation-folds.json]

Run from the project's root, with pyspark==4.0.1. The expression below is what FoldAssigner makes for 5 folds and seed 7;
CrossValidationGlmnetTest holds the file to it. cross-validation-glmnet.R and cross-validation-sklearn.py read the folds
from the file, since neither language has Spark's xxhash64.
"""

import hashlib
import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession

csv_path = sys.argv[1] if len(sys.argv) > 1 else "data/winequality-red.csv"
json_path = sys.argv[2] if len(sys.argv) > 2 else "src/test/resources/golden/cross-validation-folds.json"
label = "quality"
seed, k = 7, 5

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
csv = Path(csv_path).read_bytes()
separator = ";" if b";" in csv else ","
header = csv.decode().splitlines()[0].replace('"', "").split(separator)
schema = ", ".join(f"`{name}` double" for name in header)
# one file of 1,599 lines is one partition, so that the rows keep their order
rows = spark.read.schema(schema).csv(csv_path, header=True, sep=separator)
assert rows.rdd.getNumPartitions() == 1
columns = ", ".join(f"`{name}`" for name in header if name != label)
fold_sql = f"cast(pmod(xxhash64({seed}L, xxhash64({columns})), {k}L) AS INT)"
folds = [row[0] for row in rows.selectExpr(fold_sql).collect()]
assert set(folds) == set(range(k))

with open(json_path, "w") as out:
    out.write("{\n")
    out.write('  "generator": "src/test/resources/golden/cross-validation-folds.py",\n')
    out.write('  "tools": {"pyspark": "4.0.1"},\n')
    out.write(f'  "data_sha256": "{hashlib.sha256(csv).hexdigest()}",\n')
    out.write(f'  "fold_sql": {json.dumps(fold_sql)},\n  "k": {k},\n  "seed": {seed},\n')
    lines = [", ".join(map(str, folds[i : i + 40])) for i in range(0, len(folds), 40)]
    out.write('  "folds": [\n    ' + ",\n    ".join(lines) + "\n  ]\n}\n")
spark.stop()
