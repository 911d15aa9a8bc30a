"""Golden values for CrossValidationSklearnTest: scikit-learn's elastic nets.

    python src/test/resources/golden/cross-validation-sklearn.py [CSV] [cross-validation-folds.json] [cross-validation-sklearn.json]

Called like this it is about the 1,599 red wines; cross-validation-statistics.py says how the white ones were done.
Run from the project's root, with scikit-learn 1.9.1. ElasticNet(alpha=a, l1_ratio=r) minimises
1/(2n)*||y - Xb||^2 + a*r*||b||_1 + a*(1-r)/2*||b||^2, Spark and glmnet divide the last part by the label's standard deviation s
(1/n) on the rows that are fitted. The same fit therefore has a*r = lambda*alpha and a*(1-r) = lambda*(1-alpha)/s. For the lasso
this is a = lambda, and ElasticNetCV itself gives the curve; for a mixture s is that of each training fold, so that one grid of a
for all folds, which is what ElasticNetCV takes, cannot be the same as Spark's: the folds are fitted one by one.

tol is the duality gap as a share of ||y||^2/n and is taken to where rounding ends it. Standardisation is off: scikit-learn has none.
"""

import hashlib
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import ElasticNet, ElasticNetCV
from sklearn.model_selection import PredefinedSplit

csv_path = sys.argv[1] if len(sys.argv) > 1 else "data/winequality-red.csv"
folds_path = sys.argv[2] if len(sys.argv) > 2 else "src/test/resources/golden/cross-validation-folds.json"
json_path = sys.argv[3] if len(sys.argv) > 3 else "src/test/resources/golden/cross-validation-sklearn.json"

warnings.filterwarnings("error")
csv = Path(csv_path).read_bytes()
separator = ";" if b";" in csv else ","
table = np.loadtxt(csv_path, delimiter=separator, skiprows=1)
x, y = table[:, :-1], table[:, -1]
folds = np.array(json.loads(Path(folds_path).read_text())["folds"])
k = folds.max() + 1
lambdas = [1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001]
exact = {"tol": 1e-14, "max_iter": 10_000_000}

cases = []
for alpha in (0.25, 0.5, 1.0):
    mse = []  # by lambda and fold
    for lam in lambdas:
        by_fold = []
        for fold in range(k):
            train = folds != fold
            l1, l2 = lam * alpha, lam * (1 - alpha) / y[train].std()
            model = ElasticNet(alpha=l1 + l2, l1_ratio=l1 / (l1 + l2), **exact).fit(x[train], y[train])
            by_fold.append(float(np.mean((y[~train] - model.predict(x[~train])) ** 2)))
        mse.append(by_fold)
    cases.append({"alpha": alpha, "mse": mse})

# the lasso needs no mapping: what ElasticNetCV says is what the loop above says
cv = ElasticNetCV(l1_ratio=1.0, alphas=lambdas, cv=PredefinedSplit(folds), **exact).fit(x, y)
assert list(cv.alphas_) == lambdas
assert np.allclose(cv.mse_path_, cases[-1]["mse"], rtol=1e-9, atol=0)
cases[-1]["mse"] = cv.mse_path_.tolist()

with open(json_path, "w") as out:
    json.dump(
        {
            "generator": "src/test/resources/golden/cross-validation-sklearn.py",
            "tools": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
            "data_sha256": hashlib.sha256(csv).hexdigest(),
            "lambda": lambdas,
            "best_lambda_of_lasso": float(cv.alpha_),
            "cases": cases,
        },
        out,
        indent=1,
    )
    out.write("\n")
