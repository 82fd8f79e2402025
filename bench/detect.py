#!/usr/bin/python3
"""Times OpenCV's detectMultiScale and grimace's on one picture, in turn, in one run, with the same threads; their boxes must be equal.
    python3 bench/detect.py GRIMACE [CASCADE [PICTURE]]
Without a picture a blurred noise of 1280 x 720 is made, without a cascade Debian's frontal face is taken (opencv-data). Both times are
those of the search alone: the picture is read, and grey for OpenCV, before. The least and the middle of ROUNDS (9) are printed."""
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np

REPEATS = 4


def grimace(program, cascade, picture, threads, folder):
    """Milliseconds a search, the mean of REPEATS, and the boxes."""
    out = os.path.join(folder, "out.csv")
    words = [program, "detect", cascade, *[picture] * REPEATS, "--all", "--threads", str(threads), "--out", out, "--force"]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    with open(out) as table:
        boxes = {tuple(map(int, line.split(",")[1:6])) for line in list(table)[1:] if ",,," not in line}
    return float(re.search(r"([0-9.]+) ms an image", said).group(1)), boxes


def opencv(reference, grey, threads):
    cv2.setNumThreads(threads)
    begun = time.perf_counter()
    for _ in range(REPEATS):
        boxes, counts = reference.detectMultiScale2(grey, 1.1, 3)
    spent = (time.perf_counter() - begun) * 1000 / REPEATS
    return spent, {(*map(int, box), int(n)) for box, n in zip(boxes, np.ravel(counts))}


def main():
    program = os.path.realpath(sys.argv[1])
    cascade = sys.argv[2] if len(sys.argv) > 2 else "/usr/share/opencv4/haarcascades/haarcascade_frontalface_default.xml"
    rounds, bad = int(os.environ.get("ROUNDS", "9")), 0
    reference = cv2.CascadeClassifier(cascade)
    with tempfile.TemporaryDirectory() as folder:
        picture = sys.argv[3] if len(sys.argv) > 3 else os.path.join(folder, "noise.png")
        if len(sys.argv) <= 3:
            noise = np.random.default_rng(1).integers(0, 256, (720, 1280, 3), dtype=np.uint8)
            cv2.imwrite(picture, cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 0, 255, cv2.NORM_MINMAX))
        grey = cv2.cvtColor(cv2.imread(picture), cv2.COLOR_BGR2GRAY)
        print(f"OpenCV {cv2.__version__}, {os.path.basename(cascade)}, {grey.shape[1]}x{grey.shape[0]}, scale 1.1, 3 neighbours; ms")
        print("threads   opencv  middle   grimace  middle   times")
        for threads in (1, 2):
            theirs, ours = [], []
            for _ in range(rounds):
                spent, want = opencv(reference, grey, threads)
                theirs.append(spent)
                spent, got = grimace(program, cascade, picture, threads, folder)
                ours.append(spent)
                bad += want != got
            print(f"{threads:7} {min(theirs):8.1f} {statistics.median(theirs):7.1f} {min(ours):9.1f} {statistics.median(ours):7.1f} "
                  f"{min(theirs) / min(ours):7.2f}", flush=True)
    print(f"boxes differ in {bad} rounds" if bad else f"equal boxes: {len(want)}")
    return 1 if bad else 0


sys.exit(main())
