"""Measures the jobs and what they are made of beside the usual ways, on this machine; `deploy/local/wine bench` starts it.

A comparison is a list of contestants. They take turns in one process where they can (peers/turns.py says how). Peers in other
languages, and those that need the memory for themselves, are processes that do their turns inside. Everything lies in .local/bench
(WINE_STATE names another folder than .local): the data, bench.log, the times, results.md and a plot for each comparison.

Exit codes: 0 done, 1 a contestant failed, 2 the call is wrong or something is missing on this machine.
"""

import argparse
import contextlib
import datetime
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
from comparisons import COMPARISONS, HERE, JAR, LOCAL, PEERS, QUICK, ROOT, WINE  # noqa: E402 they lie in the same folder


def fail(code, *lines):
    for line in lines:
        print(f"bench: {line}", file=sys.stderr)
    sys.exit(code)


def say(text):
    print(f"{datetime.datetime.now():%H:%M:%S}  {text}", file=sys.stderr)


class Bench:
    """Runs the processes of a comparison and keeps why some did not end well."""

    def __init__(self, options):
        self.options = options
        self.data = pathlib.Path(os.environ.get("WINE_STATE", ROOT / ".local")).resolve() / "bench"
        self.spark_home = next(pathlib.Path(sys.prefix).glob("lib/python3*/site-packages/pyspark"))
        self.java = pathlib.Path(os.environ["JAVA_HOME"]) / "bin/java" if os.environ.get("JAVA_HOME") else "java"
        self.jar = self.data / "bench.jar"
        self.log = self.data / "bench.log"
        self.delta = ROOT / "target/delta/4.0"
        self.adelie = self.data / "adelie/bin/python"
        self.started = f"{datetime.datetime.now():%Y%m%d-%H%M%S}"
        self.comparison = None
        self.excuses = {}
        # one server and one Spark for all; the machine's name may not resolve
        for name in [name for name in os.environ if name == "SPARK_HOME" or name.startswith("MLFLOW_")]:
            del os.environ[name]
        os.environ |= {
            "WINE_VENV": sys.prefix,
            "WINE_STATE": str(self.data),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "BENCH_TURNS": str(options.turns),
            "BENCH_WARM_UP": "1" if options.quick else "10",
        }

    def prepare(self):
        (self.data / "classes").mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        classes = ROOT / "target/bench"
        shutil.rmtree(classes, ignore_errors=True)
        tools = [str(self.java).removesuffix("java") + tool for tool in ("javac", "jar")]
        path = ":".join(map(str, [JAR, self.delta / "*", self.spark_home / "jars/*"]))
        lint = ["-Xlint:all,-processing,-classfile,-path", "-Werror"]
        sources = sorted(HERE.glob("java/winequality/bench/*.java"))
        for command in (
            [LOCAL / "wine", "setup"],
            [tools[0], "--release", "17", *lint, "-cp", path, "-d", classes, *sources],
            [tools[1], "--create", "--file", self.jar, "-C", classes, "."],
        ):
            if subprocess.run(command, stdout=sys.stderr).returncode:
                fail(2, "The benchmarks could not be prepared; see above.")

    def measure(self, name):
        self.comparison, self.excuses = COMPARISONS[name], {}
        self.times = self.data / f"times-{self.started}-{name}.tsv"
        os.environ["BENCH_TIMES"] = str(self.times)
        self.times.touch()
        self.comparison.measure(self)

    def rows(self):
        """The numbers of rows, each with its data."""
        for rows in (self.options.rows or self.comparison.rows).split(","):
            folder = self.data / rows
            if not (folder / "complete").exists():
                say(f"generating {rows} rows")
                shutil.rmtree(folder, ignore_errors=True)
                subprocess.run([sys.executable, PEERS / "generate.py", WINE, folder, rows], check=True)
            yield rows

    def has_r(self, *packages):
        load = ["Rscript", "-e", "for (p in commandArgs(TRUE)) library(p, character.only = TRUE)", *packages]
        return shutil.which("Rscript") and subprocess.run(load, capture_output=True).returncode == 0

    def on_spark(self, name, rows, master="local[*]", memory=None, java_option=""):
        settings = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.local.dir": self.data / "tmp",
            "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
            "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        }
        command = [self.spark_home / "bin/spark-submit", "--master", master, "--jars", JAR]
        command += ["--driver-memory", memory or self.options.memory or self.comparison.memory]
        command += [part for key, value in settings.items() for part in ("--conf", f"{key}={value}")]
        command += ["--driver-java-options", f"-Dlog4j2.configurationFile=file:{LOCAL}/log4j2.properties {java_option}"]
        command += ["--driver-class-path", ":".join(map(str, [JAR, *self.delta.glob("*.jar")]))]
        return [*command, "--class", "winequality.bench.Bench", self.jar, name, self.data / rows]

    @contextlib.contextmanager
    def server(self):
        answer = subprocess.run([LOCAL / "wine", "up"], stdout=subprocess.PIPE, text=True)
        if answer.returncode:
            fail(1, "The MLflow server did not start; see above.")
        try:
            yield answer.stdout.strip().removeprefix("MLflow runs at ")
        finally:
            subprocess.run([LOCAL / "wine", "down"], stdout=subprocess.DEVNULL)

    def run(self, cases, names, command, **variables):
        """Runs a process within the time limit; says whether it ended well, and keeps its excuse for what it has not measured."""
        names, cases = list(names), [cases] if isinstance(cases, str) else list(cases)
        excuse = "not installed"
        if command:
            say(f"{', '.join(names)}: {cases[0]}" + (f" to {cases[-1]}" if cases[1:] else ""))
            environment = os.environ | {name: str(value) for name, value in variables.items()}
            with open(self.log, "r+b") as log:
                begin = log.seek(0, os.SEEK_END)
                # a process group, so that nothing that it started outlives it
                started = [str(part) for part in command]
                process = subprocess.Popen(started, stdout=log, stderr=log, env=environment, cwd=self.data, start_new_session=True)
                try:
                    code = process.wait(self.options.time_limit)
                except subprocess.TimeoutExpired:
                    code = None
                finally:
                    if process.poll() is None:
                        os.killpg(process.pid, signal.SIGKILL)
                        process.wait()
                log.seek(begin)
                said = log.read().decode(errors="replace")
            if code == 0:
                return True
            if code is None:
                excuse = f"not done after {self.options.time_limit} s"
            elif code in (-signal.SIGKILL, 137) or re.search("OutOfMemory|MemoryError|cannot allocate", said[-10000:], re.IGNORECASE):
                excuse = "out of memory"
            else:
                excuse = f"failed ({code})"
                lines = [line for line in said.splitlines() if not re.match(r"\s*at ", line)]
                print(*lines[-10:], f"bench: {names[0]} ended with {code}; see {self.log}", sep="\n", file=sys.stderr)
        self.excuses |= {(case, name): excuse for case in cases for name in names}
        return False


# --- the call ------------------------------------------------------------------------------------------------------------


class Options(argparse.ArgumentParser):
    def error(self, message):
        fail(2, message, "See deploy/local/wine bench --help.")


def whole_number(text):
    if not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError(f"{text} must be a whole number from 1 on")
    return int(text)


def numbers(text):
    return ",".join(str(whole_number(number)) for number in text.split(","))


def options(arguments):
    names = "\n".join(f"  {name:11} {comparison.does}" for name, comparison in COMPARISONS.items())
    parser = Options(
        prog="wine bench",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures the jobs beside the usual ways, in turns where they share a process. Nothing else should run meanwhile.",
        epilog=f"The comparisons:\n{names}\n\nTables, plots and data lie in .local/bench (WINE_STATE names another folder than .local).\n"
        "Two peers are optional: R with glmnet (and doParallel), and adelie, which needs an environment of its own because of NumPy 1:\n"
        "  python3 -m venv .local/bench/adelie && .local/bench/adelie/bin/pip install adelie==1.1.52",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"comparisons; default: all, with --quick {', '.join(QUICK)}")
    parser.add_argument("--quick", action="store_true", help="50,000 rows and 1 turn: whether everything runs, not how fast it is")
    parser.add_argument("--rows", type=numbers, metavar="N[,N…]", help="numbers of rows; default: 5000000, for tuning also 500000")
    parser.add_argument("--turns", type=whole_number, metavar="N", help="measured turns; default: 5")
    parser.add_argument("--time-limit", type=whole_number, default=600, metavar="SECONDS", help="for each process; default: 600")
    parser.add_argument("--memory", metavar="SIZE", help="heap of a contestant on Spark; default: 2g, for tuning and pass 6g")
    given = parser.parse_args(arguments)
    for name in given.names:
        if name not in COMPARISONS:
            fail(2, f"There is no comparison '{name}'.", f"The comparisons are: {' '.join(COMPARISONS)}.", "See deploy/local/wine bench --help.")
    given.names = given.names or (QUICK if given.quick else list(COMPARISONS))
    given.rows = given.rows or ("50000" if given.quick else None)
    given.turns = given.turns or (1 if given.quick else 5)
    return given


def main(arguments):
    given = options(arguments)
    if "BENCH_STARTED" not in os.environ:  # so far it ran with any Python
        environment = subprocess.run([LOCAL / "python-env"], stdout=subprocess.PIPE, text=True)
        if environment.returncode:
            sys.exit(environment.returncode)
        os.environ["BENCH_STARTED"] = "yes"
        python = environment.stdout.strip() + "/bin/python"
        os.execv(python, [python, __file__, *arguments])
    import report

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # processes and server end with it
    bench = Bench(given)
    bench.prepare()
    results = bench.data / "results.md"
    results.write_text(report.machine(bench) + "\n", encoding="utf-8")
    failed = False
    for name in given.names:
        bench.measure(name)
        table = report.Results(name, bench)
        failed |= table.failed
        with open(results, "a", encoding="utf-8") as file:
            file.write(table.markdown())
        table.plot(bench.data / f"{name}.png")
    print(results.read_text(encoding="utf-8"))
    say(f"{results} and the plots beside it")
    sys.exit(failed)


if __name__ == "__main__":
    main(sys.argv[1:])
