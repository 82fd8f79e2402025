#!/usr/bin/env python3
"""Writes tests/parity/split/folds.txt: the folds of scikit-learn 1.2 on small tables with ties.

Run from the repository's root: /usr/bin/python3 tests/parity/make_split.py
One case is: "case NAME SCHEME FOLDS ROWS", "labels ...", "groups ..." (or "-"), then per fold "fold NAME row row ...".
"""
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
    with open("tests/parity/split/folds.txt", "w") as out:
        for name, y, groups, folds in tables:
            write(out, name, "leave_one_group_out", len(set(groups)), y, groups)
            write(out, name, "group_kfold", folds, y, groups)
            write(out, name, "stratified_group_kfold", folds, y, groups)
            write(out, name, "stratified_kfold", min(folds, min(np.unique(y, return_counts=True)[1])), y, None)


if __name__ == "__main__":
    main()
