#!/usr/bin/python3
"""Average precisions of a run for boxes are pycocotools': a detector is trained for an epoch or two on rendered faces, and what its
predictions.csv holds is evaluated again, kind by kind. Run by `make test-peers` with GRIMACE, the binary, in the environment; words
are finished runs to look at instead. Tried with pycocotools 2.0.11."""
import contextlib
import csv
import io
import json
import os
import subprocess
import sys
import tempfile

try:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
except ImportError as error:
    print(f"skip boxes: {error}; run: pip install pycocotools")
    sys.exit(0)

CONFIG = """task: boxes
data: {manifest: data/boxes.csv, group: animal, boxes: [face=box, eye=eye], image: {size: 48}}
split: {scheme: group_kfold, folds: 2}
model: {backbone: blackmice_cnn, head: boxes, boxes: {filters: 16}}
optimizer: {name: adam, lr: 0.003}
train: {epochs: 8, batch_size: 4}
"""


def train(folder):
    """A run for faces and eyes, whose boxes are made of the landmarks."""
    grimace = os.path.realpath(os.environ["GRIMACE"])
    subprocess.run([grimace, "data", "synth", "--preset", "mini", "--size", "48", "--out", "data"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with open(f"{folder}/data/manifest.csv") as table, open(f"{folder}/data/boxes.csv", "w") as out:
        out.write("image,animal,box_x,box_y,box_w,box_h,eye_x,eye_y,eye_w,eye_h\n")
        for row in csv.DictReader(table):
            x, y = ([float(row[f"lm{i}_{axis}"]) for i in range(1, 19)] for axis in "xy")
            face = min(x), min(y), max(x) - min(x), max(y) - min(y)
            out.write(",".join(map(str, [row["image"], row["animal"], *face, x[0] - 4, y[0] - 4, 8, 8])) + "\n")
    with open(f"{folder}/c.yaml", "w") as config:
        config.write(CONFIG)
    subprocess.run([grimace, "cv", "c.yaml", "--out", "run"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return f"{folder}/run"


def boxes(cell):
    """(kind, x, y, w, h, score or none) of each box of a cell."""
    for text in filter(None, cell.split("; ")):
        kind, *numbers = text.split(" ")
        yield kind, *map(float, numbers)


def evaluate(rows, kind):
    images, truths, found = [], [], []
    for i, row in enumerate(rows, 1):
        images.append({"id": i, "width": 10000, "height": 10000})
        for k, *b in boxes(row["label"]):
            if k == kind:
                truths.append({"id": len(truths) + 1, "image_id": i, "category_id": 1, "bbox": b, "area": b[2] * b[3], "iscrowd": 0})
        found += [{"image_id": i, "category_id": 1, "bbox": b, "score": s} for k, *b, s in boxes(row["predicted"]) if k == kind]
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {"images": images, "annotations": truths, "categories": [{"id": 1, "name": kind}]}
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(found), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return dict(zip(("ap", "ap50", "ap75"), map(float, evaluation.stats[:3])))


def compare(run):
    with open(f"{run}/predictions.csv") as table:
        rows = list(csv.DictReader(table))
    with open(f"{run}/results.json") as file:
        results = json.load(file)
    worst = 0.0
    parts = [(fold["fold"], fold) for fold in results["folds"]] + [(None, results["pooled"])]
    for name, part in parts:
        for kind in part["per_kind"]:
            chosen = [row for row in rows if name is None or row["fold"] == name]
            for metric, value in evaluate(chosen, kind["kind"]).items():
                worst = max(worst, abs(value - kind[metric]))
    return worst


bad = 0
with tempfile.TemporaryDirectory() as folder:
    for run in sys.argv[1:] or [train(folder)]:
        worst = compare(run)
        bad += worst > 1e-6
        print(f"{'FAIL' if worst > 1e-6 else 'ok'} boxes: {run}: average precisions are {worst:.1g} from pycocotools'")
sys.exit(bad > 0)
