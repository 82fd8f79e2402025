#!/usr/bin/python3
"""Writes tests/parity/image/resample.bin: pictures as Pillow, TensorFlow and OpenCV resize them by each of their filters.

    python3 tests/parity/make_resize.py      (Pillow 13.0.0, TensorFlow 2.21.0, opencv-python-headless 5.0.0.93)

A case is a line "LIKE FILTER ANTIALIAS IN_W IN_H OUT_W OUT_H", then the pixels: bytes, or of tf float32. The pictures are those of
make_image.py's kind: byte i of a picture is (common.numbers(stream) + 1) * 128, smooth ones sums of waves; stream is IN_W.
"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import cv2  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from PIL import Image  # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import numbers  # noqa: E402

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "image", "resample.bin")
cv2.ipp.setUseIPP(False)  # OpenCV's own code, as Debian builds it: Intel's, in the wheels, has the cubic in floats
SIZES = [(23, 17, 11, 9), (16, 12, 8, 6), (11, 13, 24, 31), (30, 20, 10, 4), (19, 7, 19, 12), (40, 33, 7, 5), (9, 9, 20, 5)]
PILLOW = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS, "area": Image.BOX}
OPENCV = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC, "lanczos": cv2.INTER_LANCZOS4,
          "area": cv2.INTER_AREA}
TENSORFLOW = {"nearest": "nearest", "bilinear": "bilinear", "bicubic": "bicubic", "lanczos": "lanczos3", "area": "area"}


def picture(width, height):
    u = numbers(width, width * height * 3).astype(np.float64)
    return np.floor((u + 1) * 128).astype(np.uint8).reshape(height, width, 3)


def main():
    with open(FILE, "wb") as file:
        for in_w, in_h, out_w, out_h in SIZES:
            image = picture(in_w, in_h)

            def put(like, name, antialias, pixels):
                file.write(f"{like} {name} {antialias} {in_w} {in_h} {out_w} {out_h}\n".encode() + np.ascontiguousarray(pixels).tobytes())

            for name, value in PILLOW.items():
                if out_h < in_h and in_h - out_h > 2 * (in_w - out_w):
                    continue  # since version 13 Pillow begins with columns there, before it always with rows
                put("pillow", name, 0, np.asarray(Image.fromarray(image).resize((out_w, out_h), value)))
            for name, value in OPENCV.items():
                put("opencv", name, 0, cv2.resize(image, (out_w, out_h), interpolation=value))
            for name, value in TENSORFLOW.items():
                for antialias in (0, 1):
                    got = tf.image.resize(image, (out_h, out_w), method=value, antialias=bool(antialias))
                    put("tf", name, antialias, np.asarray(got, dtype="<f4"))


main()
