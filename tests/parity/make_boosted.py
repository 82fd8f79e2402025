#!/usr/bin/env python3
"""Makes tests/parity/boosted: a table, and what XGBoost 1.7.6, scikit-learn 1.5.2 and shap 0.49.1 say of it.

numpy 1.26.4, xgboost 1.7.6, scikit-learn 1.5.2, shap 0.49.1. The folds of the grid search are those that grimace deals without
shuffling: rows sorted by class, in turn.
"""
import json
import os

import numpy as np
import shap
import xgboost
from sklearn.decomposition import PCA
from sklearn.feature_selection import RFE
from sklearn.model_selection import GridSearchCV

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "boosted")
ROWS, COLUMNS, TRAIN = 160, 6, 120
PLAIN = {"tree_method": "hist", "base_score": 0.5, "n_estimators": 20, "learning_rate": 0.2, "max_depth": 3, "reg_alpha": 0.1,
         "n_jobs": 1}


def floats(array):
    return [float(v) for v in np.asarray(array, dtype=np.float32).ravel()]


def main():
    rng = np.random.default_rng(5)
    x = np.round(rng.normal(size=(ROWS, COLUMNS)), 3).astype(np.float32)
    z = x[:, 0] + np.where(x[:, 2] > 0, 1.5 * x[:, 1], 0) + 0.3 * rng.normal(size=ROWS)
    x[rng.random(x.shape) < 0.05] = np.nan
    two, three, score = (z > 0.3).astype(int), np.digitize(z, [-0.5, 0.7]), np.round(z, 3).astype(np.float32)
    a, b = x[:TRAIN], x[TRAIN:]
    out = {"rows": ROWS, "columns": COLUMNS, "train": TRAIN,
           "x": [None if np.isnan(v) else float(v) for v in x.ravel()],
           "two": two.tolist(), "three": three.tolist(), "score": floats(score)}

    binary = xgboost.XGBClassifier(scale_pos_weight=1.5, **PLAIN).fit(a, two[:TRAIN])
    out["binary"] = floats(binary.predict_proba(b))
    out["shap"] = floats(shap.TreeExplainer(binary).shap_values(b))
    out["several"] = floats(xgboost.XGBClassifier(**PLAIN).fit(a, three[:TRAIN]).predict_proba(b))
    base = {**PLAIN, "base_score": float(np.mean(score[:TRAIN].astype(np.float64)))}
    out["scores"] = floats(xgboost.XGBRegressor(**base).fit(a, score[:TRAIN]).predict(b))

    # ordinal: each row once for each question "above k?", k as a last column in which the answer falls
    def questions(values):
        return np.column_stack([np.repeat(values, 2, axis=0), np.tile([0, 1], len(values))]).astype(np.float32)
    above = (np.repeat(three, 2) > np.tile([0, 1], ROWS)).astype(int)
    ordinal = xgboost.XGBClassifier(monotone_constraints="(0,0,0,0,0,0,-1)", **PLAIN).fit(questions(a), above[:2 * TRAIN])
    p = ordinal.predict_proba(questions(b))[:, 1].reshape(-1, 2)
    out["ordinal"] = floats(np.column_stack([1 - p[:, 0], p[:, 0] - p[:, 1], p[:, 1]]))

    order = np.lexsort((np.arange(TRAIN), two[:TRAIN]))
    fold = np.empty(TRAIN, dtype=int)
    fold[order] = np.arange(TRAIN) % 5
    folds = [(np.where(fold != f)[0], np.where(fold == f)[0]) for f in range(5)]
    grid = {"n_estimators": [5, 10, 20], "max_depth": [1, 2, 3], "learning_rate": [0.1, 0.3]}
    search = GridSearchCV(xgboost.XGBClassifier(**PLAIN), grid, cv=folds).fit(a, two[:TRAIN])
    out["grid"] = {**{k: v for k, v in search.best_params_.items()}, "score": float(search.best_score_)}

    out["rfe"] = []
    for n in range(1, COLUMNS + 1):
        rfe = RFE(xgboost.XGBRegressor(**base), n_features_to_select=n, step=0.1).fit(a, score[:TRAIN])
        out["rfe"].append(np.where(rfe.support_)[0].tolist())

    filled = np.where(np.isnan(x), np.nanmean(x.astype(np.float64), axis=0), x.astype(np.float64))
    pca = PCA(3, svd_solver="full").fit(filled)
    out["pca"] = {"loadings": pca.components_.ravel().tolist(), "variance": pca.explained_variance_.tolist(),
                  "scores": pca.transform(filled).ravel().tolist()}
    os.makedirs(HERE, exist_ok=True)
    with open(os.path.join(HERE, "boosted.json"), "w") as f:
        json.dump(out, f)
        f.write("\n")


if __name__ == "__main__":
    main()
