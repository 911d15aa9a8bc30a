"""Times adelie's gaussian_cov on the solver's task: adelie_peer.py FOLDER P ALPHA,… GAP,…

For each gap it takes the largest tolerance, a power of ten, whose whole path has at most this gap.
"""

import sys

import adelie
import numpy as np
import turns
from elastic_net import Problem


def main(folder, p, alphas, gaps):
    for alpha in alphas:
        problem = Problem(folder, p, float(alpha))
        # its penalty is λ(α|β| + (1−α)/2·β²), without the label's deviation
        weight = problem.l1[0] + problem.l2[0]
        share, lambdas = problem.l1[0] / weight, problem.lambdas * weight / problem.lambdas[0]

        def solve(tolerance):
            exact = {"tol": tolerance, "rdev_tol": 0.0, "early_exit": False, "max_iters": 10**9}
            return adelie.gaussian_cov(problem.gram, problem.linear, alpha=share, lmda_path=lambdas, progress_bar=False, **exact)

        for gap in gaps:
            # its tolerance is for squares of steps, the gap grows with the steps
            digits = round(-2 * np.log10(float(gap)))
            for power in range(digits - 3, digits + 5):
                path = solve(10.0**-power).betas.toarray()
                if problem.gap(path) <= float(gap):
                    break
            path.astype("<f8").tofile(f"{folder}/{p}, {alpha}, {gap}, adelie.path")
            turns.take(f"{p}, {alpha}, {gap}", {"adelie": lambda: f"tol 1e-{power}" if solve(10.0**-power) else ""})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3].split(","), sys.argv[4].split(","))
