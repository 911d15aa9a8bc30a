"""Shows the times of a comparison as a Markdown table and as a plot."""

import collections
import csv
import datetime
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
from importlib.metadata import version

LONG = 60.0  # of Turns.java: a first run that takes longer is the measurement


def machine(bench):
    """What was measured on and with, in one sentence."""

    def answer(*command):
        try:
            return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return ""

    cpuinfo = pathlib.Path("/proc/cpuinfo")
    named = cpuinfo.exists() and re.search("model name.*: (.*)", cpuinfo.read_text())
    processor = named[1] if named else answer("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    java = re.search('version "(.*?)"', answer(bench.java, "-version"))
    delta = next(bench.delta.glob("delta-spark*")).stem.split("-")[-1]
    versions = [f"Java {java[1] if java else '?'}", f"Spark {version('pyspark')}", f"Delta {delta}", f"Python {platform.python_version()}"]
    versions += [f"{title} {version(title.lower())}" for title in ("MLflow", "scikit-learn", "NumPy", "ONNXRuntime")]
    if bench.has_r("glmnet"):
        versions.append(answer("Rscript", "-e", 'cat("R ", format(getRversion()), ", glmnet ", format(packageVersion("glmnet")), sep = "")'))
    if bench.adelie.exists():
        versions.append("adelie " + answer(bench.adelie, "-c", "from importlib.metadata import version; print(version('adelie'))"))
    return (
        f"Measured on {datetime.date.today()}, {processor}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}; {', '.join(versions)}."
    )


def shown(seconds):
    scaled, unit = (seconds, "s") if seconds >= 1 else (seconds * 1e3, "ms") if seconds >= 1e-3 else (seconds * 1e6, "µs")
    return f"{scaled:.4g} {unit}" if scaled >= 1000 else f"{scaled:.3g} {unit}"


class Results:
    """The lines that the contestants of a comparison wrote, and the excuses of those that did not."""

    def __init__(self, name, bench):
        self.name = name
        self.comparison = bench.comparison
        self.titles, self.against = {}, {}
        for contestant, title in self.comparison.contestants.items():
            self.titles[contestant], self.against[contestant] = title if isinstance(title, tuple) else (title, next(iter(self.comparison.contestants)))
        self.values = collections.defaultdict(list)
        self.found = {}
        with open(bench.times, encoding="utf-8") as lines:
            for case, contestant, kind, value, found in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                self.values[case, contestant, kind].append(float(value))
                self.found[case, contestant] = found or self.found.get((case, contestant), "")
        for case, contestant, kind in list(self.values):
            if kind == "first" and not self.values[case, contestant, "measured"] and self.values[case, contestant, kind][0] > LONG:
                self.values[case, contestant, "measured"] = self.values[case, contestant, kind]
        self.cases = list(dict.fromkeys(case for case, *_ in [*self.values, *bench.excuses]))
        # a process that failed may have measured some of its cases
        self.excuses = {key: excuse for key, excuse in bench.excuses.items() if len(self.values[(*key, "measured")]) < bench.options.turns}
        wrong = ["failed"] + ["not done", "out of memory"] * bench.options.quick
        self.failed = any(excuse.startswith(tuple(wrong)) for excuse in self.excuses.values())
        if self.comparison.same:
            self.check()

    def check(self):
        for case in self.cases:
            found = [float(found.split()[0]) for (of, _), found in self.found.items() if of == case and found]
            if found and max(found) - min(found) > 1e-9 * max(map(abs, found)):
                print(f"bench: {self.name}, {case}: the contestants found {found}; so they did not do the same", file=sys.stderr)
                self.failed = True

    def measured(self, case, contestant):
        return [] if (case, contestant) in self.excuses else self.values[case, contestant, "measured"]

    def markdown(self):
        extras = dict.fromkeys(kind for *_, kind in list(self.values) if kind not in ("measured", "warm-up", "note"))
        rates = self.comparison.rows != ""
        head = [self.comparison.case, "contestant", "median (min–max)", "ratio", "turns", *["rows/s"] * rates]
        head += ["heap MiB at most" if kind == "heap MiB" else "first run" if kind == "first" else kind for kind in extras] + ["found"]
        lines = [f"\n## {self.name}\n", f"{self.comparison.does}\n", f"| {' | '.join(head)} |", "|---|---|" + "---:|" * (len(head) - 3) + "---|"]
        notes = []
        for case in self.cases:
            for contestant, title in self.titles.items():
                if self.values[case, contestant, "note"]:
                    notes.append(f"- {title}, {case} {self.comparison.case}: {self.found[case, contestant]}")
                    continue
                seconds, other = self.measured(case, contestant), self.measured(case, self.against[contestant])
                cells = [self.excuses.get((case, contestant), "not run"), "", "0"]
                if seconds:
                    median = statistics.median(seconds)
                    ratio = f"{median / statistics.median(other):.3g} × {self.against[contestant]}" if other else ""
                    cells = [f"{shown(median)} ({shown(min(seconds))}–{shown(max(seconds))})", ratio, str(len(seconds))]
                if rates:
                    cells.append(f"{int(case) / median:,.0f}" if seconds else "")
                for kind in extras:
                    values = self.values[case, contestant, kind]
                    typical = max if kind.startswith("heap") else statistics.median
                    cells.append("" if not values else shown(values[0]) if kind == "first" else f"{typical(values):.3g}")
                lines.append(f"| {' | '.join([case, title, *cells, self.found.get((case, contestant), '')])} |")
        return "\n".join([*lines, "", *notes, *[""] * bool(notes)])

    def plot(self, file):
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        bars = [contestant for contestant in self.titles if any(self.measured(case, contestant) for case in self.cases)]
        file.unlink(missing_ok=True)
        if not bars:
            return
        height = len(self.cases) * (0.3 * len(bars) + 0.7) + 0.8
        figure, panels = pyplot.subplots(len(self.cases), figsize=(11, height), squeeze=False, layout="constrained")
        for case, panel in zip(self.cases, panels[:, 0]):
            for at, contestant in enumerate(bars):
                seconds = self.measured(case, contestant)
                if seconds:
                    median = statistics.median(seconds)
                    whiskers = [[median - min(seconds)], [max(seconds) - median]]
                    color = "tab:blue" if "**" in self.titles[contestant] else "tab:gray"
                    panel.barh(at, median, xerr=whiskers, capsize=3, color=color)
                else:
                    panel.text(0, at, f" {self.excuses.get((case, contestant), 'not run')}", va="center")
            panel.set_yticks(range(len(bars)), [re.sub("[*`]", "", self.titles[bar]) for bar in bars])
            panel.set_ylim(len(bars) - 0.5, -0.5)
            panel.set_xlim(left=0)
            panel.set_title(f"{self.comparison.case}: {case}", loc="left", fontsize="medium")
        panels[-1, 0].set_xlabel("seconds, median with smallest and largest")
        figure.suptitle(f"{self.name}: {re.sub('[*`]', '', self.comparison.does)}", wrap=True)
        figure.savefig(file, dpi=100)
        pyplot.close(figure)
