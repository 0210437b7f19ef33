#!/usr/bin/env python3
"""XGBoost with its own defaults beside `fettle train` and `fettle test`, on the same rows and columns.

    peer_xgboost.py BUILD TABLE TARGET [TABLE TARGET]...

BUILD is the folder of a release build (fettle, bench/list_split). The peer is xgboost.train with the
default parameters and 100 rounds, texts as ranks of their sorted levels; once learnt from the rows
that fettle learns from (fit), once also from those that fettle holds back to calibrate (fit +
calibrate). Both are judged on the test rows. Needs numpy and xgboost (not in Debian: pip install
xgboost==1.7.4 into a virtual environment); no part of the product or of its tests.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import xgboost

MISSING = {"", "na", "n/a", "nan", "null", "none", "?"}


def run(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def read_column(cells):
    """Floats, or ranks of sorted texts; NaN where missing. Also the sorted texts."""
    present = [c for c in cells if c.lower() not in MISSING]
    try:
        for c in present:
            float(c)
        return np.array([float(c) if c.lower() not in MISSING else np.nan for c in cells]), None
    except ValueError:
        levels = {c: i for i, c in enumerate(sorted(set(present), key=lambda s: s.encode()))}
        return np.array([levels.get(c, np.nan) for c in cells], dtype=float), list(levels)


def read_table(path):
    with open(path, newline="", encoding="utf-8-sig") as f:
        rows = [[c.strip() for c in row] for row in csv.reader(f) if row]
    names, rows = rows[0], rows[1:]
    return names, [read_column(cells) for cells in zip(*rows)]


def learn(x, y, n_classes):
    objective = {0: "reg:squarederror", 2: "binary:logistic"}.get(n_classes, "multi:softprob")
    params = {"objective": objective, "verbosity": 0}
    if n_classes > 2:
        params["num_class"] = n_classes
    return xgboost.train(params, xgboost.DMatrix(x, y), 100)


def judge(model, x, y, n_classes):
    p = model.predict(xgboost.DMatrix(x))
    if n_classes == 0:
        return {"rmse": float(np.sqrt(np.mean((p - y) ** 2)))}
    if n_classes == 2:
        p = np.stack([1 - p, p], axis=1)
    true = np.clip(p[np.arange(len(y)), y.astype(int)], 1e-15, 1)
    return {"accuracy": float(np.mean(p.argmax(axis=1) == y)), "log_loss": float(-np.mean(np.log(true)))}


def compare(build, table, target):
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "x.fettle")
        start = time.time()
        run(f"{build}/fettle", "train", table, "--target", target, "-o", model, "--json")
        seconds = time.time() - start
        ours = json.loads(run(f"{build}/fettle", "test", model, table, "--json"))
        shown = json.loads(run(f"{build}/fettle", "show", model, "--json"))
    split = {}
    for line in run(f"{build}/bench/list_split", table, "target", target).splitlines():
        name, path = line.split("\t")
        split.setdefault(name, []).append(int(path.rsplit(":", 1)[1]) - 2)
    names, columns = read_table(table)
    x = np.stack([columns[names.index(c)][0] for c in shown["columns"]], axis=1).astype(np.float32)
    y = columns[names.index(target)][0]
    n_classes = len(shown.get("classes", []))
    if n_classes and columns[names.index(target)][1] is None:
        y = np.searchsorted([float(c) for c in shown["classes"]], y).astype(float)
    test = split["test"]
    assert len(test) == ours["rows"], "fettle tested other rows than it said"
    print(f"{os.path.basename(table)}: {len(split['fit'])} fit, {len(split['calibrate'])} calibrate, {len(test)} test"
          f" rows, {x.shape[1]} columns; fettle learnt for {seconds:.1f} s")
    for label, rows in (("fit", split["fit"]), ("fit + calibrate", split["fit"] + split["calibrate"])):
        start = time.time()
        theirs = judge(learn(x[rows], y[rows], n_classes), x[test], y[test], n_classes)
        for key, value in theirs.items():
            print(f"  {key:9s} fettle {ours[key]:.5g}  xgboost on {label} {value:.5g}  ratio {ours[key] / value:.4f}"
                  f"  ({time.time() - start:.1f} s)")


def main():
    if len(sys.argv) < 4 or len(sys.argv) % 2:
        sys.exit(__doc__)
    print(f"xgboost {xgboost.__version__}")
    for table, target in zip(sys.argv[2::2], sys.argv[3::2]):
        compare(sys.argv[1], table, target)


main()
