#!/usr/bin/env python3
"""Writes tests/parity/eval/paired.txt: paired tests of two columns of numbers by SciPy.

Run from the repository's root, in an environment with
    pip install numpy==2.4.6 scipy==1.17.1
A file holds cases: "case NAME", then lines of a name and numbers (tests/support/reference.h): `first`, `second`; `t`: the mean
difference, its interval at 95 %, t, df and p of ttest_rel; `wilcoxon`: n, the sums of ranks above and below zero and p of wilcoxon
with its own choice of a method; `exact`: 1 where that is no normal approximation.
"""
import warnings

import numpy as np
from scipy import stats

warnings.simplefilter("ignore")


def case(out, name, first, second):
    d = first - second
    ranks = stats.rankdata(np.abs(d[d != 0]))
    plus, minus = ranks[d[d != 0] > 0].sum(), ranks[d[d != 0] < 0].sum()
    t = stats.ttest_rel(first, second)
    ci = t.confidence_interval(0.95)
    w = stats.wilcoxon(first, second)
    assert w.statistic == min(plus, minus)
    ties = len(set(ranks)) < len(ranks)
    exact = len(d) <= 13 or (len(d) <= 50 and not ties and len(ranks) == len(d))
    print("case", name, file=out)
    for key, values in dict(first=first, second=second, t=[d.mean(), ci.low, ci.high, t.statistic, t.df, t.pvalue],
                            wilcoxon=[len(ranks), plus, minus, w.pvalue], exact=[exact]).items():
        print(key, *(f"{v:.17g}" for v in np.ravel(values).astype(float)), file=out)


def main():
    rng = np.random.default_rng(11)
    with open("tests/parity/eval/paired.txt", "w") as out:
        for n in (2, 5, 13, 14, 30, 50, 51, 120):
            x = rng.normal(size=n)
            case(out, f"smooth_{n}", x + 0.3, x + rng.normal(scale=0.8, size=n))
        for n in (4, 9, 13, 14, 30, 51, 100):
            case(out, f"halves_{n}", rng.integers(0, 8, n) / 2, rng.integers(0, 7, n) / 2)
        for n in (6, 20):
            x = rng.normal(size=n)
            y = x + rng.normal(size=n)
            y[:2] = x[:2]
            case(out, f"zeros_{n}", x, y)
        x = np.arange(20) * 0.5
        case(out, "one_sided", x + 1 + np.arange(20) / 64, x)


main()
