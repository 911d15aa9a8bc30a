"""Writes the benchmark's data, the same bytes each time: generate.py CSV FOLDER ROWS, or: generate.py solver FOLDER

Rows are drawn from a Gaussian copula of the real wines: each column has the values of the real one (interpolated between
neighbours, rounded to the digits that the laboratory gives) and the rank correlations are those of the real table. So density
varies in the third decimal, sulfur dioxide in the tens, and the columns depend on each other as they do in wine.

  FOLDER/parquet/part-*.parquet  for Spark, 62,500 rows each, Snappy
  FOLDER/columns.f64             for R and Python: all columns one after the other, the label last, little-endian doubles
  FOLDER/../solver-P.*           for the solver alone: a Gram matrix, and rows that have exactly this Gram matrix
"""

import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.special import ndtr
from scipy.stats import norm, rankdata

PART = 62_500
SEED = 20260101
DECIMALS = [1, 3, 2, 1, 3, 0, 0, 5, 2, 2, 1, 0]


def main(csv, folder, rows):
    with open(csv, encoding="utf-8") as lines:
        names = [name.strip('"') for name in lines.readline().strip().replace(";", ",").split(",")]
    real = np.loadtxt(csv, delimiter=",", skiprows=1)
    scores = norm.ppf(np.apply_along_axis(rankdata, 0, real) / (len(real) + 1))
    factor = np.linalg.cholesky(np.corrcoef(scores, rowvar=False))
    quantiles = np.sort(real, axis=0)
    positions = np.linspace(0.0, 1.0, len(real))

    (folder / "parquet").mkdir(parents=True)
    columns = np.memmap(folder / "columns.f64", dtype="<f8", mode="w+", shape=(rows, len(names)), order="F")
    for part, start in enumerate(range(0, rows, PART)):
        size = min(PART, rows - start)
        # a part is the same whatever the number of parts
        drawn = np.random.default_rng([SEED, part]).standard_normal((size, len(names))) @ factor.T
        shares = ndtr(drawn)
        table = {}
        for j, name in enumerate(names):
            values = np.round(np.interp(shares[:, j], positions, quantiles[:, j]), DECIMALS[j])
            columns[start : start + size, j] = values
            table[name] = values
        pq.write_table(pa.table(table), folder / "parquet" / f"part-{part:05d}.parquet", compression="snappy")
    columns.flush()
    (folder / "complete").touch()


def solver(folder, p):
    """Columns of unit variance, neighbours correlated by 0.7; a tenth of them acts on the label.

    The covariances with the label have the noise of a sample of 10·p rows, so that every column enters the path at last.
    """
    random = np.random.default_rng([SEED, p])
    gram = 0.7 ** np.abs(np.subtract.outer(np.arange(p), np.arange(p)))
    beta = np.where(np.arange(p) % 10 == 0, random.standard_normal(p), 0.0)
    signal = beta @ gram @ beta
    noise = np.linalg.cholesky(gram) @ random.standard_normal(p) * np.sqrt(signal / (10.0 * p))
    linear = gram @ beta + noise
    whole = np.block([[gram, linear[:, None]], [linear[None, :], np.array([[2.0 * signal + noise @ np.linalg.solve(gram, noise)]])]])
    lower = np.linalg.cholesky(whole)
    # p + 12 rows, nearly as few as there can be, and twice as many
    for name, n in (("once", p + 12), ("twice", 2 * (p + 12))):
        start = np.column_stack([np.ones(n), random.standard_normal((n, p + 1))])
        orthonormal = np.linalg.qr(start)[0][:, 1:]  # each column orthogonal to the ones: its mean is 0
        rows = np.sqrt(n) * orthonormal @ lower.T
        rows.T.astype("<f8").tofile(folder / f"solver-{p}-{name}.f64")  # column after column
    n = p + 12
    zeros = np.zeros(2 * (p + 1))
    triangle = n * whole[np.triu_indices(p + 1)]
    head = np.array([n], dtype=">i8").tobytes() + np.array([n], dtype=">f8").tobytes() + np.array([p + 1], dtype=">i4").tobytes()
    # SufficientStatistics.toBytes: rows, weight, columns, origins, shifts, upper triangle of the centred products
    (folder / f"solver-{p}.statistics").write_bytes(head + np.concatenate([zeros, triangle]).astype(">f8").tobytes())


if __name__ == "__main__":
    if sys.argv[1] == "solver":
        for p in (11, 100, 1000):
            solver(pathlib.Path(sys.argv[2]), p)
    else:
        main(sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]))
