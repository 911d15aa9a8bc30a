"""The solver's task, and how exactly a path of 100 penalties solves it: elastic_net.py FOLDER P,P… writes the files of the task.

  FOLDER/solver-P.statistics                 a Gram matrix, as SufficientStatistics.ofBytes reads it
  FOLDER/solver-P.gram, solver-P-once.f64, …-twice.f64   the same for the others: the matrix, and rows that have exactly this matrix
"""

import pathlib
import sys

import numpy as np

SEED = 20260101


def write(folder, p):
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
    whole.astype("<f8").tofile(folder / f"solver-{p}.gram")
    n = p + 12
    zeros = np.zeros(2 * (p + 1))
    triangle = n * whole[np.triu_indices(p + 1)]
    head = np.array([n], dtype=">i8").tobytes() + np.array([n], dtype=">f8").tobytes() + np.array([p + 1], dtype=">i4").tobytes()
    # SufficientStatistics.toBytes: rows, weight, columns, origins, shifts, upper triangle of the centred products
    (folder / f"solver-{p}.statistics").write_bytes(head + np.concatenate([zeros, triangle]).astype(">f8").tobytes())


class Problem:
    """½γ'Gγ − c'γ + λα‖γ‖₁ + λ(1−α)/(2s)·‖γ‖² for 100 λ."""

    def __init__(self, folder, p, alpha):
        whole = np.fromfile(f"{folder}/solver-{p}.gram", dtype="<f8").reshape(p + 1, p + 1)
        self.gram, self.linear, self.variance = np.asfortranarray(whole[:p, :p]), whole[:p, p].copy(), whole[p, p]
        self.lambdas = np.abs(self.linear).max() / alpha * 1e-4 ** (np.arange(100) / 99)
        self.l1, self.l2 = self.lambdas * alpha, self.lambdas * (1.0 - alpha) / np.sqrt(self.variance)

    def gap(self, path):
        """The largest duality gap of a path (penalties × columns) as a share of ½s²; the formula is that of CoordinateDescent.java."""
        gradient = self.linear - path @ self.gram - self.l2[:, None] * path
        shrink = np.minimum(1.0, self.l1 / np.abs(gradient).max(axis=1))
        residual = np.maximum(0.0, self.variance - (path * (self.linear + gradient)).sum(axis=1))
        complementarity = (self.l1[:, None] * np.abs(path) - shrink[:, None] * path * gradient).sum(axis=1)
        return (0.5 * residual * (1.0 - shrink) ** 2 + complementarity).max() / (0.5 * self.variance)

    def objectives(self, path):
        smooth = (path * (0.5 * path @ self.gram - self.linear)).sum(axis=1)
        return smooth + self.l1 * np.abs(path).sum(axis=1) + 0.5 * self.l2 * (path * path).sum(axis=1)

    def accuracy(self, path, exact):
        """Besides the gap, the largest distance of an objective from its minimum and the largest error of a coefficient, as shares of
        ½s² and of the largest coefficient. The first penalty, which removes every column, does not count."""
        excess = (self.objectives(path) - self.objectives(exact))[1:].max() / (0.5 * self.variance)
        error = (np.abs(path - exact).max(axis=1) / np.abs(exact).max(axis=1).clip(1e-300))[1:].max()
        return {"gap": self.gap(path), "objective above": max(excess, 0.0), "coefficients off by": error}


if __name__ == "__main__":
    for columns in sys.argv[2].split(","):
        write(pathlib.Path(sys.argv[1]), int(columns))
