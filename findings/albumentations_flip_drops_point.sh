#!/usr/bin/env bash
# albumentations 2.0.8: a picture of 101 columns holds every x below 101, as its own check of points says, but HorizontalFlip takes x to
# 100 - x, and a point at 100.4 becomes -0.4 and is left out: the list is shorter than before, and each name behind it is another
# point's. Expected: 101 - x, which stays in the picture.
. "$(dirname "$0")/common.sh"
with albumentations==2.0.8 albucore==0.0.24 numpy==2.4.6 opencv-python-headless==5.0.0.93
export NO_ALBUMENTATIONS_UPDATE=1
seen "2.0.8 NoOp keeps 2 points of 2, HorizontalFlip 1" "$(python/bin/python - 2>/dev/null <<'PY'
import albumentations as A
import numpy

image, points = numpy.zeros((101, 101, 3), numpy.uint8), [(100.4, 50.0), (20.0, 30.0)]


def kept(transform):
    return len(A.Compose([transform], keypoint_params=A.KeypointParams("xy"))(image=image, keypoints=points)["keypoints"])


print(A.__version__, f"NoOp keeps {kept(A.NoOp(p=1))} points of 2, HorizontalFlip {kept(A.HorizontalFlip(p=1))}")
PY
)"
