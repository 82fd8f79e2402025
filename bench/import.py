#!/usr/bin/env python3
"""Times `grimace data import` on annotations of many pictures, and pandas with Pillow doing the same work.

    python3 bench/import.py build/grimace [ROWS]        with numpy, pandas and pillow; ROWS 200000

A DeepLabCut table and a COCO file of 12 points, whose pictures are links to one file. Both programs read the annotations, look at each
picture's size, move the points and write the manifest; times are seconds of the processor.
"""
import json
import os
import resource
import subprocess
import sys
import tempfile

POINTS = 12
PANDAS = """
import json, sys
import pandas as pd
from PIL import Image
kind, source, out = sys.argv[1:]
if kind == "deeplabcut":
    table = pd.read_csv(source, header=[0, 1, 2], index_col=[0, 1, 2]) + 0.5
    table.index = ["/".join(parts[2:]) for parts in table.index]
else:
    whole = json.load(open(source))
    names = {image["id"]: image["file_name"] for image in whole["images"]}
    table = pd.DataFrame([a["bbox"] + a["keypoints"] for a in whole["annotations"]],
                         index=[names[a["image_id"]] for a in whole["annotations"]])
sizes = [Image.open(name).size for name in table.index]
assert len(sizes) == len(table)
table.to_csv(out)
"""


def make(rows):
    import numpy as np
    import pandas as pd
    from PIL import Image
    names = [f"p{i:07d}.png" for i in range(rows)]
    Image.new("RGB", (256, 256)).save(names[0])
    for name in names[1:]:
        os.symlink(names[0], name)
    points = np.random.default_rng(1).random((rows, POINTS, 2)).round(6) * 200
    columns = pd.MultiIndex.from_product([["me"], [f"p{i}" for i in range(POINTS)], ["x", "y"]],
                                         names=["scorer", "bodyparts", "coords"])
    index = pd.MultiIndex.from_tuples([("labeled-data", "video", name) for name in names])
    pd.DataFrame(points.reshape(rows, -1), columns=columns, index=index).to_csv("deeplabcut.csv")
    images = [dict(id=i, file_name=name, width=256, height=256) for i, name in enumerate(names)]
    annotations = [dict(id=i, image_id=i, category_id=1, bbox=[10, 10, 100.5, 100], iscrowd=0,
                        keypoints=[v for x, y in points[i].tolist() for v in (x, y, 2)]) for i in range(rows)]
    categories = [dict(id=1, name="rat", keypoints=[f"p{i}" for i in range(POINTS)])]
    with open("coco.csv", "w") as file:
        json.dump(dict(images=images, annotations=annotations, categories=categories), file)


def measure(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    grimace = os.path.realpath(sys.argv[1])
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 200000
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make(rows)
        print(f"{rows} rows, seconds of the processor")
        for kind in ("deeplabcut", "coco"):
            own = measure([grimace, "data", "import", kind, f"{kind}.csv", "--out", "own.csv", "--force"])
            other = measure([sys.executable, "-c", PANDAS, kind, f"{kind}.csv", "other.csv"])
            print(f"{kind:10} grimace {own:6.2f}   pandas with Pillow {other:6.2f}   {other / own:4.1f} times")


if __name__ == "__main__":
    main()
