"""Times scikit-learn's ElasticNetCV: sklearn_peer.py FOLDER ROWS TIMES CORES

Loading and standardising are not timed: without standard columns its coordinate descent hardly moves.
The time rules are those of Stopwatch.java.
"""

import sys
import time
import warnings

import numpy as np
import sklearn
from sklearn.linear_model import ElasticNetCV
from sklearn.preprocessing import StandardScaler


def main(folder, rows, times, cores):
    columns = np.fromfile(f"{folder}/columns.f64", dtype="<f8").reshape((12, rows)).T
    x = np.asfortranarray(StandardScaler().fit_transform(columns[:, :11]))
    y = columns[:, 11].copy()
    del columns
    warnings.simplefilter("error")  # it warns if it has not converged: such a time would count for nothing
    length = {"alphas" if tuple(map(int, sklearn.__version__.split(".")[:2])) >= (1, 7) else "n_alphas": 100}

    def run():
        validated = ElasticNetCV(l1_ratio=[0.1, 0.5, 1.0], eps=1e-4, cv=5, n_jobs=cores, **length).fit(x, y)
        path = validated.mse_path_
        return f"{path.shape[0] * path.shape[1]} points, RMSE {np.sqrt(path.mean(axis=-1).min()):.5f}"

    def once(kind):
        started = time.perf_counter()
        found = run()
        seconds = time.perf_counter() - started
        with open(times, "a", encoding="utf-8") as file:
            file.write(f"sklearn\t{rows}\t{kind}\t{seconds:.6f}\t{found}\n")
        return seconds

    spent = once("first")
    if spent > 60.0:
        return
    while spent < 10.0:
        spent += once("warm-up")
    for _ in range(3):
        once("measured")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
