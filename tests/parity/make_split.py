#!/usr/bin/env python3
"""Writes the folds of scikit-learn 1.2 that tests/unit/test_split.c compares with: tests/parity/split/folds.txt, small tables
with ties, and tests/parity/split/layouts.txt, many random layouts.

Run from the repository's root: /usr/bin/python3 tests/parity/make_split.py
folds.txt, one case: "case NAME SCHEME FOLDS ROWS", "labels ...", "groups ..." (or "-"), then per fold "fold NAME row row ...".
layouts.txt, one case of four lines, a character a row: "SCHEME FOLDS ROWS VALIDATION_FOLDS", the classes, the groups (or "-"),
the fold that tests the row ("0", "1", ... "a", "b", ...); with VALIDATION_FOLDS V > 0 then a line a fold, in which "v" are the
rows that fold number (fold % V) of StratifiedGroupKFold(V) over the training part tests.
"""
import warnings

import numpy as np
import sklearn
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut, StratifiedGroupKFold, StratifiedKFold


def random_case(rng, rows, groups, classes, prefix="g"):
    """Labels and group names; every class and group has rows; sizes collide often."""
    g = np.concatenate([np.arange(groups), rng.randint(0, groups, rows - groups)])
    y = np.concatenate([np.arange(classes).repeat(rows // classes // 2), rng.randint(0, classes, rows)])[:rows]
    rng.shuffle(g)
    rng.shuffle(y)
    return y.astype(str), np.array([f"{prefix}{i}" for i in g])


def equal_case(groups, each, classes):
    """All groups of one size and of like classes: nothing but ties."""
    g = np.arange(groups).repeat(each)
    y = np.arange(groups * each) % classes
    return y.astype(str), np.array([f"r{i}" for i in g])


def group_kfold(folds):
    """GroupKFold with the stable sort that it has for up to 16 groups: above, NumPy's default sort leaves ties open."""

    class Stable(GroupKFold):
        def split(self, X, y, groups):
            plain = np.argsort
            np.argsort = lambda a, **_: plain(a, kind="stable")
            try:
                yield from super().split(X, y, groups)
            finally:
                np.argsort = plain

    return Stable(folds)


def write(out, name, scheme, folds, y, groups):
    makers = {
        "leave_one_group_out": lambda: LeaveOneGroupOut(),
        "group_kfold": lambda: group_kfold(folds),
        "stratified_group_kfold": lambda: StratifiedGroupKFold(folds),
        "stratified_kfold": lambda: StratifiedKFold(folds),
    }
    x = np.zeros(len(y))
    split = list(makers[scheme]().split(x, y, groups))
    if scheme == "group_kfold" and len(set(groups)) <= 16:
        for (_, a), (_, b) in zip(split, GroupKFold(folds).split(x, y, groups)):
            assert (a == b).all()
    print("case", name, scheme, folds, len(y), file=out)
    print("labels", *y, file=out)
    print("groups", *(["-"] if groups is None else groups), file=out)
    for i, (_, test) in enumerate(split):
        fold = groups[test[0]] if scheme == "leave_one_group_out" else i + 1
        print("fold", fold, *test, file=out)


DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def layout(rng, kind):
    """Classes and groups of one random layout as small numbers, all groups and classes occurring."""
    groups, classes = rng.randint(3, 17), rng.randint(2, 5)
    if kind == "ties":  # groups of one size, classes in turn
        g = np.arange(groups).repeat(rng.randint(2, 5))
        y = np.arange(len(g)) % classes
        if rng.rand() < 0.5:
            rng.shuffle(y)
    elif kind == "tiny":  # most groups have one row
        g = np.concatenate([np.arange(groups), np.full(rng.randint(5, 20), rng.randint(groups))])
        y = rng.randint(0, classes, len(g))
    elif kind == "pure":  # each group is of one class
        of_group = rng.randint(0, classes, groups)
        g = rng.randint(0, groups, rng.randint(20, 60))
        y = of_group[g]
    elif kind == "rare":  # a class of very few rows: folds without it
        g = rng.randint(0, groups, rng.randint(20, 60))
        y = rng.randint(0, classes - 1, len(g)) if classes > 2 else np.zeros(len(g), int)
        y[rng.choice(len(g), rng.randint(1, 4), replace=False)] = classes - 1
    else:
        g = rng.randint(0, groups, rng.randint(20, 60))
        y = rng.choice(classes, len(g), p=rng.dirichlet(np.ones(classes)))
    order = rng.permutation(len(g))
    return np.unique(y[order], return_inverse=True)[1], np.unique(g[order], return_inverse=True)[1]


def row_of(numbers):
    return "".join(DIGITS[n] for n in numbers)


def usable(split, y):
    """Every fold tests something and trains on two classes at least: the rest is refused."""
    return all(len(test) > 0 and len(set(y[train])) > 1 for train, test in split)


def write_layout(out, scheme, folds, y, groups, inner):
    makers = {"group_kfold": group_kfold, "stratified_group_kfold": StratifiedGroupKFold, "stratified_kfold": StratifiedKFold,
              "leave_one_group_out": lambda _: LeaveOneGroupOut()}
    try:
        split = list(makers[scheme](folds).split(np.zeros(len(y)), y, groups))
    except ValueError:
        return 0
    if not usable(split, y):
        return 0
    tested = np.zeros(len(y), int)
    for f, (_, test) in enumerate(split):
        tested[test] = f
    lines = []
    for f, (train, _) in enumerate(split if inner > 0 else []):
        if inner > len(set(groups[train])):
            return 0
        try:
            parts = list(StratifiedGroupKFold(inner).split(np.zeros(len(train)), y[train], groups[train]))
        except ValueError:
            return 0
        rest, chosen = parts[f % inner]
        if len(chosen) == 0 or len(set(y[train[rest]])) < 2:
            return 0
        lines.append("".join("v" if r in train[chosen] else "." for r in range(len(y))))
    print(scheme, len(split), len(y), inner, file=out)
    print(row_of(y), row_of(groups) if groups is not None else "-", row_of(tested), *lines, sep="\n", file=out)
    return 1


def write_layouts(out):
    rng = np.random.RandomState(11)
    for kind in ["ties", "tiny", "pure", "rare", "any"]:
        written = 0
        while written < 34:
            y, groups = layout(rng, kind)
            most = min(6, len(set(groups)))
            if len(set(y)) < 2 or most < 2:
                continue
            folds = rng.randint(2, most + 1)
            written += write_layout(out, "group_kfold", folds, y, groups, 0)
            written += write_layout(out, "stratified_group_kfold", folds, y, groups, 0)
            written += write_layout(out, "stratified_kfold", folds, y, None, 0)
            if rng.rand() < 0.3:
                written += write_layout(out, "leave_one_group_out", 0, y, groups, 0)
                written += write_layout(out, "stratified_group_kfold", folds, y, groups, rng.randint(2, 6))


def main():
    assert sklearn.__version__.startswith("1.2"), sklearn.__version__
    rng = np.random.RandomState(7)
    tables = [
        ("random12", *random_case(rng, 90, 12, 2), 5),
        ("names", *random_case(rng, 60, 11, 3, prefix="rat"), 3),
        ("two", *random_case(rng, 24, 2, 2), 2),
        ("three", *random_case(rng, 50, 7, 3), 4),
        ("nine", *random_case(rng, 200, 14, 9), 3),
        ("many", *random_case(rng, 150, 40, 2), 10),
        ("equal6", *equal_case(6, 6, 2), 3),
        ("equal20", *equal_case(20, 4, 2), 7),
        ("classes11", *random_case(rng, 180, 13, 11), 4),
        ("skewed", np.array((["1"] * 5 + ["0"] * 30) * 2), np.array([f"a{i % 9}" for i in range(70)]), 4),
    ]
    warnings.simplefilter("ignore")  # a class with fewer rows than folds
    with open("tests/parity/split/layouts.txt", "w") as out:
        write_layouts(out)
    with open("tests/parity/split/folds.txt", "w") as out:
        for name, y, groups, folds in tables:
            write(out, name, "leave_one_group_out", len(set(groups)), y, groups)
            write(out, name, "group_kfold", folds, y, groups)
            write(out, name, "stratified_group_kfold", folds, y, groups)
            write(out, name, "stratified_kfold", min(folds, min(np.unique(y, return_counts=True)[1])), y, None)


if __name__ == "__main__":
    main()
