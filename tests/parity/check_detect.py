"""Searches with every cascade of Debian's opencv-data by several OpenCVs and by grimace: the same boxes, before and after grouping?
    GRIMACE=build/grimace python3 tests/parity/check_detect.py PYTHON... [-- PICTURE...]
PYTHON is an interpreter that has an OpenCV (pip install opencv-python-headless==4.6.0.66 'numpy<2', ==4.10.0.84, ==4.12.0.88;
opencv-contrib-python-headless 5: the main package of 5 need not have cascades). Pictures of many sizes are made by the first of them, those
named behind -- are looked at as well. Exit status 1 where grimace's boxes are others than an OpenCV's; where OpenCVs differ among
themselves is told only. SEED, and CASCADES (folders with colons between) may be set. Not part of make test: it takes minutes."""
import csv
import glob
import hashlib
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile

FOLDERS = os.environ.get("CASCADES", "/usr/share/opencv4/haarcascades:/usr/share/opencv4/lbpcascades").split(":")
SEED = int(os.environ.get("SEED", "1"))
SIZES = [(1, 1), (19, 19), (20, 20), (24, 24), (25, 24), (33, 300), (64, 48), (97, 61), (133, 200), (200, 47), (320, 240), (401, 333),
         (555, 131), (640, 480), (800, 450)]


def make(folder, given):
    """Blurred noise of every size, of three roughnesses in turn, pieces of the given pictures in the same sizes, and these."""
    import cv2
    import numpy as np
    rng = np.random.default_rng(SEED)
    given = [(path, cv2.imread(path)) for path in given]
    made = []
    for i, (width, height) in enumerate(SIZES):
        noise = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        noise = cv2.GaussianBlur(noise, (0, 0), [0.6, 1.5, 4][i % 3])
        made.append(cv2.normalize(noise, None, 0, 255, cv2.NORM_MINMAX))
        for path, whole in given:
            assert whole is not None, path
            made.append(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA))
    for i, image in enumerate(made + [whole for _, whole in given]):
        cv2.imwrite(os.path.join(folder, f"{i:03}.png"), image)


def searches():
    """[cascade, scale, neighbours, least, most]: before grouping and after it, with options drawn at random."""
    choose = random.Random(SEED)
    found = []
    for path in sorted(p for f in FOLDERS for p in glob.glob(os.path.join(f, "*.xml"))):
        for neighbors in (0, 3, choose.choice([0, 1, 2, 5])):
            scale, least, most = choose.choice([1.05, 1.1, 1.1, 1.3, 2]), choose.choice([0, 0, 30, 50]), choose.choice([0, 0, 60, 200])
            found.append([path, scale, neighbors, least, most if most >= least else 0])
    return found


def search(folder):
    """By the OpenCV of this interpreter: for every search and picture the boxes, and hashes of what else versions may differ in."""
    import cv2
    import numpy as np
    paths = sorted(glob.glob(os.path.join(folder, "*.png")))
    images = [cv2.imread(path) for path in paths]
    out = {"version": cv2.__version__, "boxes": {}, "order": {}, "levels": {}, "grey": {}}
    for path, image in zip(paths, images):
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        half = cv2.resize(grey, (max(1, grey.shape[1] * 5 // 7), max(1, grey.shape[0] * 5 // 7)), interpolation=cv2.INTER_LINEAR_EXACT)
        out["grey"][path] = hashlib.sha1(image.tobytes() + grey.tobytes() + half.tobytes()).hexdigest()
    cv2.setNumThreads(1)
    for one in searches():
        cascade = cv2.CascadeClassifier(one[0])
        for path, image in zip(paths, images):
            sizes = {"minSize": (one[3], one[3]), "maxSize": (one[4], one[4])}
            boxes, counts = cascade.detectMultiScale2(image, one[1], one[2], **sizes)
            rows = [[*map(int, box), int(n)] for box, n in zip(boxes, np.ravel(counts))]
            key = json.dumps([one, os.path.basename(path)])
            out["boxes"][key] = sorted(rows)
            out["order"][key] = rows
            if one[2] > 0:
                boxes, levels, weights = cascade.detectMultiScale3(image, one[1], one[2], outputRejectLevels=True, **sizes)
                rows = sorted([*map(int, b), int(l), float(w)] for b, l, w in zip(boxes, np.ravel(levels), np.ravel(weights)))
                out["levels"][key] = rows
    json.dump(out, sys.stdout)


def grimace(folder):
    found = {}
    paths = sorted(glob.glob(os.path.join(folder, "*.png")))
    for one in searches():
        words = ["--scale", one[1], "--neighbors", one[2], "--min-size", one[3]] + (["--max-size", one[4]] if one[4] > 0 else [])
        table = os.path.join(folder, "out.csv")
        subprocess.run([os.environ["GRIMACE"], "detect", one[0], *paths, "--all", *map(str, words), "--out", table, "--force"], check=True,
                       stdout=subprocess.DEVNULL)
        boxes = {path: [] for path in paths}
        with open(table, newline="") as rows:
            for row in csv.DictReader(rows):
                if row["box_x"]:
                    boxes[row["image"]].append([int(row[k]) for k in ("box_x", "box_y", "box_w", "box_h", "box_score")])
        for path in boxes:
            found[json.dumps([one, os.path.basename(path)])] = sorted(boxes[path])
    return found


def compare(theirs, ours):
    bad = 0
    for key, boxes in theirs["boxes"].items():
        if boxes != ours[key]:
            bad += 1
            print(f"FAIL {key}: {len(boxes)} boxes of OpenCV {theirs['version']}, {len(ours[key])} of grimace's")
    raw = [k for k in theirs["boxes"] if json.loads(k)[0][2] == 0]
    counts = sum(len(theirs["boxes"][k]) for k in raw), sum(len(b) for b in theirs["boxes"].values())
    print(f"{'FAIL' if bad else 'ok'} OpenCV {theirs['version']}: {len(raw)} searches without grouping find {counts[0]} boxes, "
          f"{len(theirs['boxes']) - len(raw)} with it {counts[1] - counts[0]}; in {bad} grimace finds others")
    return bad


def main():
    words = sys.argv[1:]
    if words[:1] == ["make"]:
        return make(words[1], words[2:])
    if words[:1] == ["search"]:
        return search(words[1])
    pythons = list(itertools.takewhile(lambda w: w != "--", words))
    given = [os.path.realpath(p) for p in words[len(pythons) + 1:]]
    if not pythons or not searches():
        sys.exit("an interpreter with an OpenCV, and cascades (apt-get install opencv-data), would be right")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([pythons[0], __file__, "make", folder, *given], check=True)
        ours = grimace(folder)
        found = [json.loads(subprocess.run([p, __file__, "search", folder], check=True, stdout=subprocess.PIPE).stdout) for p in pythons]
    bad = sum(compare(theirs, ours) for theirs in found)
    for a, b in itertools.combinations(found, 2):
        differ = {what: sum(a[what][k] != b[what][k] for k in a[what]) for what in ("boxes", "order", "levels", "grey")}
        print(f"OpenCV {a['version']} and {b['version']}: other boxes in {differ['boxes']} of {len(a['boxes'])} searches, in another order "
              f"in {differ['order']}, other levels or weights (detectMultiScale3) in {differ['levels']} of {len(a['levels'])}, other grey or "
              f"smaller pixels in {differ['grey']} of {len(a['grey'])} pictures")
    return 1 if bad else 0


sys.exit(main())
