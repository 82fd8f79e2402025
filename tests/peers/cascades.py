#!/usr/bin/python3
"""OpenCV and grimace find the same boxes: every cascade of Debian's opencv-data (or of the folders in CASCADES), pictures of many
sizes, with options drawn at random; before grouping (0 neighbours) and after it, with the number of windows of each box.
Run by `make test-peers` with GRIMACE, the binary, in the environment; words are pictures to look at beside those that are made here.
SEED and ROUNDS (pictures a cascade) say more. Tried with OpenCV 4.6.0, 4.10.0 and 4.12.0."""
import collections
import csv
import glob
import os
import random
import subprocess
import sys
import tempfile

try:
    import cv2
    import numpy as np
    cv2.CascadeClassifier
except (ImportError, AttributeError) as error:
    print(f"skip cascades: {error}; run: apt-get install python3-opencv opencv-data")
    sys.exit(0)

GRIMACE = os.path.realpath(os.environ["GRIMACE"])
FOLDERS = os.environ.get("CASCADES", "/usr/share/opencv4/haarcascades:/usr/share/opencv4/lbpcascades").split(":")
SIZES = [(24, 24), (25, 24), (97, 61), (64, 48), (133, 200), (320, 240), (401, 333), (200, 47), (640, 360), (20, 20), (555, 131)]


def picture(rng, given):
    """A picture of some size: blurred noise, or a piece of a given one, or all of it made smaller."""
    width, height = SIZES[rng.integers(len(SIZES))]
    kind = rng.integers(3) if given else 0
    if kind == 0:
        noise = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        noise = cv2.GaussianBlur(noise, (0, 0), float(rng.choice([0.6, 1.5, 4])))
        return cv2.normalize(noise, None, 0, 255, cv2.NORM_MINMAX)
    whole = given[rng.integers(len(given))]
    if kind == 1 or whole.shape[0] < height or whole.shape[1] < width:
        return cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    y, x = rng.integers(whole.shape[0] - height + 1), rng.integers(whole.shape[1] - width + 1)
    return whole[y:y + height, x:x + width].copy()


def boxes(path):
    found = collections.defaultdict(list)
    with open(path, newline="") as table:
        for row in csv.DictReader(table):
            found[row["image"]] += [tuple(int(row[k]) for k in ("box_x", "box_y", "box_w", "box_h", "box_score"))] if row["box_x"] else []
    return found


def main():
    seed, rounds = int(os.environ.get("SEED", "1")), int(os.environ.get("ROUNDS", "12"))
    rng, choose = np.random.default_rng(seed), random.Random(seed)
    cascades = sorted(path for folder in FOLDERS for path in glob.glob(os.path.join(folder, "*.xml")))
    if not cascades:
        print("skip cascades: there are none; run: apt-get install opencv-data")
        return 0
    given = [cv2.imread(word) for word in sys.argv[1:]]
    bad = cases = total = 0
    with tempfile.TemporaryDirectory() as folder:
        pictures = [picture(rng, given) for _ in range(rounds)] + given
        paths = [os.path.join(folder, f"{i}.png") for i in range(len(pictures))]
        for path, image in zip(paths, pictures):
            cv2.imwrite(path, image)
        for cascade in cascades:
            reference = cv2.CascadeClassifier(cascade)
            for neighbors in (0, choose.choice([1, 2, 3, 5])):
                scale, least, most = choose.choice([1.05, 1.1, 1.3, 2]), choose.choice([0, 0, 30, 50]), choose.choice([0, 0, 60, 200])
                words = ["--all", "--scale", scale, "--neighbors", neighbors, "--min-size", least]
                words += ["--max-size", most] if most >= least else []
                most = most if most >= least else 0
                out = os.path.join(folder, "out.csv")
                subprocess.run([GRIMACE, "detect", cascade, *paths, *map(str, words), "--out", out, "--force"], check=True,
                               stdout=subprocess.DEVNULL)
                ours = boxes(out)
                for path, image in zip(paths, pictures):
                    found, numbers = reference.detectMultiScale2(image, scale, neighbors, minSize=(least, least), maxSize=(most, most))
                    theirs = sorted((*map(int, box), int(n)) for box, n in zip(found, np.ravel(numbers)))
                    cases, total = cases + 1, total + len(theirs)
                    if theirs != sorted(ours[path]):
                        bad += 1
                        print(f"FAIL {os.path.basename(cascade)} {image.shape[1]}x{image.shape[0]} {words}: {len(theirs)} boxes of "
                              f"OpenCV's, {len(ours[path])} of grimace's")
    print(f"{'FAIL' if bad else 'ok'} cascades: {len(cascades)} cascades, {cases} searches, {total} boxes as OpenCV {cv2.__version__} "
          f"finds them, {bad} differ")
    return 1 if bad or total == 0 else 0


sys.exit(main())
