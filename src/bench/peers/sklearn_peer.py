"""Times scikit-learn's ElasticNetCV: sklearn_peer.py FOLDER ROWS CORES

Loading and standardising are not timed: without standard columns its coordinate descent hardly moves.
"""

import sys
import warnings

import numpy as np
import turns
from sklearn.linear_model import ElasticNetCV
from sklearn.preprocessing import StandardScaler


def main(folder, rows, cores):
    columns = np.fromfile(f"{folder}/columns.f64", dtype="<f8").reshape((12, rows)).T
    x = np.asfortranarray(StandardScaler().fit_transform(columns[:, :11]))
    y = columns[:, 11].copy()
    del columns
    warnings.simplefilter("error")  # it warns if it has not converged: such a time would count for nothing

    def run():
        validated = ElasticNetCV(l1_ratio=[0.1, 0.5, 1.0], eps=1e-4, cv=5, n_jobs=cores, alphas=100).fit(x, y)
        path = validated.mse_path_
        return f"{path.shape[0] * path.shape[1]} points, RMSE {np.sqrt(path.mean(axis=-1).min()):.5f}"

    turns.take(rows, {"sklearn": run})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
