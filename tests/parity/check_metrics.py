#!/usr/bin/env python3
"""Compares the numbers of tests/parity/eval/metrics.txt, which grimace's tests read, with torchmetrics. Outside `make test`.

Run from the repository's root, in an environment with
    pip install numpy==2.4.6 torch==2.15.0 torchmetrics==1.9.0
Prints the largest distance of each number over all cases, and how often one of the two has none: where a class is absent or never
predicted grimace leaves a number undefined, and torchmetrics says 0 (or drops the class).
"""
import math
import sys
import warnings

import numpy as np
import torch
from torchmetrics.functional import classification as tm

warnings.simplefilter("ignore")
NAMES = ["accuracy", "f1", "sensitivity", "specificity", "precision", "auroc", "auprc", "balanced_accuracy", "f1_macro", "mcc", "kappa",
         "auroc_macro"]


def cases(path):
    lines = iter(open(path))
    for line in lines:
        _, name, rows, classes, positive = line.split()
        table = np.array([next(lines).split() for _ in range(int(rows))], float)
        yield name, int(classes), int(positive), table, [float(word) for word in next(lines).split()]


def by_torchmetrics(classes, positive, table):
    y, told, p = torch.tensor(table[:, 0]).long(), torch.tensor(table[:, 1]).long(), torch.tensor(table[:, 2:])
    t, q, score = (y == positive).long(), (told == positive).long(), p[:, positive]
    k = {"num_classes": classes}
    return [tm.multiclass_accuracy(told, y, average="micro", **k), tm.binary_f1_score(q, t), tm.binary_recall(q, t),
            tm.binary_specificity(q, t), tm.binary_precision(q, t), tm.binary_auroc(score, t), tm.binary_average_precision(score, t),
            tm.multiclass_recall(told, y, average="macro", **k), tm.multiclass_f1_score(told, y, average="macro", **k),
            tm.multiclass_matthews_corrcoef(told, y, **k), tm.multiclass_cohen_kappa(told, y, **k),
            tm.multiclass_auroc(p, y, average="macro", **k)]


def main():
    apart, alone, compared = [0.0] * len(NAMES), [0] * len(NAMES), [0] * len(NAMES)
    for _, classes, positive, table, ours in cases("tests/parity/eval/metrics.txt"):
        complete = len(set(table[:, 0])) == classes and len(set(table[:, 1])) == classes
        for i, other in enumerate(by_torchmetrics(classes, positive, table)):
            if not complete:  # each has rules of its own for 0 / 0
                alone[i] += not math.isclose(ours[i], float(other), abs_tol=1e-6)
                continue
            compared[i] += 1
            apart[i] = max(apart[i], abs(ours[i] - float(other)))
    for name, distance, n, other in zip(NAMES, apart, compared, alone):
        print(f"{name:18} {n} cases, at most {distance:.1e} apart; {other} others where a class is absent or never predicted")
    sys.exit(0 if max(apart) <= 1e-6 else 1)


if __name__ == "__main__":
    main()
