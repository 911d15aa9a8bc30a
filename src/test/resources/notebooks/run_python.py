"""Runs a Databricks notebook of Python: run_python.py NOTEBOOK FOLDER; widgets come from variables, plots go into the folder."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

notebook, folder = map(Path, sys.argv[1:])
shown = 0


def show():
    global shown
    for number in plt.get_fignums():
        shown += 1
        plt.figure(number).savefig(folder / f"plot-{shown}.png", dpi=110, bbox_inches="tight")
    plt.close("all")


plt.show = show
widgets = SimpleNamespace(text=lambda name, default: None, get=lambda name: os.environ[f"WIDGET_{name}"])
names = {"dbutils": SimpleNamespace(widgets=widgets), "display": print}
for cell in notebook.read_text().split("# COMMAND ----------"):
    exec(compile(cell, str(notebook), "exec"), names)
