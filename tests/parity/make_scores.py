#!/usr/bin/env python3
"""Writes tests/parity/eval/scores.txt and ordinal.txt: numbers of scores and of classes in order by other software.

Run from the repository's root, in an environment with
    pip install numpy==2.4.6 pandas==3.1.1 scipy==1.17.1 scikit-learn==1.9.1 pingouin==0.7.0
A file holds cases: "case NAME", then lines of a name and numbers (tests/support/reference.h). Scores: `fold`, `truth` and `predicted`
of each row (and `outputs`, how many columns these have), then for each column, and with several for their total, `folds_K`,
`pooled_K`, `mean_K` and `std_K`: n (not in the last two) and the numbers in the order of gr_score_metric. Ordinal: `labels`, `fold`,
`probabilities`, the median classes, then mae and kappa_quadratic of folds, pooled, mean and std.
"""
import warnings

import numpy as np
import pandas as pd
import pingouin
from scipy import stats
from sklearn import metrics

HERE = "tests/parity/eval/"
METRICS = 9
warnings.simplefilter("ignore")


class Cases:
    def __init__(self, name):
        self.out = open(HERE + name, "w")

    def case(self, name, lines):
        print("case", name, file=self.out)
        for key, values in lines.items():
            print(key, *(f"{v:.17g}" for v in np.ravel(values).astype(float)), file=self.out)


# ---- scores ---------------------------------------------------------------------------------------------------------


def icc(t, p):
    """pingouin's ICC(A,1), which wants five subjects; for fewer the mean squares of its formula."""
    n = len(t)
    if n < 2 or (len(set(t) | set(p)) == 1):
        return np.nan
    pairs = np.stack([t, p], axis=1)
    grand, rows, columns = pairs.mean(), pairs.mean(axis=1), pairs.mean(axis=0)
    msr = 2 * ((rows - grand) ** 2).sum() / (n - 1)
    msc = n * ((columns - grand) ** 2).sum()
    mse = ((pairs - rows[:, None] - columns + grand) ** 2).sum() / (n - 1)
    formula = (msr - mse) / (msr + mse + 2 * (msc - mse) / n)
    if n < 5:
        return formula
    table = pd.DataFrame({"row": np.tile(np.arange(n), 2), "who": np.repeat(["t", "p"], n), "score": np.r_[t, p]})
    found = pingouin.intraclass_corr(table, targets="row", raters="who", ratings="score").set_index("Type")["ICC"]["ICC(A,1)"]
    assert np.isnan(found) or abs(found - formula) < 1e-10, (found, formula)
    return formula if np.isnan(found) else found


def numbers(t, p):
    known = ~np.isnan(t)
    t, p = t[known], p[known]
    n = len(t)
    if n == 0:
        return np.r_[0, np.full(METRICS, np.nan)]
    d = p - t
    varied = n > 1 and len(set(t)) > 1
    both = varied and len(set(p)) > 1
    sd = d.std(ddof=1) if n > 1 else np.nan
    return np.array([n, metrics.mean_absolute_error(t, p), metrics.root_mean_squared_error(t, p),
                     metrics.r2_score(t, p, force_finite=False) if varied else np.nan,
                     stats.pearsonr(t, p).statistic if both else np.nan,
                     stats.spearmanr(t, p).statistic if both else np.nan,
                     icc(t, p), d.mean(), d.mean() - 1.96 * sd, d.mean() + 1.96 * sd])


def summary(t, p, fold):
    folds = np.array([numbers(t[fold == f], p[fold == f]) for f in range(fold.max() + 1)])
    defined = (~np.isnan(folds[:, 1:])).sum(axis=0)
    return dict(folds=folds, pooled=numbers(t, p), mean=np.nanmean(folds[:, 1:], axis=0),
                std=np.where(defined > 1, np.nanstd(folds[:, 1:], axis=0, ddof=1), np.nan))


def scores(c, name, t, p, fold):
    t, p = np.asarray(t, float), np.asarray(p, np.float32).astype(float)
    t, p = (x if x.ndim == 2 else x[:, None] for x in (t, p))
    fold = np.asarray(fold)
    lines = dict(outputs=[t.shape[1]], fold=fold, truth=t, predicted=p)
    columns = list(zip(t.T, p.T)) + ([(t.sum(axis=1), p.sum(axis=1))] if t.shape[1] > 1 else [])
    for k, (a, b) in enumerate(columns):
        lines.update({f"{key}_{k}": values for key, values in summary(a, b, fold).items()})
    c.case(name, lines)


def write_scores():
    rng = np.random.RandomState(11)
    c = Cases("scores.txt")
    fold = rng.randint(0, 4, 80)
    t = rng.rand(80) * 10
    scores(c, "plain", t, 0.6 * t + 2 + rng.randn(80), fold)
    halves = rng.randint(0, 21, 80) / 2.0
    scores(c, "ties", halves, np.round(2 * (halves + rng.randn(80))) / 2, fold)
    missing = np.where(rng.rand(80) < 0.3, np.nan, halves)
    missing[fold == 2] = np.nan
    scores(c, "missing", missing, halves + rng.randn(80), fold)
    scores(c, "far_from_zero", 1e6 + t, 1e6 + t + rng.randn(80), fold)
    scores(c, "small", t * 1e-6, t * 1e-6 + 1e-7 * rng.randn(80), fold)
    scores(c, "negative", t, -t + rng.randn(80), fold)
    scores(c, "perfect", halves, halves, fold)
    scores(c, "shifted", halves, halves + 0.5, fold)
    scores(c, "equal_labels", np.full(30, 0.1), rng.randn(30), fold[:30])
    scores(c, "equal_predictions", halves[:30], np.full(30, np.float32(0.1)), fold[:30])
    scores(c, "equal_both", np.full(12, 0.25), np.full(12, 0.5), np.arange(12) % 3)
    scores(c, "all_the_same", np.full(12, float(np.float32(0.1))), np.full(12, 0.1), np.arange(12) % 3)
    scores(c, "single_rows", [1, 4, 2.5], [1.5, 3, 2], [0, 1, 2])
    scores(c, "pairs", [1, 4, 2.5, 2, 0, 0], [1.5, 3, 2, 2, 1, 0], [0, 0, 1, 1, 2, 2])
    scores(c, "nothing_known", [np.nan, np.nan], [1, 2], [0, 1])
    units = rng.randint(0, 3, (60, 5)).astype(float)
    answers = units + 0.5 * rng.randn(60, 5)
    scores(c, "units", units, answers, fold[:60])
    units = np.where(rng.rand(60, 5) < 0.1, np.nan, units)
    units[:, 2] = 1
    scores(c, "units_missing", units, answers, fold[:60])


# ---- ordinal --------------------------------------------------------------------------------------------------------


def in_order(labels, predicted, k):
    if len(labels) == 0:
        return [np.nan, np.nan]
    kappa = np.nan
    if len(set(labels) | set(predicted)) > 1:
        kappa = metrics.cohen_kappa_score(labels, predicted, weights="quadratic", labels=np.arange(k))
    return [metrics.mean_absolute_error(labels, predicted), kappa]


def ordinal(c, name, labels, latent, thresholds, fold):
    cumulative = 1 / (1 + np.exp(-(np.asarray(thresholds) - latent[:, None])))
    p = np.diff(np.c_[np.zeros(len(labels)), cumulative, np.ones(len(labels))], axis=1).astype(np.float32)
    k = p.shape[1]
    predicted = (np.cumsum(p.astype(float), axis=1) >= 0.5 - 1e-7).argmax(axis=1)
    assert (predicted == (latent[:, None] > np.asarray(thresholds)).sum(axis=1)).all()
    folds = np.array([in_order(labels[fold == f], predicted[fold == f], k) for f in range(fold.max() + 1)])
    defined = (~np.isnan(folds)).sum(axis=0)
    c.case(name, dict(classes=[k], labels=labels, fold=fold, probabilities=p, predicted=predicted, folds=folds,
                      pooled=in_order(labels, predicted, k), mean=np.nanmean(folds, axis=0),
                      std=np.where(defined > 1, np.nanstd(folds, axis=0, ddof=1), np.nan)))


def write_ordinal():
    rng = np.random.RandomState(12)
    c = Cases("ordinal.txt")
    for name, n, thresholds in [("three", 60, [-0.5, 1.0]), ("two", 40, [0.2]), ("five", 90, [-2, -1, 0.5, 1.5])]:
        latent = 1.5 * rng.randn(n)
        labels = (latent[:, None] + rng.logistic(size=(n, 1)) > np.asarray(thresholds)).sum(axis=1)
        ordinal(c, name, labels, latent, thresholds, rng.randint(0, 3, n))
    latent = np.array([-3.0, -2.5, 3, 0, 1.5, -3])
    ordinal(c, "undefined_folds", np.array([0, 0, 2, 1, 2, 1]), latent, [-1.0, 1.0], np.array([0, 0, 1, 2, 2, 2]))
    # on a threshold the cumulative probability is one half, whichever way its parts are rounded
    ordinal(c, "on_thresholds", np.array([0, 1, 2, 3, 1, 0]), np.array([-1.3, -0.4, 0.7, 0.7, -0.4, -1.3]), [-1.3, -0.4, 0.7],
            np.array([0, 0, 0, 1, 1, 1]))


write_scores()
write_ordinal()
