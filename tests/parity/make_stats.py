#!/usr/bin/env python3
"""Writes tests/parity/stats/: statistics of small tables by SciPy, statsmodels, scikit-learn and R (psych, pROC).

Run from the repository's root: /usr/bin/python3 tests/parity/make_stats.py
Needs Debian's python3-scipy, python3-statsmodels, python3-sklearn, r-base-core, r-cran-psych and r-cran-proc.
A file holds cases: "case NAME", then lines of a name and numbers (tests/support/reference.h).
"""
import subprocess

import numpy as np
import scipy.stats as ss
import statsmodels.api as sm
from sklearn import metrics
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa, to_table
from statsmodels.stats.proportion import proportion_confint

HERE = "tests/parity/stats/"


def r_numbers(code, **arrays):
    """The numbers that the R code prints with cat."""
    lines = [f"{name} <- c({','.join(repr(float(v)) for v in values)})" for name, values in arrays.items()]
    script = "suppressMessages({library(psych); library(pROC)})\noptions(digits=17, warn=-1)\n" + "\n".join(lines) + "\n" + code
    out = subprocess.run(["Rscript", "-"], input=script, text=True, capture_output=True, check=True)
    return [float(word.replace("NA", "nan")) for word in out.stdout.split()]


class Cases:
    def __init__(self, name):
        self.out = open(HERE + name, "w")

    def case(self, name, **lines):
        print("case", name, file=self.out)
        for key, values in lines.items():
            print(key, *(f"{v:.17g}" for v in np.ravel(values).astype(float)), file=self.out)


# ---- correlation.txt ------------------------------------------------------------------------------------------------


def correlation(c, name, x, y, level=0.95):
    n = len(x)
    pearson = ss.pearsonr(x, y)
    ci = pearson.confidence_interval(level)
    spearman = ss.spearmanr(x, y)
    half = ss.norm.ppf(0.5 + level / 2) * np.sqrt((1 + spearman.correlation**2 / 2) / (n - 3))
    rank_ci = np.tanh(np.arctanh(spearman.correlation) + np.array([-half, half]))
    ols = sm.OLS(y, sm.add_constant(x)).fit()
    d, z = x - y, ss.norm.ppf(0.5 + level / 2)
    sd, t = d.std(ddof=1), ss.t.ppf(0.5 + level / 2, n - 1)
    limits = d.mean() + np.array([-z, z]) * sd
    half_bias = t * sd / np.sqrt(n)
    half_limit = t * sd * np.sqrt(1 / n + z**2 / (2 * (n - 1)))
    trend = ss.pearsonr((x + y) / 2, d)
    c.case(
        name, x=x, y=y, level=[level],
        pearson=[pearson.statistic, pearson.pvalue, ci.low, ci.high],
        spearman=[spearman.correlation, spearman.pvalue, *rank_ci],
        regression=[ols.params[1], ols.params[0], ols.rsquared, np.sqrt(ols.mse_resid), ols.bse[1], ols.bse[0],
                    ols.pvalues[1], ols.pvalues[0], *ols.conf_int(1 - level)[1], *ols.conf_int(1 - level)[0]],
        bland_altman=[d.mean(), sd, *limits, d.mean() - half_bias, d.mean() + half_bias,
                      limits[0] - half_limit, limits[0] + half_limit, limits[1] - half_limit, limits[1] + half_limit,
                      (d < limits[0]).sum(), ((d >= limits[0]) & (d <= limits[1])).sum(), (d > limits[1]).sum(),
                      trend.statistic, trend.pvalue])


def williams(c, name, n, r01, r02, r12):
    # psych's r.test(n, r12, r23, r13) compares its r12 with its r13 where its r23 joins the two others.
    t, p = r_numbers(f"w <- r.test(n={n}, r12={r01}, r13={r02}, r23={r12}); cat(w$t, w$p)")
    sign = np.sign(r01 - r02)
    t = sign * abs(t)
    c.case(name, input=[r01, r02, r12, n], williams=[t, n - 3, p, ss.t.sf(t, n - 3)])


def write_correlation():
    rng = np.random.RandomState(5)
    c = Cases("correlation.txt")
    x = rng.randn(40)
    correlation(c, "plain", x, 0.7 * x + rng.randn(40))
    correlation(c, "level_90", x, -0.4 * x + rng.randn(40), 0.9)
    totals = rng.randint(0, 11, 60).astype(float)
    correlation(c, "scores_with_ties", totals, np.clip(totals + rng.randint(-2, 3, 60), 0, 10))
    correlation(c, "far_from_zero", 1e6 + x, 1e6 + 2 * x + rng.randn(40))
    correlation(c, "five", x[:5], rng.randn(5))
    for name, numbers in [("deepmgs", (1504, 0.83, 0.65, 0.6)), ("small", (12, 0.3, 0.55, 0.2)), ("close", (103, 0.4, 0.5, 0.1)),
                          ("negative", (30, -0.2, 0.4, -0.3))]:
        williams(c, "williams_" + name, *numbers)


# ---- curves.txt -----------------------------------------------------------------------------------------------------


def write_curves():
    rng = np.random.RandomState(6)
    c = Cases("curves.txt")
    for successes, trials, level in [(0, 10, 0.95), (10, 10, 0.95), (1, 1, 0.9), (3, 17, 0.95), (948, 1138, 0.95), (948, 1138, 0.99),
                                     (1, 100000, 0.95), (123456, 999999, 0.95), (18000, 18273, 0.5)]:
        c.case(f"proportion_{successes}_{trials}", proportion=[successes, trials, level],
               interval=proportion_confint(successes, trials, 1 - level, "beta"))
    for name, n, levels in [("smooth", 30, 0), ("ties", 40, 6), ("constant", 5, 1)]:
        y = np.concatenate([[0, 1], rng.randint(0, 2, n - 2)])
        scores = rng.rand(n) + 0.5 * y
        if levels:
            scores = np.floor(scores * levels) / levels if levels > 1 else np.ones(n)
        fpr, tpr, high = metrics.roc_curve(y, scores, drop_intermediate=False)
        precision, recall, low = metrics.precision_recall_curve(y, scores)
        high[0] = np.inf
        assert len(low) == len(high) - 1
        c.case("curve_" + name, scores=scores, positive=y, roc_x=fpr, roc_y=tpr, pr_x=recall[::-1], pr_y=precision[::-1],
               threshold=high)
    values = rng.randn(101)
    for level in [0.9, 0.95, 0.5]:
        ends = np.percentile(values, [50 * (1 - level), 50 * (1 + level)])
        c.case(f"percentiles_{level}", values=values, level=[level], interval=ends)


# ---- comparison.txt and agreement.txt -------------------------------------------------------------------------------


def write_comparison():
    rng = np.random.RandomState(7)
    c = Cases("comparison.txt")
    for b, d in [(10, 4), (0, 6), (25, 24), (3, 60), (1, 0), (900, 1010)]:
        table = [[50, b], [d, 30]]
        exact, chi = mcnemar(table, exact=True), mcnemar(table, exact=False, correction=True)
        c.case(f"mcnemar_{b}_{d}", counts=[b, d], mcnemar=[exact.pvalue, chi.statistic, chi.pvalue])
    for name, n, levels in [("smooth", 60, 0), ("ties", 80, 6), ("small", 9, 0)]:
        y = np.concatenate([[0, 0, 1, 1], rng.randint(0, 2, n - 4)])
        first, second = rng.rand(n) + 0.6 * y, rng.rand(n) + 0.3 * y
        if levels:
            first, second = np.floor(first * levels), np.floor(second * levels)
        code = """a <- roc(y, first, direction='<', levels=c(0,1), quiet=TRUE); b <- roc(y, second, direction='<', levels=c(0,1), quiet=TRUE)
t <- roc.test(a, b, method='delong', paired=TRUE)
cat(auc(a), auc(b), var(a), var(b), cov(a, b), ci(a)[c(1,3)], ci(b)[c(1,3)], t$statistic, t$p.value)"""
        c.case("delong_" + name, positive=y, first=first, second=second, delong=r_numbers(code, y=y, first=first, second=second))


def write_agreement():
    rng = np.random.RandomState(8)
    c = Cases("agreement.txt")
    truth = rng.randint(0, 3, 40)
    ratings = np.clip(truth[:, None] + rng.randint(-1, 2, (40, 4)) * (rng.rand(40, 4) < 0.5), 0, 2)
    for name, weights, kind in [("plain", None, 0), ("linear", "linear", 1), ("quadratic", "quadratic", 2)]:
        k = cohens_kappa(to_table(ratings[:, :2], bins=3)[0], wt=weights)
        half = ss.norm.ppf(0.975) * k.std_kappa
        c.case("kappa_" + name, first=ratings[:, 0], second=ratings[:, 1], kind=[kind],
               kappa=[k.kappa, k.std_kappa, k.kappa - half, k.kappa + half])
    counts = np.stack([(ratings == v).sum(1) for v in range(3)], 1)
    share = counts.mean(0) / 4
    pq = share * (1 - share)
    error = np.sqrt(2 * (pq.sum() ** 2 - (pq * (1 - 2 * share)).sum()) / (40 * 4 * 3)) / pq.sum()
    kappa = fleiss_kappa(counts)
    c.case("fleiss", counts=counts, fleiss=[kappa, error, kappa / error, 2 * ss.norm.sf(abs(kappa / error))])
    for name, table in [("scores", ratings), ("totals", ratings[:12] * 2 + rng.randn(12, 4)), ("two", rng.randn(8, 2))]:
        code = f"""m <- matrix(x, ncol={table.shape[1]}, byrow=TRUE); i <- ICC(m, lmer=FALSE)$results
for (r in 1:6) cat(i$ICC[r], i$F[r], i$df1[r], i$df2[r], i$p[r], i$'lower bound'[r], i$'upper bound'[r], '')"""
        c.case("icc_" + name, shape=table.shape, ratings=table, icc=r_numbers(code, x=table.ravel()))


# ---- statistics.txt -------------------------------------------------------------------------------------------------


def class_numbers(y, predicted, score):
    """Of one class against the rest, in the order of gr_metric; NaN for those that a class has not."""
    both = 0 < y.sum() < len(y)
    recall, precision = metrics.recall_score, metrics.precision_score
    pr, rc, _ = metrics.precision_recall_curve(y, score)
    return [metrics.accuracy_score(y, predicted), metrics.f1_score(y, predicted), recall(y, predicted),
            recall(y, predicted, pos_label=0), precision(y, predicted, zero_division=0),
            metrics.roc_auc_score(y, score) if both else np.nan, metrics.average_precision_score(y, score),
            metrics.balanced_accuracy_score(y, predicted), np.nan, metrics.matthews_corrcoef(y, predicted),
            metrics.cohen_kappa_score(y, predicted), np.nan, metrics.auc(rc, pr)]


def all_numbers(y, predicted, p, positive):
    values = class_numbers((y == positive).astype(int), (predicted == positive).astype(int), p[:, positive])
    values[0] = metrics.accuracy_score(y, predicted)
    values[7] = metrics.balanced_accuracy_score(y, predicted)
    values[8] = metrics.f1_score(y, predicted, average="macro")
    values[9] = metrics.matthews_corrcoef(y, predicted)
    values[10] = metrics.cohen_kappa_score(y, predicted)
    values[11] = np.mean([metrics.roc_auc_score(y == c, p[:, c]) for c in range(p.shape[1])])
    return values


def write_statistics():
    rng = np.random.RandomState(9)
    c = Cases("statistics.txt")
    for name, classes, rows, positive, levels in [("two", 2, 60, 1, 0), ("three", 3, 90, 0, 0), ("ties", 3, 80, 2, 5)]:
        y = np.arange(rows) % classes
        score = rng.rand(rows, classes) + 0.5 * np.eye(classes)[y]
        if levels:
            score = np.ceil(score * levels)
        p = (score / score.sum(1, keepdims=True)).astype(np.float32)
        predicted, fold = p.argmax(1), np.arange(rows) * 4 // rows
        folds = np.array([all_numbers(y[fold == f], predicted[fold == f], p[fold == f], positive) for f in range(4)])
        each = [class_numbers((y == k).astype(int), (predicted == k).astype(int), p[:, k]) for k in range(classes)]
        code = "r <- roc(y, s, direction='<', levels=c(0,1), quiet=TRUE); cat(sqrt(var(r)), ci(r)[c(1,3)])"
        delong = [r_numbers(code, y=(y == k).astype(int), s=p[:, k]) for k in range(classes)]
        right = (y == predicted).sum()
        scores = {}
        if classes > 2:
            score = p.astype(float) @ np.arange(classes)
            d, ols = score - y, sm.OLS(y, sm.add_constant(score)).fit()
            scores["scores"] = [ss.pearsonr(score, y)[0], ss.spearmanr(score, y)[0], ols.params[1], ols.params[0], d.mean(),
                                d.mean() - ss.norm.ppf(0.975) * d.std(ddof=1), d.mean() + ss.norm.ppf(0.975) * d.std(ddof=1),
                                metrics.cohen_kappa_score(y, predicted, weights="linear"),
                                metrics.cohen_kappa_score(y, predicted, weights="quadratic")]
        c.case(name, shape=[rows, classes, positive], labels=y, predicted=predicted, fold=fold, p=p,
               pooled=all_numbers(y, predicted, p, positive), mean=folds.mean(0), std=folds.std(0, ddof=1), classes=each,
               delong=delong, accuracy=proportion_confint(right, rows, 0.05, "beta"), first_fold=folds[0], **scores)


# ---- ratings.txt, with rats.csv and cats.csv ------------------------------------------------------------------------

UNITS = ["eye", "ear", "nose", "whisker"]


def score_rats(rng):
    """PainSeeker's two stages: {image: [(rater, stage, scores)]}; None is uncertain, "" not asked."""
    images = {}
    for i in range(30):
        truth = rng.randint(0, 3, 4)
        noise = [0.0, 0.15, 0.35][i % 3]

        def score(u):
            if rng.rand() < 0.06:
                return None
            return int(truth[u] if rng.rand() > noise else rng.randint(0, 3))

        rows = [(f"r{k}", 1, [score(u) for u in range(4)]) for k in range(1, 6)]
        low = [u for u in range(4) if max(sum(r[2][u] == s for r in rows) for s in range(3)) < 4]
        if low and i % 7:
            rows += [(f"r{k}", 2, [score(u) if u in low else "" for u in range(4)]) for k in range(6, 9)]
        images[f"rat{i:02d}"] = rows
    return images


def label_rats(images):
    """Label and mean of each image that has one; the units' scores."""
    out = []
    for rows in images.values():
        agreed = []
        for u in range(4):
            first = [sum(r[2][u] == s and r[2][u] is not None and r[2][u] != "" for r in rows if r[1] == 1) for s in range(3)]
            both = [sum(r[2][u] == s and r[2][u] is not None and r[2][u] != "" for r in rows) for s in range(3)]
            wins = [s for s in range(3) if first[s] >= 4] or [s for s in range(3) if len(rows) == 8 and both[s] >= 5]
            agreed.append(wins[0] if wins else np.nan)
        if np.isfinite(agreed).sum() >= 3:
            mean = np.nanmean(agreed)
            out.append([np.floor(mean + 0.5), mean, *agreed])
    return out


def score_cats(rng):
    images = {}
    for i in range(25):
        truth = rng.randint(0, 3, 4)
        raters = rng.choice(6, 3 if i < 18 else rng.randint(1, 6), replace=False)
        images[f"cat{i:02d}"] = [(f"v{k}", None, [None if rng.rand() < 0.04 else int(np.clip(truth[u] + rng.randint(-1, 2), 0, 2))
                                                  for u in range(4)]) for k in sorted(raters)]
    return images


def label_cats(images, rule):
    out = []
    for rows in images.values():
        totals = [np.mean([s for s in r[2] if s is not None]) / 2 for r in rows]
        painful = [t >= 0.4 for t in totals]
        units = [[r[2][u] for r in rows if r[2][u] is not None] for u in range(4)]
        modes = [ss.mode(u)[0].item() if u else np.nan for u in units]
        if rule == "and":
            out.append([all(painful), min(totals)])
        elif rule == "or":
            out.append([any(painful), max(totals)])
        else:
            score = {"mean": np.mean, "max": np.max, "min": np.min}.get(rule, lambda t: np.nanmean(modes) / 2)(totals)
            extra = {"mode": modes, "max": [max(u, default=np.nan) for u in units],
                     "min": [min(u, default=np.nan) for u in units]}.get(rule, [])
            out.append([score >= 0.4 - 1e-12, score, *extra])
    return out


def write_table(name, images, staged):
    with open(HERE + name, "w") as out:
        print("image,rater," + ("stage," if staged else "") + ",".join(UNITS), file=out)
        rows = [(image, *row) for image, list_of in images.items() for row in list_of]
        for image, rater, stage, scores in rows[1::2] + rows[::2]:  # in no order
            print(image, rater, *([stage] if staged else []), *("uncertain" if s is None else s for s in scores), sep=",", file=out)


def icc(table):
    table = np.array(table, float)
    code = f"""m <- matrix(x, ncol={table.shape[1]}, byrow=TRUE); i <- ICC(m, lmer=FALSE)$results
for (r in 1:6) cat(i$ICC[r], i$'lower bound'[r], i$'upper bound'[r], '')"""
    return np.reshape(r_numbers(code, x=table.ravel()), (6, 3))


def agreement(c, name, images, panel):
    """Of each unit, then of the totals."""
    raters = sorted({row[0] for rows in images.values() for row in rows})
    for u in range(5):
        def value(row):
            known = [s for s in row[2] if isinstance(s, int)]
            if u == 4:
                return sum(known) / (2 * len(known)) if known else None
            return row[2][u] if isinstance(row[2][u], int) else None

        first = [[value(r) for r in rows if r[1] != 2 and value(r) is not None] for rows in images.values()]
        counts = np.bincount([len(f) for f in first])
        common = max((n for n in range(2, len(counts)) if counts[n]), key=lambda n: (counts[n], n))
        one_way = [f for f in first if len(f) == common]
        full = []
        for rows in images.values():
            by = {r[0]: value(r) for r in rows if r[0] in panel and value(r) is not None}
            if len(by) == len(panel):
                full.append([by[k] for k in panel])
        nothing = np.full((6, 3), np.nan)
        a, b = icc(one_way), icc(full) if len(full) > 1 else nothing
        lines = dict(sizes=[common, len(one_way), len(full)], icc=np.stack([a[0], b[1], b[2], a[3], b[4], b[5]]))
        if u < 4:
            kappas = []
            for i, x in enumerate(raters):
                for y in raters[i + 1:]:
                    both = [(dict((r[0], value(r)) for r in rows).get(x), dict((r[0], value(r)) for r in rows).get(y))
                            for rows in images.values()]
                    both = np.array([p for p in both if None not in p])
                    if len(both) > 1:
                        kappas.append([metrics.cohen_kappa_score(both[:, 0], both[:, 1], labels=[0, 1, 2], weights=w)
                                       for w in (None, "linear", "quadratic")])
            kinds = np.stack([np.bincount(f, minlength=3) for f in one_way])
            lines.update(kappa=[len(kappas), *np.nanmean(kappas, 0)], fleiss=[fleiss_kappa(kinds)])
        c.case(f"{name}_{u}", **lines)


def write_ratings():
    rng = np.random.RandomState(10)
    c = Cases("ratings.txt")
    rats, cats = score_rats(rng), score_cats(rng)
    write_table("rats.csv", rats, True)
    write_table("cats.csv", cats, False)
    c.case("painseeker", labels=label_rats(rats))
    for rule in ["and", "or", "mean", "max", "min", "mode"]:
        c.case("felinegrimace_" + rule, labels=label_cats(cats, rule))
    agreement(c, "rats", rats, [f"r{k}" for k in range(1, 6)])
    agreement(c, "cats", cats, sorted({row[0] for rows in cats.values() for row in rows}))


def main():
    write_ratings()
    write_statistics()
    write_comparison()
    write_agreement()
    write_correlation()
    write_curves()


if __name__ == "__main__":
    main()
