#!/usr/bin/env python3
"""Times nested tuning of boosted trees: grimace against scikit-learn's GridSearchCV, with one and the same libxgboost.

Usage: bench/boosted.py [--outer N] [--cpu]    (GRIMACE=build/grimace; needs numpy, scikit-learn and xgboost, tried with 1.7.6)

1,188 rows of 35 columns, 200 settings, 5 inner folds, N outer folds (5); both on all cores, each fit on one thread, in turn:
grimace, scikit-learn, grimace. Prints seconds and their ratio. With --cpu scikit-learn works in one process, and what is compared is
the processor's time, which tells something on a machine that others use, too.
"""
import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import xgboost
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold

GRID = {"trees": [50, 100, 150, 200], "rate": [0.03, 0.1, 0.2, 0.3, 0.5], "depth": [2, 3, 4, 5, 6], "alpha": [0, 1]}
THEIRS = {"trees": "n_estimators", "rate": "learning_rate", "depth": "max_depth", "alpha": "reg_alpha"}


def table(folder, outer):
    rng = np.random.default_rng(7)
    x = rng.normal(size=(1188, 35)).astype(np.float32)
    y = (x[:, 0] + x[:, 1] * x[:, 2] + rng.normal(0, 1, 1188) > 1).astype(int)
    fold = np.arange(1188) % 5
    with open(f"{folder}/t.csv", "w") as f:
        out = csv.writer(f)
        out.writerow(["image", "group", "pain"] + [f"d{i}" for i in range(35)])
        for i in range(1188):
            out.writerow([f"{i}.png", f"g{fold[i]}", y[i]] + [repr(float(v)) for v in x[i]])
    return x, y, fold


def grimace(folder, outer, library, cpu):
    axes = [f"tune.axes.{k}=[{', '.join(map(str, v))}]" for k, v in GRID.items()]
    config = f"{folder}/b.yaml"
    with open(config, "w") as f:
        f.write("data: {manifest: t.csv, label: pain, features: {columns: [" + ", ".join(f"d{i}" for i in range(35)) + "]}}\n"
                "split: {scheme: stratified_kfold, folds: 5}\nmodel: {classic: boosted}\ntune: {search: grid}\n")
    run = f"{folder}/run"
    subprocess.run(["rm", "-rf", run], check=True)
    start = clock(cpu)
    command = "cv" if outer == 5 else "train"
    extra = [] if outer == 5 else ["split.scheme=holdout", "split.test=0.2"]
    subprocess.run([os.environ.get("GRIMACE", "build/grimace"), command, config, *axes, *extra, "--out", run], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "LD_LIBRARY_PATH": library})
    return clock(cpu) - start


def clock(cpu):
    """Seconds on the wall, or the processor's of this process and of those that it has waited for."""
    t = os.times()
    return t.user + t.system + t.children_user + t.children_system if cpu else time.time()


def theirs(x, y, outer, cpu):
    start = clock(cpu)
    for i, (train, test) in enumerate(StratifiedKFold(5).split(x, y)):
        if i == outer:
            break
        model = xgboost.XGBClassifier(tree_method="hist", base_score=0.5, n_jobs=1)
        search = GridSearchCV(model, {THEIRS[k]: v for k, v in GRID.items()}, n_jobs=1 if cpu else os.cpu_count(),
                              cv=StratifiedKFold(5, shuffle=True, random_state=0))
        search.fit(x[train], y[train])
        search.predict(x[test])
    return clock(cpu) - start


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--outer", type=int, default=5, choices=[1, 5])
    options.add_argument("--cpu", action="store_true")
    options = options.parse_args()
    outer, cpu = options.outer, options.cpu
    print(f"xgboost {xgboost.__version__}, {os.cpu_count()} cores, {outer} outer folds, {'processor time' if cpu else 'wall clock'}")
    with tempfile.TemporaryDirectory() as folder:
        library = f"{folder}/lib"
        os.mkdir(library)
        os.symlink(xgboost.libpath.find_lib_path()[0], f"{library}/libxgboost.so.0")
        x, y, _ = table(folder, outer)
        first = grimace(folder, outer, library, cpu)
        other = theirs(x, y, outer, cpu)
        again = grimace(folder, outer, library, cpu)
        mean = (first + again) / 2
        print(f"grimace {first:.1f} and {again:.1f} s, scikit-learn {other:.1f} s: {other / mean:.1f} times")


if __name__ == "__main__":
    sys.exit(main())
