#!/usr/bin/env bash
# albumentations 2.0.8: Affine(shear={"x": 10}) asks for a shear along x alone, and moves points along y by one degree, too: the value of
# the axis that is not named is 1, which is right for a scale and not for degrees. Expected: y stays, as with {"x": 10, "y": 0}.
. "$(dirname "$0")/common.sh"
with albumentations==2.0.8 albucore==0.0.24 numpy==2.4.6 opencv-python-headless==5.0.0.93
export NO_ALBUMENTATIONS_UPDATE=1
seen "2.0.8 x alone: y 50.000 becomes 50.524; x and y 0: y 50.000 becomes 50.000" "$(python/bin/python - 2>/dev/null <<'PY'
import albumentations as A
import numpy

image = numpy.zeros((101, 101, 3), numpy.uint8)


def y_after(shear):
    points = A.KeypointParams("xy", remove_invisible=False)
    return A.Compose([A.Affine(shear=shear, p=1)], keypoint_params=points)(image=image, keypoints=[(20, 50)])["keypoints"][0][1]


print(A.__version__, f"x alone: y 50.000 becomes {y_after({'x': 10}):.3f};",
      f"x and y 0: y 50.000 becomes {y_after({'x': (10, 10), 'y': (0, 0)}):.3f}")
PY
)"
