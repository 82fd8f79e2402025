#!/usr/bin/env python3
"""Times the cluster bootstrap of `grimace stats` beside the same numbers in NumPy and scikit-learn.

    bench/bootstrap.py [GRIMACE] [ROWS] [ANIMALS] [SAMPLES]

in an environment with numpy==2.4.6 scikit-learn==1.9.1. Both draw whole animals and compute, of each sample, the thirteen numbers of
`grimace stats` for both classes; scikit-learn does a part of the samples, whose time is scaled up. grimace's time is that of the
whole command less that of the same command with one sample: reading and writing is not counted. Intervals are compared, too.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
from sklearn import metrics

warnings.simplefilter("ignore")


def numbers(y, predicted, score):
    (tn, fp), (fn, tp) = metrics.confusion_matrix(y, predicted, labels=[0, 1])
    out = [metrics.accuracy_score(y, predicted), metrics.balanced_accuracy_score(y, predicted), metrics.f1_score(y, predicted),
           metrics.f1_score(y, predicted, average="macro"), tp / (tp + fn), tn / (tn + fp), metrics.precision_score(y, predicted),
           metrics.matthews_corrcoef(y, predicted), metrics.cohen_kappa_score(y, predicted)]
    for positive in (1, 0):
        of = score if positive else 1 - score
        precision, recall, _ = metrics.precision_recall_curve(y == positive, of)
        out += [metrics.roc_auc_score(y == positive, of), metrics.average_precision_score(y == positive, of),
                metrics.auc(recall, precision)]
    return out


def peer(y, predicted, score, animal, samples, rng):
    rows = [np.flatnonzero(animal == a) for a in range(animal.max() + 1)]
    got = []
    begin = time.perf_counter()
    for _ in range(samples):
        at = np.concatenate([rows[a] for a in rng.integers(0, len(rows), len(rows))])
        got.append(numbers(y[at], predicted[at], score[at]))
    return time.perf_counter() - begin, np.percentile(np.array(got), [5, 95], axis=0)


def grimace(program, table, folder, samples):
    begin = time.perf_counter()
    subprocess.run([program, "stats", table, f"evaluate.bootstrap.count={samples}", "evaluate.bootstrap.by=group",
                    "evaluate.bootstrap.level=0.9", "evaluate.permutation.count=0", "--out", folder, "--force"], check=True,
                   stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else "build/grimace"
    n, animals, samples = (int(a) if a else d for a, d in zip(sys.argv[2:] + [""] * 3, (20000, 40, 10000)))
    rng = np.random.default_rng(1)
    animal = rng.integers(0, animals, n)
    y = rng.integers(0, 2, n)
    logit = 1.2 * (2 * y - 1) + rng.normal(size=animals)[animal] + rng.normal(size=n)
    score = (1 / (1 + np.exp(-logit))).astype(np.float32).astype(float)
    predicted = (score > 0.5).astype(int)
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "predictions.csv")
        with open(table, "w") as out:
            print("image,animal,fold,label,predicted,p_0,p_1", file=out)
            for i in range(n):
                print(f"{i}.png,rat{animal[i]},1,{y[i]},{predicted[i]},{1 - score[i]:.9g},{score[i]:.9g}", file=out)
        part = max(20, samples // 200)
        ours, theirs = [], []
        for _ in range(3):  # in turn
            ours.append(grimace(program, table, folder, samples) - grimace(program, table, folder, 1))
            seconds, ends = peer(y, predicted, score, animal, part, rng)
            theirs.append(seconds * samples / part)
        grimace(program, table, folder, samples)
        with open(os.path.join(folder, "statistics.json")) as file:
            auroc = json.load(file)["pooled"]["bootstrap"]["auroc"]
    a, b = np.median(ours), np.median(theirs)
    print(f"{samples} samples of {animals} animals, {n} predictions")
    print(f"grimace                {a:8.2f} s   AUROC {auroc[0]:.4f} .. {auroc[1]:.4f}")
    print(f"NumPy and scikit-learn {b:8.2f} s   AUROC {ends[0][9]:.4f} .. {ends[1][9]:.4f} ({part} samples, scaled up)")
    print(f"times                  {b / a:8.1f}")


main()
