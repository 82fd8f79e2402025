#!/usr/bin/python3
"""Writes tests/parity/image/random_layers.bin: pictures as Keras's random layers move them, for given draws.

    python3 tests/parity/make_random_layers.py      (Keras 3.15.1 on TensorFlow 2.21.0)

A case is a line "FILL CVAL WIDTH HEIGHT HFLIP VFLIP ANGLE RIGHT DOWN ZOOM", then float32 pixels 0..255. The pictures are those of
make_resize.py. The draws go to the layers in the form that their get_random_transformation gives them.
"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import numbers  # noqa: E402

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "image", "random_layers.bin")
CASES = [("reflect", 0, 12, 12, 0, 0, 20, 0, 0, 1), ("reflect", 0, 13, 9, 1, 0, -35, 1.5, -2.25, 0.8),
         ("reflect", 0, 11, 8, 0, 1, 170, 25, -19, 1.9), ("nearest", 0, 10, 10, 1, 1, 15, 2, 1, 1.1),
         ("constant", 77, 9, 12, 0, 0, 33, -7, 11, 1.2), ("wrap", 0, 8, 8, 0, 0, 10, 3.5, -12.25, 1.3),
         ("reflect", 0, 8, 10, 0, 0, 0, -20, 30, 1), ("reflect", 0, 12, 7, 1, 0, 0, 0, 0, 0.55), ("wrap", 0, 9, 9, 0, 0, -60, 0, 0, 1),
         ("constant", 200, 9, 9, 0, 0, 0, 0.25, 0, 1)]


def picture(width, height):
    u = numbers(width, width * height * 3).astype(np.float64)
    return np.floor((u + 1) * 128).astype(np.uint8).reshape(height, width, 3)


def moved(x, fill, cval, hflip, vflip, angle, right, down, zoom):
    named, (_, height, width, _) = {"fill_mode": fill, "fill_value": float(cval)}, x.shape
    for mode, flips in (("horizontal", hflip), ("vertical", vflip)):
        x = layers.RandomFlip(mode)._flip_inputs(x, {"flips": np.full((1, 1, 1, 1), bool(flips))})
    rotation = layers.RandomRotation(0.5, **named)
    if angle:
        zero, one = np.zeros(1, np.float32), np.ones(1, np.float32)
        matrix = rotation._compute_affine_matrix(center_x=0.5, center_y=0.5, angle=keras.ops.convert_to_tensor(np.float32([angle])),
                                                 translate_x=zero, translate_y=zero, scale=one, shear_x=zero, shear_y=zero,
                                                 height=height, width=width)
        x = rotation._transform_images(x, {"rotation_matrix": matrix}, "bilinear")
    if right or down:
        translation = layers.RandomTranslation(0.5, 0.5, **named)
        x = translation._translate_inputs(x, {"translations": keras.ops.convert_to_tensor(np.float32([[right, down]]))}, "bilinear")
    if zoom != 1:
        factor = keras.ops.convert_to_tensor(np.float32([[zoom]]))
        x = layers.RandomZoom(0.5, **named)._zoom_inputs(x, {"height_zoom": factor, "width_zoom": factor}, "bilinear")
    return np.array(x)[0]


with open(FILE, "wb") as file:
    for case in CASES:
        fill, cval, width, height, *drawn = case
        got = moved(keras.ops.convert_to_tensor(picture(width, height).astype(np.float32)[None]), fill, cval, *drawn)
        file.write((" ".join(str(v) for v in case) + "\n").encode() + np.ascontiguousarray(got, dtype="<f4").tobytes())
