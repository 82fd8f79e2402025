"""What OpenCV finds with cascades that grimace trained, tests/parity/detect/trained_*.xml: the table of make_detect.py for them.
    python3 tests/parity/make_trained.py [check]
Made with OpenCV 4.12.0; 4.6.0 finds the same boxes: `check` compares in place of writing. trained_lbp: model.cascade.features lbp, gentle; trained_haar: haar
all, discrete; both of `grimace data synth --scene cage`."""
import csv
import io
import os
import sys

import cv2
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "detect")
OPTIONS = [(1.1, 0, 0, 0), (1.05, 2, 0, 0), (1.3, 0, 19, 40)]


def main():
    check = sys.argv[1:] == ["check"]
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["cascade", "picture", "scale", "neighbors", "min", "max", "x", "y", "w", "h", "windows"])
    for name in ["trained_haar", "trained_lbp"]:
        reference = cv2.CascadeClassifier(os.path.join(FOLDER, name + ".xml"))
        assert not reference.empty(), name
        for picture in ["p0.png", "p1.png", "p2.png"]:
            image = cv2.imread(os.path.join(FOLDER, picture))
            for scale, neighbors, least, most in OPTIONS:
                boxes, counts = reference.detectMultiScale2(image, scale, neighbors, minSize=(least, least), maxSize=(most, most))
                rows = sorted((*map(int, b), int(n)) for b, n in zip(boxes, np.ravel(counts)))
                for row in rows or [(0, 0, 0, 0, 0)]:
                    table.writerow([name, picture, scale, neighbors, least, most, *row])
    path = os.path.join(FOLDER, "trained.csv")
    if check:
        with open(path) as old:
            same = old.read() == out.getvalue()
        print(f"OpenCV {cv2.__version__}: {'the same boxes' if same else 'other boxes'}")
        return 0 if same else 1
    with open(path, "w") as new:
        new.write(out.getvalue())
    return 0


sys.exit(main())
