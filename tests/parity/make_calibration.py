#!/usr/bin/env python3
"""Writes tests/parity/eval/calibration.txt: numbers of calibration and fitted maps by other software.

Run from the repository's root, in an environment with
    pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 torch==2.15.0 torchmetrics==1.9.0
A file holds cases: "case NAME", then lines of a name and numbers (tests/support/reference.h): `classes` (how many, the positive one),
`labels`, `probabilities` (floats); `numbers`: scikit-learn's brier_score_loss (two classes: of the positive one; more: the sum over
classes) and log_loss, torchmetrics' MulticlassCalibrationError (l1, 15 bins); `new`, probabilities that the maps are tried on;
`temperature` and `by_temperature` (scipy's bounded search for the loss's least), `by_platt` (scikit-learn's LogisticRegression
without penalty on log-odds, each row twice with the weights of Platt's targets), `by_isotonic` (IsotonicRegression with
out_of_bounds="clip"). Of more than two classes each is mapped against the rest and the sum becomes 1.
"""
import numpy as np
import torch
from scipy.optimize import minimize_scalar
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss
from torchmetrics.classification import MulticlassCalibrationError

OUT = open("tests/parity/eval/calibration.txt", "w")
TINY = 1e-12


def case(name, lines):
    print("case", name, file=OUT)
    for key, values in lines.items():
        print(key, *(f"{v:.17g}" for v in np.ravel(values).astype(float)), file=OUT)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def log_odds(p, c):
    rest = p[:, 1 - c] if p.shape[1] == 2 else 1 - p[:, c]
    return np.log(np.maximum(p[:, c], TINY)) - np.log(np.maximum(rest, TINY))


def numbers(y, p, positive):
    k = p.shape[1]
    brier = brier_score_loss(y == positive, p[:, positive]) if k == 2 else ((p - np.eye(k)[y]) ** 2).sum(axis=1).mean()
    ece = MulticlassCalibrationError(num_classes=k, n_bins=15, norm="l1")(torch.tensor(p), torch.tensor(y))
    return [brier, log_loss(y, p, labels=np.arange(k)), float(ece)]


def temperature(y, p):
    z = np.log(np.maximum(p, TINY))
    loss = lambda b: log_loss(y, softmax(np.exp(b) * z), labels=np.arange(p.shape[1]))
    return np.exp(-minimize_scalar(loss, bounds=np.log([0.01, 100]), method="bounded", options={"xatol": 1e-10}).x)


def platt(y, p, new, c):
    f, inside = log_odds(p, c), y == c
    n = inside.sum()
    t = np.where(inside, (n + 1) / (n + 2), 1 / (len(y) - n + 2))
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    model.fit(np.r_[f, f][:, None], np.r_[np.ones(len(f)), np.zeros(len(f))], sample_weight=np.r_[t, 1 - t])
    return model.predict_proba(log_odds(new, c)[:, None])[:, 1]


def isotonic(y, p, new, c):
    return IsotonicRegression(out_of_bounds="clip").fit(p[:, c], y == c).predict(new[:, c])


def each(mapped, y, p, new, positive):
    k = p.shape[1]
    if k == 2:
        one = mapped(y, p, new, positive)
        both = np.empty_like(new)
        both[:, positive], both[:, 1 - positive] = one, 1 - one
        return both
    all_ = np.stack([mapped(y, p, new, c) for c in range(k)], axis=1)
    total = all_.sum(axis=1, keepdims=True)
    return np.where(total > 0, all_ / np.where(total > 0, total, 1), 1 / k)


def both(name, n, k, positive, sharp, seed, rounded=None, zeros=False):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    z = rng.normal(size=(n + 20, k))
    z[:n] += 1.2 * np.eye(k)[y]
    p = softmax(sharp * z)
    if rounded is not None:
        p = np.round(p, rounded)
        p[:, -1] = 1 - p[:, :-1].sum(axis=1)
        p = np.abs(p)
    if zeros:
        p[:3] = np.eye(k)[(y[:3] + [0, 1, 0]) % k]
    p = p.astype(np.float32)
    p, new = p[:n], p[n:]
    d, e = p.astype(np.float64), new.astype(np.float64)
    t = temperature(y, d)
    case(name, {"classes": [k, positive], "labels": y, "probabilities": d, "numbers": numbers(y, d, positive), "new": e,
                "temperature": t, "by_temperature": softmax(np.log(np.maximum(e, TINY)) / t),
                "by_platt": each(platt, y, d, e, positive), "by_isotonic": each(isotonic, y, d, e, positive)})


both("two", 80, 2, 1, 1.0, 1)
both("two_sure", 200, 2, 1, 4.0, 2)
both("two_first", 60, 2, 0, 2.0, 3)
both("two_ties", 120, 2, 1, 1.5, 4, rounded=1)
both("two_ends", 50, 2, 1, 2.0, 5, zeros=True)
both("three", 150, 3, 2, 2.0, 6)
both("five", 300, 5, 0, 0.5, 7)
