"""Writes balance_reference.h: scikit-learn's class weights "balanced" of random labels, some classes absent.

    python3 tests/parity/make_balance.py > tests/parity/balance_reference.h
"""
import numpy as np
import sklearn
from sklearn.utils.class_weight import compute_class_weight

CASES = 24


def main():
    rng = np.random.RandomState(3)
    print(f"/* Written by make_balance.py with scikit-learn {sklearn.__version__}. The class of each row, a digit each, and the")
    print(" * weight of each class; 0 where it has no row. */")
    print("static const struct {\n    int classes;\n    const char *labels;\n    double weights[6];\n} balance_cases[] = {")
    for _ in range(CASES):
        classes = rng.randint(2, 7)
        labels = rng.choice(classes, rng.randint(5, 60), p=rng.dirichlet(np.ones(classes) * 0.7))
        present = np.unique(labels)
        weights = np.zeros(classes)
        weights[present] = compute_class_weight("balanced", classes=present, y=labels)
        numbers = ", ".join("%.17g" % w for w in weights)
        print(f'    {{{classes},\n     "{"".join(map(str, labels))}",\n     {{{numbers}}}}},')
    print("};")


if __name__ == "__main__":
    main()
