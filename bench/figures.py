#!/usr/bin/env python3
"""figures.py GRIMACE [TRIES]: all figures of a run of 30 folds and 10,000 predictions, as SVG, PDF and PNG, by grimace and by
matplotlib from the same files in turn. Both begin a program for all figures of a format: grimace one for each figure, matplotlib one
for all of them (its import is counted once, and told apart). Both read the files, draw the bands by 1,000 bootstrap samples of whole
animals, and write 85 mm wide files; PNG at 300 dpi. Prints the least time of TRIES (3). Exit status 1 where grimace is not 3 times as
fast."""
import csv
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time

FOLDS, ROWS, EPOCHS = 30, 10000, 50


def make(folder):
    """Two runs that might have come from cv: of classes, of scores."""
    draw = random.Random(5)
    for kind in ("classes", "scores"):
        run = os.path.join(folder, kind)
        os.makedirs(run)
        with open(os.path.join(run, "config.yaml"), "w") as out:
            out.write("name: made\ntask: %s\ndata: {manifest: none.csv, label: pain, group: animal%s}\n"
                      % (kind, ", classes: [no_pain, pain]" if kind == "classes" else ""))
        with open(os.path.join(run, "predictions.csv"), "w") as out:
            head = "image,animal,fold,label,predicted"
            out.write(head + (",p_no_pain,p_pain\n" if kind == "classes" else "\n"))
            for i in range(ROWS):
                animal = i * FOLDS // ROWS
                place = "images/%05d.png,rat%02d,rat%02d" % (i, animal, animal)
                if kind == "classes":
                    pain = draw.random() < 0.4
                    p = 1 / (1 + math.exp(-draw.gauss(1.2 if pain else -1.2, 1.5) - 0.03 * (animal - 15)))
                    p = float("%.7f" % p)
                    out.write("%s,%s,%s,%.9g,%.9g\n" % (place, "pain" if pain else "no_pain", "pain" if p > 0.5 else "no_pain", 1 - p, p))
                else:
                    score = draw.randint(0, 20) / 2
                    out.write("%s,%g,%.9g\n" % (place, score, 0.8 * score + 1 + draw.gauss(0, 1)))
        for fold in range(FOLDS):
            part = os.path.join(run, "fold-rat%02d" % fold)
            os.makedirs(part)
            with open(os.path.join(part, "metrics.jsonl"), "w") as out:
                for e in range(1, EPOCHS + 1):
                    loss = 0.7 * math.exp(-e / 20) + draw.gauss(0, 0.01)
                    out.write(json.dumps({"epoch": e, "lr": 1e-4, "train_loss": loss, "train_ce": loss, "train_prsc": None, "train_accuracy": 0.8,
                                          "val_loss": loss + 0.1, "val_ce": loss + 0.1, "val_accuracy": 0.7, "seconds": 1.0}) + "\n")


FIGURES = {"classes": ("learning", "roc", "pr", "confusion", "reliability", "coverage", "animals"), "scores": ("scores", "bland_altman")}


def peer(folder, form):
    """The same figures by matplotlib; prints the seconds that its import took."""
    began = time.perf_counter()
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np
    print(time.perf_counter() - began)
    plt.rcParams.update({"font.size": 8, "pdf.fonttype": 42, "svg.fonttype": "none"})

    def page(height=0.75):
        return plt.subplots(figsize=(85 / 25.4, 85 * height / 25.4), layout="constrained")

    def save(figure, name):
        figure.savefig(os.path.join(folder, name + "." + form), dpi=300)
        plt.close(figure)

    def rows(kind):
        with open(os.path.join(folder, kind, "predictions.csv")) as file:
            return list(csv.DictReader(file))

    run = os.path.join(folder, "classes")
    figure, axes = page()
    for key, colour in (("train_loss", "C0"), ("val_loss", "C1")):
        lines = []
        for fold in sorted(os.listdir(run)):
            if fold.startswith("fold-"):
                with open(os.path.join(run, fold, "metrics.jsonl")) as file:
                    lines.append([json.loads(line)[key] for line in file])
        for line in lines:
            axes.plot(range(1, EPOCHS + 1), line, colour, lw=0.5, alpha=0.35)
        axes.plot(range(1, EPOCHS + 1), np.mean(lines, 0), colour, label=key)
    axes.legend()
    save(figure, "learning")

    table = rows("classes")
    y = np.array([row["label"] == "pain" for row in table])
    right = np.array([row["label"] == row["predicted"] for row in table])
    p = np.array([float(row["p_pain"]) for row in table])
    animal = np.array([row["animal"] for row in table])
    names, number = np.unique(animal, return_inverse=True)
    order = np.argsort(-p, kind="stable")

    def curve(weights):
        tp = np.concatenate([[0], np.cumsum(weights * y[order])])
        fp = np.concatenate([[0], np.cumsum(weights * ~y[order])])
        return tp, fp

    draw = np.random.default_rng(1)
    grid = np.linspace(0, 1, 101)
    for kind in ("roc", "pr"):
        heights = []
        for _ in range(1000):
            counts = np.bincount(draw.integers(0, len(names), len(names)), minlength=len(names))
            tp, fp = curve(counts[number][order])
            if kind == "roc":
                heights.append(np.interp(grid, fp / fp[-1], tp / tp[-1]))
            else:
                at = np.minimum(np.searchsorted(tp / tp[-1], np.maximum(grid, 1e-9)), len(tp) - 1)
                heights.append(tp[at] / np.maximum(tp[at] + fp[at], 1))
        low, high = np.percentile(heights, [2.5, 97.5], axis=0)
        tp, fp = curve(np.ones(len(y)))
        figure, axes = page(1)
        axes.fill_between(grid, low, high, alpha=0.2)
        if kind == "roc":
            axes.plot(fp / fp[-1], tp / tp[-1])
        else:
            axes.step(tp[1:] / tp[-1], tp[1:] / (tp[1:] + fp[1:]))
        save(figure, kind)

    figure, axes = page()
    matrix = np.array([[np.sum((y == a) & ((y == right) == b)) for b in (0, 1)] for a in (0, 1)])
    axes.imshow(matrix / matrix.sum(1, keepdims=True), cmap="Blues")
    for a in (0, 1):
        for b in (0, 1):
            axes.text(b, a, str(matrix[a, b]), ha="center")
    save(figure, "confusion")

    sure = np.maximum(p, 1 - p)
    bins = np.clip(np.ceil(sure * 15).astype(int) - 1, 0, 14)
    there = [b for b in range(15) if (bins == b).any()]
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(85 / 25.4, 94 / 25.4), layout="constrained")
    upper.plot([sure[bins == b].mean() for b in there], [right[bins == b].mean() for b in there], "o-")
    lower.bar(range(15), np.bincount(bins, minlength=15))
    save(figure, "reliability")

    figure, axes = page()
    risk = 1 - np.cumsum(right[np.argsort(-sure, kind="stable")]) / np.arange(1, len(y) + 1)
    axes.plot(np.arange(1, len(y) + 1) / len(y), risk)
    save(figure, "coverage")

    figure, axes = page(1.3)
    shares = [right[animal == name].mean() for name in names]
    axes.plot(shares, range(len(names)), "o")
    axes.set_yticks(range(len(names)), names)
    save(figure, "animals")

    table = rows("scores")
    t = np.array([float(row["label"]) for row in table])
    s = np.array([float(row["predicted"]) for row in table])
    figure, axes = page(1)
    axes.plot(t, s, ".", ms=2, alpha=0.3)
    slope, intercept = np.polyfit(t, s, 1)
    axes.plot(t, intercept + slope * t)
    save(figure, "scores")
    figure, axes = page()
    axes.plot((s + t) / 2, s - t, ".", ms=2, alpha=0.3)
    for z in (-1.96, 0, 1.96):
        axes.axhline(np.mean(s - t) + z * np.std(s - t, ddof=1))
    save(figure, "bland_altman")


def main():
    grimace, tries = os.path.realpath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    import importlib.metadata
    print("matplotlib %s, NumPy %s" % (importlib.metadata.version("matplotlib"), importlib.metadata.version("numpy")))
    slow = False
    with tempfile.TemporaryDirectory() as folder:
        make(folder)
        for form in ("svg", "pdf", "png"):
            ours, theirs, imports = [], [], []
            for _ in range(tries):
                began = time.perf_counter()
                for kind, names in FIGURES.items():
                    for name in names:
                        subprocess.run([grimace, "figure", os.path.join(folder, kind), name, "--force", "--out", os.path.join(folder, "ours." + form)],
                                       check=True, stdout=subprocess.DEVNULL)
                ours.append(time.perf_counter() - began)
                began = time.perf_counter()
                said = subprocess.run([sys.executable, __file__, "--peer", folder, form], check=True, capture_output=True, text=True).stdout
                theirs.append(time.perf_counter() - began)
                imports.append(float(said.split()[0]))
            ratio = min(theirs) / min(ours)
            slow |= ratio < 3
            print("%s: grimace %.2f s (%d programs), matplotlib %.2f s (of which import %.2f s), %.1f x"
                  % (form, min(ours), sum(map(len, FIGURES.values())), min(theirs), min(imports), ratio))
    return 1 if slow else 0


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--peer":
        peer(sys.argv[2], sys.argv[3])
    else:
        sys.exit(main())
