"""Makes tests/parity/detect: small cascades of random features and what OpenCV finds with them.
    python3 tests/parity/make_detect.py [check]
Made with OpenCV 4.6.0 (Debian 12's python3-opencv); 4.10.0, 4.12.0 and 5.0.0 (contrib) find the same boxes: `check` compares with the OpenCV that
it runs with, in place of writing. check_detect.py does so with Debian's cascades and several OpenCVs.
haar: upright stumps; tilted: both kinds; tree: trees of three nodes; lbp and lbp_tree; old: the format of opencv_haartraining. Their
windows are no squares. boxes.csv has the boxes sorted, with the number of windows of each."""
import csv
import io
import os
import random
import sys

import cv2
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "detect")
WIDTH, HEIGHT = 14, 12
OPTIONS = [(1.1, 0, 0, 24), (1.1, 2, 0, 0), (1.3, 1, 16, 40), (1.05, 3, 0, 0), (2.0, 0, 0, 0), (1.1, 1, 19, 19)]
SHAPES = [[1, 0, 2], [0, 2, 1], [2, 1, 0]]


def haar_feature(rng, tilted):
    """Two or three rectangles of which the first holds the others."""
    while True:
        w, h = rng.randint(1, 4), rng.randint(1, 4)
        parts = rng.choice([2, 3])
        x, y = rng.randint(0, WIDTH), rng.randint(0, HEIGHT)
        whole = (x, y, w * parts, h)
        if tilted and not (x - h >= 0 and x + whole[2] <= WIDTH and y + whole[2] + h <= HEIGHT):
            continue
        if not tilted and not (x + whole[2] <= WIDTH and y + h <= HEIGHT):
            continue
        inner = (x + w, y + (w if tilted else 0), w, h)
        rects = [(*whole, -1), (*inner, parts)]
        if parts == 3 and rng.random() < 0.5:
            rects = [(*whole, -1), (*inner, 2), (x, y, w, h, 1)]
        return rects


def haar_threshold(rng):
    return rng.uniform(-0.02, 0.02)


def children(rng, nodes):
    """Node i goes on to nodes behind it or to leaves; every node but the first has one parent."""
    links, leaf, free = [[None, None] for _ in range(nodes)], 0, [(0, 0), (0, 1)]
    for node in range(1, nodes):
        parent, side = free.pop(rng.randrange(len(free)))
        links[parent][side] = node
        free += [(node, 0), (node, 1)]
    for parent, side in sorted(free):
        links[parent][side] = -leaf
        leaf += 1
    return links


def make_cascade(seed, kind, nodes, tilted, strict=0, stages=4, trees=5):
    rng = random.Random(seed)
    features, lines = [], []
    for stage in range(stages):
        lines.append(f"<_><maxWeakCount>{trees}</maxWeakCount><stageThreshold>{-1.2 + strict + 0.25 * stage:.6f}</stageThreshold><weakClassifiers>")
        for _ in range(trees):
            numbers = []
            for left, right in children(rng, nodes):
                numbers += [left, right, len(features)]
                if kind == "LBP":
                    w, h = rng.randint(1, WIDTH // 3), rng.randint(1, HEIGHT // 3)
                    features.append(f"<_><rect>{rng.randint(0, WIDTH - 3 * w)} {rng.randint(0, HEIGHT - 3 * h)} {w} {h}</rect></_>")
                    numbers += [rng.randint(-2**31, 2**31 - 1) for _ in range(8)]
                else:
                    turned = tilted and rng.random() < 0.6
                    rects = "".join("<_>{} {} {} {} {}.</_>".format(*r) for r in haar_feature(rng, turned))
                    features.append(f"<_><rects>{rects}</rects><tilted>{int(turned)}</tilted></_>")
                    numbers.append(f"{haar_threshold(rng):.9g}")
            leaves = [f"{rng.uniform(-1, 1):.9g}" for _ in range(nodes + 1)]
            lines.append(f"<_><internalNodes>{' '.join(map(str, numbers))}</internalNodes><leafValues>{' '.join(leaves)}</leafValues></_>")
        lines.append("</weakClassifiers></_>")
    return "\n".join(['<?xml version="1.0"?>', "<opencv_storage>", '<cascade type_id="opencv-cascade-classifier">',
                      f"<stageType>BOOST</stageType><featureType>{kind}</featureType><height>{HEIGHT}</height><width>{WIDTH}</width>",
                      f"<stageParams><maxWeakCount>{trees}</maxWeakCount></stageParams>",
                      f"<featureParams><maxCatCount>{256 if kind == 'LBP' else 0}</maxCatCount></featureParams>",
                      f"<stageNum>{stages}</stageNum><stages>", *lines, "</stages>", "<features>", *features, "</features>",
                      "</cascade>", "</opencv_storage>", ""])


def make_old(seed, stages=3, trees=4, nodes=2):
    rng = random.Random(seed)
    lines = []
    for stage in range(stages):
        lines.append("<_><trees>")
        for _ in range(trees):
            lines.append("<_>")
            for left, right in children(rng, nodes):
                turned = rng.random() < 0.5
                rects = "".join("<_>{} {} {} {} {}.</_>".format(*r) for r in haar_feature(rng, turned))
                lines.append(f"<_><feature><rects>{rects}</rects><tilted>{int(turned)}</tilted></feature>"
                             f"<threshold>{haar_threshold(rng):.17g}</threshold>")
                for side, child in (("left", left), ("right", right)):
                    lines.append(f"<{side}_node>{child}</{side}_node>" if child > 0 else
                                 f"<{side}_val>{rng.uniform(-1, 1):.17g}</{side}_val>")
                lines.append("</_>")
            lines.append("</_>")
        lines.append(f"</trees><stage_threshold>{-0.2 + 0.3 * stage:.17g}</stage_threshold><parent>{stage - 1}</parent>"
                     "<next>-1</next></_>")
    return "\n".join(['<?xml version="1.0"?>', "<opencv_storage>", '<old type_id="opencv-haar-classifier">',
                      f"<size>{WIDTH} {HEIGHT}</size>", "<stages>", *lines, "</stages>", "</old>", "</opencv_storage>", ""])


def make_pictures():
    rng = np.random.default_rng(3)
    for i, (width, height, sigma) in enumerate([(47, 33, 1.0), (70, 52, 2.0), (31, 64, 0.0)]):
        noise = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        if sigma > 0:
            noise = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), sigma), None, 0, 255, cv2.NORM_MINMAX)
        if i == 1:
            noise[10:30, 20:50] = 90  # without contrast
        yield f"p{i}.png", noise


def main():
    check = sys.argv[1:] == ["check"]
    if not hasattr(cv2, "CascadeClassifier"):
        sys.exit(f"OpenCV {cv2.__version__} has no cascades; its contrib package, or OpenCV 4, would be right")
    cascades = {"haar": make_cascade(1, "HAAR", 1, False, 0.9), "tilted": make_cascade(2, "HAAR", 1, True),
                "tree": make_cascade(3, "HAAR", 3, True, 0.8), "lbp": make_cascade(4, "LBP", 1, False),
                "lbp_tree": make_cascade(5, "LBP", 2, False), "old": make_old(6)}
    os.makedirs(FOLDER, exist_ok=True)
    for name, text in cascades.items():
        if not check:
            with open(os.path.join(FOLDER, name + ".xml"), "w") as out:
                out.write(text)
    if not check:
        for name, image in make_pictures():
            cv2.imwrite(os.path.join(FOLDER, name), image, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["cascade", "picture", "scale", "neighbors", "min", "max", "x", "y", "w", "h", "windows"])
    for name in cascades:
        reference = cv2.CascadeClassifier(os.path.join(FOLDER, name + ".xml"))
        assert not reference.empty() and reference.getOriginalWindowSize() == (WIDTH, HEIGHT), name
        for picture, _ in make_pictures():
            image = cv2.imread(os.path.join(FOLDER, picture))
            for scale, neighbors, least, most in OPTIONS:
                boxes, counts = reference.detectMultiScale2(image, scale, neighbors, minSize=(least, least), maxSize=(most, most))
                rows = sorted((*map(int, b), int(n)) for b, n in zip(boxes, np.ravel(counts)))
                for row in rows or [(0, 0, 0, 0, 0)]:
                    table.writerow([name, picture, scale, neighbors, least, most, *row])
    path = os.path.join(FOLDER, "boxes.csv")
    if check:
        with open(path) as old:
            same = old.read() == out.getvalue()
        print(f"OpenCV {cv2.__version__}: {'the same boxes' if same else 'other boxes'}")
        return 0 if same else 1
    with open(path, "w") as new:
        new.write(out.getvalue())
    return 0


sys.exit(main())
