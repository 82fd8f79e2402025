#!/usr/bin/env bash
# opencv-python-headless 5.0.0.93 on x86-64: cv2.resize with INTER_CUBIC gives other bytes with Intel's library, which the wheels bring
# and use, than with OpenCV's own code, which is all that Debian's package has. The other filters, and doubling a side, give the same.
# Expected: one version, one picture; a network that is trained with the wheel and used with the package sees other pixels.
. "$(dirname "$0")/common.sh"
with opencv-python-headless==5.0.0.93 numpy==2.4.6
[ "$(python/bin/python -c 'import cv2; print(cv2.ipp.useIPP())')" = True ] || { echo "this processor has no Intel library"; exit 2; }
seen "5.0.0 INTER_CUBIC differs by up to 1, the others by up to 0, doubled by up to 0" "$(python/bin/python - <<'PY'
import cv2
import numpy

picture = numpy.random.default_rng(0).integers(0, 256, (60, 80, 3), numpy.uint8)


def difference(name, size):
    resized = []
    for own in (True, False):
        cv2.ipp.setUseIPP(own)
        resized.append(cv2.resize(picture, size, interpolation=getattr(cv2, name)).astype(int))
    return int(abs(resized[0] - resized[1]).max())


others = max(difference(name, (113, 71)) for name in ("INTER_NEAREST", "INTER_LINEAR", "INTER_AREA", "INTER_LANCZOS4"))
print(cv2.__version__, f"INTER_CUBIC differs by up to {difference('INTER_CUBIC', (113, 71))}, the others by up to {others},",
      f"doubled by up to {difference('INTER_CUBIC', (160, 120))}")
PY
)"
