#!/usr/bin/env python3
"""Writes tests/parity/eval/metrics.txt: scikit-learn's numbers for small tables of labels and probabilities.

Run from the repository's root: /usr/bin/python3 tests/parity/make_eval.py
One case is: "case NAME ROWS CLASSES POSITIVE", one line per row "label predicted p...", then the numbers in the order
of gr_metric, what is undefined as nan.
"""
import warnings

import numpy as np
from sklearn import metrics


def numbers(y, predicted, p, positive):
    t, q = y == positive, predicted == positive
    tn, fp, fn, tp = metrics.confusion_matrix(t, q, labels=[False, True]).ravel()

    def defined(part, whole):
        return part / whole if whole else np.nan

    one_class = t.all() or not t.any()
    f1 = defined(2 * tp, 2 * tp + fp + fn)
    if not np.isnan(f1):
        assert abs(f1 - metrics.f1_score(t, q, zero_division=0)) < 1e-15
    classes = np.arange(p.shape[1])
    absent = any(not (y == c).any() for c in classes)
    flat = len(set(y)) < 2 or len(set(predicted)) < 2
    if not one_class:
        precision, recall, _ = metrics.precision_recall_curve(t, p[:, positive])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a class that is predicted and never occurs
        balanced = metrics.balanced_accuracy_score(y, predicted)
    macro = [metrics.roc_auc_score(y == c, p[:, c]) for c in classes] if not absent else [np.nan]
    if not absent and len(classes) > 2:
        assert abs(np.mean(macro) - metrics.roc_auc_score(y, p, multi_class="ovr")) < 1e-12
    return [
        metrics.accuracy_score(y, predicted),
        f1,
        metrics.recall_score(t, q) if t.any() else np.nan,
        metrics.recall_score(~t, ~q) if not t.all() else np.nan,
        metrics.precision_score(t, q) if q.any() else np.nan,
        np.nan if one_class else metrics.roc_auc_score(t, p[:, positive]),
        np.nan if one_class else metrics.average_precision_score(t, p[:, positive]),
        balanced,
        metrics.f1_score(y, predicted, average="macro", zero_division=0),
        np.nan if flat else metrics.matthews_corrcoef(y, predicted),
        np.nan if flat and len(set(y) | set(predicted)) == 1 else metrics.cohen_kappa_score(y, predicted),
        np.nan if absent else macro[positive] if len(classes) == 2 else np.mean(macro),
        np.nan if one_class else metrics.auc(recall, precision),
    ]


def main():
    warnings.simplefilter("error")
    rng = np.random.RandomState(11)
    cases = []
    for name, rows, classes, positive, levels in [
        ("plain", 60, 2, 1, 0),
        ("first", 60, 2, 0, 0),
        ("ties", 80, 2, 1, 5),
        ("heavy_ties", 50, 2, 1, 2),
        ("three", 70, 3, 1, 0),
        ("three_ties", 70, 3, 2, 4),
        ("tiny", 3, 2, 1, 0),
    ]:
        y = np.concatenate([np.arange(classes), rng.randint(0, classes, rows - classes)])
        score = rng.rand(rows, classes) + 0.4 * np.eye(classes)[y]
        if levels:
            score = np.ceil(score * levels)
        p = (score / score.sum(1, keepdims=True)).astype(np.float32)
        cases.append((name, y, p.argmax(1), p, classes, positive))
    p = rng.dirichlet([1, 1], 9).astype(np.float32)
    for name, y in [("no_positive", np.zeros(9, int)), ("only_positive", np.ones(9, int))]:
        cases.append((name, y, p.argmax(1), p, 2, 1))
    sure = np.tile(np.float32([1, 0]), (4, 1))
    cases.append(("never_predicted", np.array([0, 1, 0, 1]), sure.argmax(1), sure, 2, 1))
    with open("tests/parity/eval/metrics.txt", "w") as out:
        for name, y, predicted, p, classes, positive in cases:
            print("case", name, len(y), classes, positive, file=out)
            for i in range(len(y)):
                print(y[i], predicted[i], *(f"{v:.9g}" for v in p[i]), file=out)
            print(*(f"{v:.17g}" for v in numbers(y, predicted, p, positive)), file=out)


if __name__ == "__main__":
    main()
