"""Rows, means and centred cross-products of each fold, in exact arithmetic, for one table of wines.

    python src/test/resources/golden/cross-validation-statistics.py [CSV] [FOLDS.json] [STATISTICS.json]

Run from the project's root; FOLDS.json is what cross-validation-folds.py writes for the same CSV. The numbers of the file are
taken as the doubles they are read as, all that follows is done in fractions, and the results are rounded once.

The white wines themselves are no part of this project. Their goldens were made with

    python …/cross-validation-folds.py white.csv white-folds.json
    python …/cross-validation-statistics.py white.csv white-folds.json …/cross-validation-statistics-white.json
    Rscript …/cross-validation-glmnet.R white.csv white-folds.json …/cross-validation-glmnet-white.json
    python …/cross-validation-sklearn.py white.csv white-folds.json …/cross-validation-sklearn-white.json
    python …/cross-validation-spark.py white.csv white-folds.json …/cross-validation-spark-white.json

and white.csv, as deploy/local/fetch-white-wine fetches it. From the statistics of the folds the tests work out what R,
scikit-learn and Spark worked out from the rows: a path and its errors need nothing else.
"""

import hashlib
import json
import sys
from fractions import Fraction
from pathlib import Path

csv_path = sys.argv[1] if len(sys.argv) > 1 else "data/winequality-red.csv"
folds_path = sys.argv[2] if len(sys.argv) > 2 else "src/test/resources/golden/cross-validation-folds.json"
json_path = sys.argv[3] if len(sys.argv) > 3 else "src/test/resources/golden/cross-validation-statistics.json"

csv = Path(csv_path).read_bytes()
separator = ";" if b";" in csv else ","
header, *lines = csv.decode().splitlines()
columns = header.replace('"', "").split(separator)
rows = [[Fraction(float(value)) for value in line.split(separator)] for line in lines]
golden = json.loads(Path(folds_path).read_text())
digest = hashlib.sha256(csv).hexdigest()
assert golden["data_sha256"] == digest, "the folds are those of another file"

folds = []
for fold in range(golden["k"]):
    part = [row for row, of in zip(rows, golden["folds"], strict=True) if of == fold]
    means = [sum(column) / len(part) for column in zip(*part)]
    centred = [[value - mean for value in column] for column, mean in zip(zip(*part), means)]
    folds.append(
        {
            "rows": len(part),
            "means": [float(mean) for mean in means],
            # the upper triangle row by row
            "products": [
                float(sum(a * b for a, b in zip(centred[i], centred[j])))
                for i in range(len(columns))
                for j in range(i, len(columns))
            ],
        }
    )

with open(json_path, "w", encoding="utf-8") as out:
    json.dump(
        {
            "generator": "src/test/resources/golden/cross-validation-statistics.py",
            "data_sha256": digest,
            "fold_sql": golden["fold_sql"],
            "columns": columns,
            "folds": folds,
        },
        out,
        indent=1,
    )
    out.write("\n")
