#!/usr/bin/env python3
"""Writes tests/parity/stats/halves.csv and halves.txt: three raters' half scores of two action units, a row for each image with
semicolons and decimal commas, as Excel writes them; their labels by pandas, their agreement by scikit-learn and statsmodels.

Run from the repository's root. Made with pandas 3.1.1, scikit-learn 1.9.1, statsmodels 0.15.0, NumPy 2.4.6.
A file of numbers holds cases: "case NAME", then lines of a name and numbers (tests/support/reference.h).
"""
from itertools import combinations

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

HERE = "tests/parity/stats/"
IMAGES, CUT_OFF = 30, 2
COLUMNS = ["au_ear_r1", "au_ear.rater2", "au_ear-obs3", "au_eye_r1", "au_eye.rater2", "au_eye-obs3"]


def scores():
    rng = np.random.RandomState(5)
    truth = rng.randint(0, 5, (IMAGES, 2))
    given = truth[:, :, None] + rng.randint(-1, 2, (IMAGES, 2, 3)) * (rng.rand(IMAGES, 2, 3) < 0.5)
    return np.clip(given, 0, 4).reshape(IMAGES, 6) / 2


def commonest(row):
    counts = row.dropna().value_counts()
    best = counts[counts == counts.max()] if len(counts) else counts
    return best.index[0] if len(best) == 1 else np.nan


def icc(table):
    """ICC(2,1), ICC(2,k) and ICC(1,1) from the mean squares of two-way and one-way analyses of variance."""
    n, k = table.shape
    long = pd.DataFrame({"y": table.ravel(), "image": np.repeat(np.arange(n), k), "rater": np.tile(np.arange(k), n)})
    two = anova_lm(smf.ols("y ~ C(image) + C(rater)", long).fit())["mean_sq"]
    one = anova_lm(smf.ols("y ~ C(image)", long).fit())["mean_sq"]
    b, r, e, w = two["C(image)"], two["C(rater)"], two["Residual"], one["Residual"]
    return [(b - e) / (b + (k - 1) * e + k * (r - e) / n), (b - e) / (b + (r - e) / n), (b - w) / (b + (k - 1) * w)]


def main():
    given = scores()
    table = pd.DataFrame(given, columns=COLUMNS)
    table.insert(0, "image", [f"i{i:02d}.png" for i in range(IMAGES)])
    table.to_csv(HERE + "halves.csv", sep=";", decimal=",", index=False)
    raters = given.reshape(IMAGES, 2, 3)
    totals = pd.DataFrame(raters.sum(1))
    with open(HERE + "halves.txt", "w") as out:
        def case(name, **lines):
            print("case", name, file=out)
            for key, values in lines.items():
                print(key, *(f"{v:.17g}" for v in np.ravel(values).astype(float)), file=out)

        for scheme, of in (("mean", lambda t: t.mean(axis=1)), ("median", lambda t: t.median(axis=1)),
                           ("majority", lambda t: t.apply(commonest, axis=1))):
            score = of(totals)
            units = np.stack([of(pd.DataFrame(raters[:, u])) for u in range(2)], 1)
            painful = (totals >= CUT_OFF).mean(axis=1) if scheme == "majority" else score
            label = (painful > 0.5 if scheme == "majority" else score >= CUT_OFF).astype(float)
            known = ~score.isna()
            case(scheme, scores=score[known], units=units[known])
            case(scheme + "_cut", labels=label, scores=painful)
        for u in range(2):
            table = raters[:, u]
            steps = (2 * table).astype(int)
            kappas = [np.mean([cohen_kappa_score(steps[:, a], steps[:, b], weights=w, labels=range(5))
                               for a, b in combinations(range(3), 2)]) for w in (None, "linear", "quadratic")]
            case(f"unit{u}", kappa=kappas, fleiss=fleiss_kappa(aggregate_raters(steps, 5)[0]), icc=icc(table))
        case("total", icc=icc(totals.to_numpy()))


main()
