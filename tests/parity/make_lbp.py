#!/usr/bin/python3
"""Makes the reference of the local binary patterns with scikit-image 0.19.

    python3 tests/parity/make_lbp.py            writes tests/parity/lbp/codes.bin

A case is a line "method radius points width height" (method 0 uniform, 1 default, 2 ror), the grey bytes, and the codes as
16-bit little-endian numbers. Half of the images are coarse (steps of 40) or flat in part: there ties decide.
"""
import os

import numpy as np
from skimage.feature import local_binary_pattern

rng = np.random.default_rng(8)
images = [
    rng.integers(0, 256, (17, 23)),
    rng.integers(0, 6, (20, 16)) * 40,
    np.full((9, 9), 77),
    np.kron(rng.integers(0, 256, (4, 5)), np.ones((5, 4), int)),
    rng.integers(0, 256, (1, 3)),
]
folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lbp")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "codes.bin"), "wb") as file:
    for image in images:
        image = image.astype(np.uint8)
        for number, method in enumerate(["uniform", "default", "ror"]):
            for radius, points in [(1, 8), (3, 8), (1.5, 12), (2, 16)]:
                codes = local_binary_pattern(image, points, radius, method).astype("<u2")
                height, width = image.shape
                file.write(f"{number} {radius} {points} {width} {height}\n".encode() + image.tobytes() + codes.tobytes())
