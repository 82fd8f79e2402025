#!/usr/bin/env python3
"""Writes tests/parity/stats/clusters.txt: statistics of rows in clusters by statsmodels, SciPy and NumPy.

Run from the repository's root, in an environment with
    pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0 scikit-learn==1.9.1
Cases (tests/support/reference.h) by their first word:
  mixed: `x`, `cluster`; `fit`: mean, standard error, variance between and within of MixedLM (REML, random intercept), `icc`: by the
      mean squares of anova_lm.
  obuchowski: `positive`, `cluster`, `first`, `second`; `delong`: areas, variances, covariance, z, p, by the formulas of Obuchowski
      (1997) written out over all pairs (no package of Python has them).
  corrected: `first`, `second`, `tested`; `t`: mean, t, df, p, interval at 95 %.
  bca: `labels`, `predicted`, `cluster`; `counts`: how often each sample draws each cluster; `mcc`, `kappa`, `f1`, `balanced`: value
      and BCa interval at 95 % of SciPy's bootstrap over these samples, numbers by scikit-learn; `sd`: the jackknife's errors.
"""
import warnings

import numpy as np
import statsmodels.api as sm
from scipy import stats
from sklearn import metrics
from statsmodels.formula.api import ols
import pandas as pd

warnings.simplefilter("ignore")


def put(out, **lines):
    for key, values in lines.items():
        print(key, *(f"{v:.17g}" for v in np.ravel(values).astype(float)), file=out)


def mixed(out, name, x, cluster):
    model = sm.MixedLM(x, np.ones((len(x), 1)), groups=cluster)
    fit = model.fit(reml=True, method=["bfgs"], gtol=1e-10)
    # the optimiser stops early, as the top is flat: MixedLM's own restricted likelihood is climbed to its end
    from scipy.optimize import minimize_scalar
    from statsmodels.regression.mixed_linear_model import MixedLMParams

    def loss(r):
        p = MixedLMParams.from_components(fe_params=fit.fe_params, cov_re=np.array([[np.exp(r)]]))
        return -model.loglike(p, profile_fe=True)

    grid = np.linspace(-20, 8, 281)
    at = int(np.argmin([loss(r) for r in grid]))
    if at > 0:
        best = minimize_scalar(loss, bracket=(grid[at - 1], grid[at], grid[at + 1]), tol=1e-14)
        lam = float(np.exp(best.x))
    else:
        lam = 0.0
    sizes = np.array([np.sum(cluster == c) for c in range(cluster.max() + 1)])
    means = np.array([x[cluster == c].mean() for c in range(len(sizes))])
    w = sizes / (1 + lam * sizes)
    mean = (w * means).sum() / w.sum()
    scale = (sum(((x[cluster == c] - means[c]) ** 2).sum() for c in range(len(sizes))) + (w * (means - mean) ** 2).sum()) / (
        len(x) - 1)
    assert abs(mean - fit.fe_params[0]) < 1e-4 and abs(scale / fit.scale - 1) < 1e-2, (mean, fit.fe_params, scale, fit.scale)
    frame = pd.DataFrame(dict(x=x, c=cluster.astype(str)))
    squares = sm.stats.anova_lm(ols("x ~ c", frame).fit())["mean_sq"]
    usual = (len(x) - (sizes**2).sum() / len(x)) / (len(sizes) - 1)
    icc = (squares.iloc[0] - squares.iloc[1]) / (squares.iloc[0] + (usual - 1) * squares.iloc[1])
    print("case", "mixed_" + name, file=out)
    put(out, x=x, cluster=cluster, fit=[mean, np.sqrt(scale / w.sum()), lam * scale, scale], icc=[icc])


def obuchowski(out, name, positive, cluster, scores):
    p, q = positive == 1, positive == 0
    k = cluster.max() + 1
    areas, parts = [], []
    for s in scores:
        wins = (s[p][:, None] > s[q][None, :]) + 0.5 * (s[p][:, None] == s[q][None, :])
        area = wins.mean()
        x = np.array([(wins.mean(1)[cluster[p] == c] - area).sum() for c in range(k)])
        y = np.array([(wins.mean(0)[cluster[q] == c] - area).sum() for c in range(k)])
        areas.append(area)
        parts.append((x, y))
    i10, i01, m, n = len(set(cluster[p])), len(set(cluster[q])), p.sum(), q.sum()

    def cov(a, b):
        s10 = i10 / ((i10 - 1) * m) * (parts[a][0] * parts[b][0]).sum()
        s01 = i01 / ((i01 - 1) * n) * (parts[a][1] * parts[b][1]).sum()
        s11 = k / (k - 1) * (parts[a][0] * parts[b][1]).sum()
        s11 += k / (k - 1) * (parts[a][1] * parts[b][0]).sum()
        return s10 / m + s01 / n + s11 / (m * n)

    var = [cov(0, 0), cov(1, 1), cov(0, 1)]
    z = (areas[0] - areas[1]) / np.sqrt(var[0] + var[1] - 2 * var[2])
    print("case", "obuchowski_" + name, file=out)
    put(out, positive=positive, cluster=cluster, first=scores[0], second=scores[1],
        delong=[*areas, *var, z, 2 * stats.norm.sf(abs(z))])


def corrected(out, name, first, second, tested):
    d = first - second
    n = len(d)
    error = np.sqrt((1 / n + tested) * d.var(ddof=1))
    t = d.mean() / error
    half = stats.t.ppf(0.975, n - 1) * error
    print("case", "corrected_" + name, file=out)
    put(out, first=first, second=second, tested=[tested],
        t=[d.mean(), t, n - 1, 2 * stats.t.sf(abs(t), n - 1), d.mean() - half, d.mean() + half])


def bca(out, name, labels, predicted, cluster, rng, samples):
    k = cluster.max() + 1
    rows = [np.flatnonzero(cluster == c) for c in range(k)]
    draws = rng.integers(0, k, (samples, k))
    print("case", "bca_" + name, file=out)
    numbers = dict(mcc=metrics.matthews_corrcoef, kappa=metrics.cohen_kappa_score, f1=metrics.f1_score,
                   balanced=metrics.balanced_accuracy_score)
    put(out, labels=labels, predicted=predicted, cluster=cluster,
        counts=[[np.sum(draw == c) for c in range(k)] for draw in draws])
    errors = []
    for key, number in numbers.items():
        def of(clusters):
            at = np.concatenate([rows[int(c)] for c in clusters])
            return number(labels[at], predicted[at])

        held = np.array([of(draw) for draw in draws])

        class Distribution:
            bootstrap_distribution = held

        ci = stats.bootstrap((np.arange(k),), of, vectorized=False, n_resamples=0, bootstrap_result=Distribution,
                             method="BCa", confidence_level=0.95).confidence_interval
        out_of = np.array([of([c for c in range(k) if c != left]) for left in range(k)])
        errors.append(np.sqrt((k - 1) / k * ((out_of - out_of.mean()) ** 2).sum()))
        put(out, **{key: [of(range(k)), ci.low, ci.high]})
    put(out, sd=errors)


def main():
    rng = np.random.default_rng(17)
    with open("tests/parity/stats/clusters.txt", "w") as out:
        for name, sizes, between in (("even", [8] * 12, 1.0), ("uneven", [1, 2, 3, 5, 8, 13, 4, 4], 0.7), ("weak", [6] * 10, 0.15),
                                     ("none", [10] * 5, 0.0)):
            cluster = np.repeat(np.arange(len(sizes)), sizes)
            x = 0.3 + rng.normal(size=len(sizes))[cluster] * between + rng.normal(size=len(cluster))
            mixed(out, name, x, cluster)
        cluster = np.repeat(np.arange(9), 7)
        mixed(out, "signs", rng.integers(-1, 2, len(cluster)) + (rng.random(9) < 0.5)[cluster], cluster)
        for name, k, size, ties in (("smooth", 10, 8, 0), ("ties", 12, 6, 4), ("mixed", 15, 5, 8)):
            cluster = np.repeat(np.arange(k), size)
            animal = rng.normal(size=k)[cluster]
            positive = (rng.random(len(cluster)) < 0.5).astype(int)
            if name == "mixed":
                positive[cluster < 4] = 1
            scores = [positive * d + animal + rng.normal(size=len(cluster)) for d in (1.0, 0.6)]
            if ties:
                scores = [np.round(s * ties) / ties for s in scores]
            obuchowski(out, name, positive, cluster, scores)
        for n, tested in ((5, 0.25), (10, 1 / 9), (30, 0.5)):
            corrected(out, str(n), 0.8 + 0.1 * rng.normal(size=n), 0.75 + 0.1 * rng.normal(size=n), tested)
        for name, k in (("few", 8), ("more", 20)):
            cluster = np.repeat(np.arange(k), 10)
            labels = np.tile([0, 1], len(cluster) // 2)
            hard = rng.normal(size=k)[cluster] * 0.7
            predicted = np.where(rng.normal(size=len(cluster)) + hard < 0.8, labels, 1 - labels)
            bca(out, name, labels, predicted, cluster, rng, 400)


main()
