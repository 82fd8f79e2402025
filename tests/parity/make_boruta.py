#!/usr/bin/env python3
"""Makes tests/parity/boosted/boruta.json: what BorutaShap 1.0.17 and scikit-learn 1.5.2's RFECV keep of a table.

BorutaShap 1.0.17 (unpatched: it needs scipy's binom_test, which 1.12 left out), numpy 1.26.4, scipy 1.11.4, pandas 2.2.3,
statsmodels 0.14.4, scikit-learn 1.5.2, shap 0.49.1, xgboost 1.7.6, seaborn 0.13.2.

Of Boruta: the hits of each trial as the package counts them, what its tests make of them after each, and of the first trial the
shuffled copies and the z-scores of all columns. Of RFECV: how many columns are best on folds that are written down, and which.
"""
import json
import os

import numpy as np
import pandas as pd
import xgboost
from BorutaShap import BorutaShap
from sklearn.feature_selection import RFECV

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "boosted")
ROWS, COLUMNS, TRIALS, FOLDS = 150, 12, 60, 4
PLAIN = {"tree_method": "hist", "base_score": 0.5, "n_estimators": 15, "learning_rate": 0.3, "max_depth": 3, "n_jobs": 1}


def short(array):
    """Numbers of three digits, which give the same float32."""
    return [round(float(v), 3) for v in array.ravel()]


class Watched(BorutaShap):
    """Keeps what the package knows after each trial: of the tests the first trial in which a column passed (0: none)."""

    def test_features(self, iteration):
        super().test_features(iteration)
        if iteration == 1:
            self.seen = {"shadows": short(self.X_shadow.to_numpy()),
                         "z": [round(float(v), 8) for v in list(self.X_feature_import) + list(self.Shadow_feature_import)],
                         "hits": [], "accepted_at": [0] * self.ncols, "rejected_at": [0] * self.ncols}
        self.seen["hits"].append(self.hits.astype(int).tolist())
        for when, columns in (("accepted_at", self.accepted_columns[-1]), ("rejected_at", self.rejected_columns[-1])):
            for column in (int(c[1:]) for c in columns):
                self.seen[when][column] = self.seen[when][column] or iteration


def main():
    rng = np.random.default_rng(17)
    x = np.round(rng.normal(size=(ROWS, COLUMNS)), 3).astype(np.float32)
    z = x[:, 0] + np.where(x[:, 2] > 0, 1.2 * x[:, 1], 0) + 0.35 * x[:, 3] + 0.8 * rng.normal(size=ROWS)
    two, score = (z > 0.2).astype(int), np.round(z, 3).astype(np.float32)
    out = {"rows": ROWS, "columns": COLUMNS, "x": short(x), "two": two.tolist(), "score": short(score)}

    boruta = Watched(model=xgboost.XGBClassifier(**PLAIN), importance_measure="shap", classification=True)
    boruta.fit(pd.DataFrame(x, columns=[f"c{i}" for i in range(COLUMNS)]), two, n_trials=TRIALS, random_state=3,
               train_or_test="train", normalize=True, verbose=False)
    out["boruta"] = {**boruta.seen, "accepted": sorted(int(c[1:]) for c in boruta.accepted),
                     "rejected": sorted(int(c[1:]) for c in boruta.rejected),
                     "tentative": sorted(int(c[1:]) for c in boruta.tentative)}

    folds = rng.integers(0, FOLDS, size=ROWS)
    pairs = [(np.where(folds != f)[0], np.where(folds == f)[0]) for f in range(FOLDS)]
    out["folds"] = folds.tolist()
    base = {**PLAIN, "base_score": float(np.mean(score.astype(np.float64)))}
    for name, model, target, metric in (("rfe_two", xgboost.XGBClassifier(**PLAIN), two, "accuracy"),
                                        ("rfe_score", xgboost.XGBRegressor(**base), score, "neg_mean_squared_error")):
        for step in (0.1, 0.3):
            rfe = RFECV(model, step=step, cv=pairs, scoring=metric).fit(x, target)
            out[f"{name}_{int(10 * step)}"] = np.where(rfe.support_)[0].tolist()
    with open(os.path.join(HERE, "boruta.json"), "w") as f:
        json.dump(out, f)
        f.write("\n")


if __name__ == "__main__":
    main()
