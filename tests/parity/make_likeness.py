#!/usr/bin/env python3
"""Mahalanobis distances by scikit-learn's LedoitWolf for tests/unit/learners/test_likeness.c: scikit-learn 1.9.1, NumPy 2.

    python tests/parity/make_likeness.py >tests/parity/likeness/cases.txt

A case is a line `n width others shrinkage`, then n + others lines of features, the last ones with the squared distance behind.
"""
import numpy as np
from sklearn.covariance import LedoitWolf

rng = np.random.default_rng(3)
for n, width, others in ((20, 5, 4), (6, 12, 4), (40, 3, 3), (3, 4, 2)):
    x = (rng.normal(size=(n, width)) * np.arange(1, width + 1) + 3).astype(np.float32)
    z = (rng.normal(size=(others, width)) * 4).astype(np.float32)
    model = LedoitWolf().fit(x.astype(float))
    print(n, width, others, repr(float(model.shrinkage_)))
    for row in x:
        print(*(repr(float(v)) for v in row))
    for row, distance in zip(z, model.mahalanobis(z.astype(float))):
        print(*(repr(float(v)) for v in row), repr(float(distance)))
