#!/usr/bin/env bash
# sleap-io 0.9.5: in SLEAP's files (0, 0) is the middle of the first pixel (format 1.1 and later). save_coco writes the same numbers, also
# as the box, which COCO's tools tell from the first pixel's corner: pycocotools takes a box from 10 to 20 for the pixels 10 to 19,
# while the points lie in the middle of the pixels 10 and 20. Expected: box and points moved by 0.5.
. "$(dirname "$0")/common.sh"
with sleap-io==0.9.5 numpy==2.4.6 imageio==2.38.1 pycocotools==2.0.11
seen "0.9.5 points 10.0,12.0 20.0,8.0 box [10.0, 8.0, 10.0, 4.0] covers columns 10 to 19" "$(python/bin/python - <<'PY'
import json

import imageio.v3
import numpy
import sleap_io
from pycocotools import mask

imageio.v3.imwrite("a.png", numpy.zeros((32, 32, 3), numpy.uint8))
skeleton = sleap_io.Skeleton(["nose", "ear"])
instance = sleap_io.Instance.from_numpy(numpy.array([[10.0, 12.0], [20.0, 8.0]]), skeleton=skeleton)
frame = sleap_io.LabeledFrame(video=sleap_io.Video.from_filename(["a.png"]), frame_idx=0, instances=[instance])
sleap_io.save_coco(sleap_io.Labels([frame]), "coco.json")
annotation = json.load(open("coco.json"))["annotations"][0]
x1, y1, _, x2, y2, _ = annotation["keypoints"]
x, y, w, h = annotation["bbox"]
outline = [[x, y, x + w, y, x + w, y + h, x, y + h]]
columns = numpy.flatnonzero(mask.decode(mask.frPyObjects(outline, 32, 32))[:, :, 0].any(axis=0))
print(sleap_io.__version__, f"points {x1},{y1} {x2},{y2} box {annotation['bbox']} covers columns {columns[0]} to {columns[-1]}")
PY
)"
