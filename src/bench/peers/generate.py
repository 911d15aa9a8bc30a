"""Writes the benchmark's data, the same bytes each time: generate.py CSV FOLDER ROWS

Rows are drawn from a Gaussian copula of the real wines: each column has the values of the real one (interpolated between
neighbours, rounded to the digits that the laboratory gives) and the rank correlations are those of the real table. So density
varies in the third decimal, sulfur dioxide in the tens, and the columns depend on each other as they do in wine.

  FOLDER/parquet/part-*.parquet  for Spark, 62,500 rows each, Snappy
  FOLDER/columns.f64             for R and Python: all columns one after the other, the label last, little-endian doubles
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


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]))
