"""Prints the times of one run of src/bench/run as Markdown: table.py TIMES CORES JAVA_VERSION R_VERSIONS"""

import collections
import csv
import datetime
import os
import pathlib
import platform
import statistics
import subprocess
import sys

import numpy
import pyspark
import sklearn

PEERS = {
    "ours-grid": "**this tuner**, 9 points × 5 folds",
    "crossvalidator": "Spark `CrossValidator`, 9 points × 5 folds, parallelism = cores",
    "ours-path": "**this tuner**, 3 α × 100 λ × 5 folds",
    "glmnet": "R `cv.glmnet`, 3 α × 100 λ × 5 folds, as it comes (one core)",
    "glmnet-parallel": "R `cv.glmnet`, the same, `parallel = TRUE`",
    "sklearn": "scikit-learn `ElasticNetCV`, 3 α × 100 λ × 5 folds, `n_jobs` = cores",
    "fit": "one `LinearRegression.fit`, solver `normal`",
    "fit-cached": "one `LinearRegression.fit`, vectors cached in memory beforehand",
    "scan": "bare scan: the sum of every column",
}
COUNTERPART = {
    "crossvalidator": "ours-grid",
    "glmnet": "ours-path",
    "glmnet-parallel": "ours-path",
    "sklearn": "ours-path",
    "fit": "ours-path",
    "fit-cached": "ours-path",
    "scan": "ours-path",
}


def cpu():
    try:
        for line in open("/proc/cpuinfo", encoding="utf-8"):
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    named = subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False)
    return named.stdout.strip() or platform.processor() or platform.machine()


def seconds(value):
    return f"{value:.2f} s" if value < 9.995 else f"{value:.1f} s" if value < 99.95 else f"{value:.0f} s"


def times(value):
    return f"{value:.2f} ×" if value < 9.995 else f"{value:.1f} ×" if value < 99.95 else f"{value:.0f} ×"


class Results:
    def __init__(self, file):
        self.lines = collections.defaultdict(list)
        with open(file, encoding="utf-8") as tsv:
            for peer, rows, kind, value, found in csv.reader(tsv, delimiter="\t", quoting=csv.QUOTE_NONE):
                self.lines[peer, rows].append((kind, float(value), found))

    def of(self, peer, rows, kind):
        return [value for k, value, _ in self.lines[peer, rows] if k == kind]

    def first(self, peer, rows):
        return next(iter(self.of(peer, rows, "first")), None)

    def median(self, peer, rows):
        measured = self.of(peer, rows, "measured")
        if measured:
            return statistics.median(measured)
        first = self.first(peer, rows)
        return first if first is not None and first > 60.0 else None

    def found(self, peer, rows):
        return next((f for k, _, f in self.lines[peer, rows] if k in ("first", "measured")), "")

    def excuse(self, peer, rows):
        for kind, _, found in self.lines[peer, rows]:
            if kind == "timeout":
                return f"not done after {found} s"
            if kind in ("memory", "missing", "failed"):
                return {"memory": "out of memory", "missing": "not installed", "failed": f"failed ({found})"}[kind]
        return "not run"


def main(file, cores, java, r):
    results = Results(file)
    rows = sorted({rows for peer, rows in results.lines if not peer.startswith("solver")}, key=int)
    versions = [java, f"Spark {pyspark.__version__}", f"scikit-learn {sklearn.__version__}", f"NumPy {numpy.__version__}"]
    load = os.getloadavg()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(
        f"Measured on {datetime.date.today()}, {cpu()}, {cores} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}; "
        f"{', '.join(versions + [r] * bool(r))}.\n"
    )
    if any(peer in PEERS for peer, _ in results.lines):
        head = ["peer"]
        for n in rows:
            head += [f"{int(n):,} rows", "first call", "ours is faster by"]
        head += ["growth"] * (len(rows) > 1) + ["found"]
        print("| " + " | ".join(head) + " |")
        print("|---" + "|---:" * (len(head) - 2) + "|---|")
        for peer, title in PEERS.items():
            if not any(results.lines[peer, n] for n in rows):
                continue
            cells = [title]
            for n in rows:
                median, first = results.median(peer, n), results.first(peer, n)
                ours = results.median(COUNTERPART.get(peer, ""), n)
                cells.append(seconds(median) if median is not None else results.excuse(peer, n))
                cells.append(seconds(first) if first is not None else "")
                cells.append(times(median / ours) if median is not None and ours is not None else "")
            if len(rows) > 1:
                least, most = results.median(peer, rows[0]), results.median(peer, rows[-1])
                cells.append(times(most / least) if least and most else "")
            cells.append(results.found(peer, rows[0]))
            print("| " + " | ".join(cells) + " |")
        print()
    for peer, reading in (("pass", "from Parquet"), ("pass-cached", "from Spark's columnar cache")):
        for n in rows:
            pass_, scan = results.median(peer, n), results.median(f"{peer}-scan", n)
            if pass_ is None or scan is None:
                if results.lines[peer, n]:
                    print(f"- collecting pass {reading}, {int(n):,} rows: {results.excuse(peer, n)}")
                continue
            processor = [statistics.median(results.of(name, n, "processor")) for name in (peer, f"{peer}-scan")]
            print(
                f"- collecting pass {reading}, {int(n):,} rows, in turns with a scan that sums every column: {seconds(pass_)} beside "
                f"{seconds(scan)}, {times(pass_ / scan)}; processor time {seconds(processor[0])} beside {seconds(processor[1])}, "
                f"{times(processor[0] / processor[1])}"
            )
    if any(results.lines[peer, n] for peer in ("pass", "pass-cached") for n in rows):
        print()
    heap = [(n, value, found) for n in rows for kind, value, found in results.lines["ours-path-memory", n] if kind == "live-heap"]
    for n, value, found in heap:
        print(f"- live heap of the driver, executor apart, in the 3 × 100 × 5 path at {int(n):,} rows: {value:.1f} {found}")
    if heap:
        print()
    solver(file, results)


def solver(file, results):
    jmh = pathlib.Path(str(file).removesuffix(".tsv") + "-jmh.csv")
    if not jmh.exists():
        return
    print("Solver alone: 100 λ down to 1e-4 on one Gram matrix; `glmnet` gets p + 12 rows that have exactly this Gram matrix.")
    print("Accuracy: the worst of the path against each solver's own exact path.\n")
    print("| columns | α | solver, its tolerance | time | time with 2p + 24 rows | objective above its minimum | coefficients off by |")
    print("|---:|---:|---|---:|---:|---:|---:|")
    lines = []
    with open(jmh, encoding="utf-8") as table:
        for line in csv.DictReader(table):
            p, alpha, gap = line["Param: features"], float(line["Param: elasticNetParam"]), float(line["Param: dualityGap"])
            time = f"{float(line['Score']):.3g} ± {float(line['Score Error (99.9%)']):.2g} ms"
            accuracy = next((f for kind, _, f in results.lines["solver-ours", p] if tuple(map(float, kind.split())) == (alpha, gap)), "? ?")
            lines.append((int(p), alpha, "**this solver**, gap", gap, time, "", accuracy))
    for (peer, p), measured in list(results.lines.items()):
        if peer == "solver-glmnet":
            for kind, once, found in measured:
                alpha, thresh = map(float, kind.split())
                twice, excess, error = found.split()
                lines.append((int(p), alpha, "`glmnet`, thresh", thresh, f"{once:.3g} ms", f"{float(twice):.3g} ms", f"{excess} {error}"))
    for p, alpha, solver_name, tolerance, time, twice, accuracy in sorted(lines, key=lambda l: (*l[:3], -l[3])):
        excess, error = accuracy.split()
        print(f"| {p:,} | {alpha:g} | {solver_name} {tolerance:.0e} | {time} | {twice} | {excess} | {error} |")
    print()


if __name__ == "__main__":
    main(*sys.argv[1:])
