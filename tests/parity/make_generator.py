#!/usr/bin/python3
"""Writes tests/parity/image/generator.bin: pictures as Keras's ImageDataGenerator moves them, for given draws.

    python3 tests/parity/make_generator.py      (Keras 3.15.1, SciPy 1.17; ImageDataGenerator of Keras 2.15.0 gives the same)

A case is a line "FILL CVAL WIDTH HEIGHT THETA TX TY SHEAR ZX ZY HFLIP VFLIP CHANNEL BRIGHTNESS" (CHANNEL, BRIGHTNESS -1: none), then
float32 pixels 0..255. The pictures are those of make_resize.py.
"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np  # noqa: E402
from keras.src.legacy.preprocessing.image import ImageDataGenerator  # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import numbers  # noqa: E402

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "image", "generator.bin")
CASES = [("nearest", 0, 12, 12, 20, 0, 0, 0, 1, 1, 0, 0, -1, -1), ("nearest", 0, 13, 9, -35, 1.5, -2.25, 12, 0.8, 1.3, 1, 0, -1, -1),
         ("reflect", 0, 11, 8, 70, 6, 3, 0, 1.5, 0.7, 0, 1, -1, -1), ("constant", 77, 10, 10, 15, 2, 1, 5, 1.1, 0.9, 1, 1, -1, -1),
         ("wrap", 0, 9, 12, 33, -7, 11, 0, 1.2, 1.2, 0, 0, -1, -1), ("nearest", 0, 8, 8, 0, 0, 3, 0, 1, 1, 0, 0, 30, -1),
         ("reflect", 0, 8, 10, 0, -20, 30, 0, 1, 1, 0, 0, -1, -1), ("nearest", 0, 12, 7, 10, 0, 0, 0, 1, 1, 1, 0, 12.5, 1.7),
         ("nearest", 0, 9, 9, 0, 0, 0, 0, 1, 1, 0, 0, -1, 0.4)]


def picture(width, height):
    u = numbers(width, width * height * 3).astype(np.float64)
    return np.floor((u + 1) * 128).astype(np.uint8).reshape(height, width, 3)


with open(FILE, "wb") as file:
    for case in CASES:
        fill, cval, width, height, theta, tx, ty, shear, zx, zy, hflip, vflip, channel, brightness = case
        generator = ImageDataGenerator(fill_mode=fill, cval=cval)
        generator.row_axis, generator.col_axis, generator.channel_axis = 1, 2, 3
        draws = {"theta": theta, "tx": tx, "ty": ty, "shear": shear, "zx": zx, "zy": zy, "flip_horizontal": hflip, "flip_vertical": vflip,
                 "channel_shift_intensity": channel if channel >= 0 else None, "brightness": brightness if brightness >= 0 else None}
        got = generator.apply_transform(picture(width, height).astype(np.float32), draws)
        file.write((" ".join(str(v) for v in case) + "\n").encode() + np.ascontiguousarray(got, dtype="<f4").tobytes())
