"""Times contestants in turns, by the rules of Turns.java, and appends a line for each run to the file BENCH_TIMES."""

import os
import resource
import time

LONG = 60.0
SHORT = 0.2


def write(case, contestant, kind, value, found=""):
    with open(os.environ["BENCH_TIMES"], "a", encoding="utf-8") as file:
        file.write(f"{case}\t{contestant}\t{kind}\t{value:.9g}\t{found}\n")


def processor():
    return sum(getattr(resource.getrusage(who), part) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN) for part in ("ru_utime", "ru_stime"))


def take(case, contestants, between=lambda: None, rehearse=True):
    """`contestants` maps names to functions that say what they found. The first round, unless it is left out, is not measured, and then
    `between` is called."""
    order, last = list(contestants), {}

    def round_of(kind):
        spent = 0.0
        for name in order:
            repeats = max(1, int(SHORT / last.get(name, SHORT)))
            used, started = processor(), time.perf_counter()
            for _ in range(repeats):
                found = contestants[name]()
            took = time.perf_counter() - started
            last[name] = took / repeats
            spent += took
            write(case, name, kind, took / repeats, found)
            if kind == "measured":
                write(case, name, "processor s", (processor() - used) / repeats)
        order.reverse()
        return spent

    turns, warm_up = int(os.environ["BENCH_TURNS"]), float(os.environ["BENCH_WARM_UP"])
    if rehearse:
        spent = round_of("first")
        between()
        if spent > LONG * len(order):
            return
        while spent < warm_up:
            spent += round_of("warm-up")
    for _ in range(turns):
        round_of("measured")
