#!/usr/bin/env python3
"""Times each filter and enhancement against Pillow and OpenCV, one thread each, in turn, in one run.

    python3 bench/filters.py [LIBRARY]         LIBRARY: build/libgrimace.so.0 (default)

Medians of interleaved repetitions over one picture of 512 x 512; grimace's through gr_pipeline_image, copies included. Needs Pillow,
OpenCV and NumPy.
"""
import ctypes
import statistics
import sys
import time

import cv2
import numpy as np
import PIL
from PIL import Image, ImageEnhance, ImageFilter

KINDS = ["resize", "random_crop", "center_crop", "hflip", "rotate", "brightness", "grayscale", "bgr", "shear", "turn", "contrast",
         "colour", "sharpness", "blur", "laplacian", "sobel", "prewitt", "bilateral"]


class Picture(ctypes.Structure):
    _fields_ = [("width", ctypes.c_int), ("height", ctypes.c_int), ("pixels", ctypes.c_void_p)]


class Transform(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int), ("a", ctypes.c_double), ("b", ctypes.c_double), ("c", ctypes.c_double), ("d", ctypes.c_double),
                ("values", ctypes.c_int), ("chance", ctypes.c_bool), ("p", ctypes.c_double), ("more", ctypes.c_double * 13)]


class Key(ctypes.Structure):
    _fields_ = [("seed", ctypes.c_uint64), ("epoch", ctypes.c_uint32), ("sample", ctypes.c_uint64)]


def grimace(library, kind, *numbers):
    t = Transform(KINDS.index(kind), *numbers)
    pipeline = ctypes.c_void_p()
    if library.gr_pipeline_for_images(ctypes.byref(t), 1, ctypes.byref(pipeline), None) != 0:
        sys.exit(f"{kind}: refused")

    def work(array):
        given = Picture(array.shape[1], array.shape[0], array.ctypes.data)
        made = Picture()
        library.gr_pipeline_image(pipeline, ctypes.byref(given), Key(0, 0, 0), ctypes.byref(made), None)
        return made

    return work


def enhance(name, factor):
    return lambda array, picture: getattr(ImageEnhance, name)(picture).enhance(factor)


def mean(across, down):
    return cv2.addWeighted(cv2.convertScaleAbs(across), 0.5, cv2.convertScaleAbs(down), 0.5, 0)


KERNEL = np.array([[-1, 0, 1]] * 3, np.float32)
DOWN = np.ascontiguousarray(KERNEL.T)
CASES = [
    ("contrast", (1.5, 1.5), enhance("Contrast", 1.5)),
    ("sharpness", (3, 3), enhance("Sharpness", 3)),
    ("brightness", (1.3, 1.3), enhance("Brightness", 1.3)),
    ("colour", (2, 2), enhance("Color", 2)),
    ("blur", (1.5, 1.5), lambda array, picture: picture.filter(ImageFilter.GaussianBlur(1.5))),
    ("blur", (2.9, 2.9), lambda array, picture: picture.filter(ImageFilter.GaussianBlur(2.9))),
    ("laplacian", (0,), lambda array, picture: cv2.convertScaleAbs(cv2.Laplacian(array, cv2.CV_16S, ksize=3))),
    ("sobel", (0,), lambda array, picture: mean(cv2.Sobel(array, cv2.CV_16S, 1, 0, ksize=3), cv2.Sobel(array, cv2.CV_16S, 0, 1, ksize=3))),
    ("prewitt", (0,), lambda array, picture: mean(cv2.filter2D(array, cv2.CV_16S, KERNEL), cv2.filter2D(array, cv2.CV_16S, DOWN))),
    ("bilateral", (3, 100, 100), lambda array, picture: cv2.bilateralFilter(array, 3, 100, 100)),
]


def main():
    library = ctypes.CDLL(sys.argv[1] if len(sys.argv) > 1 else "build/libgrimace.so.0")
    library.gr_pipeline_image.argtypes = [ctypes.c_void_p, ctypes.c_void_p, Key, ctypes.c_void_p, ctypes.c_void_p]
    cv2.setNumThreads(1)
    rng = np.random.default_rng(1)
    array = cv2.GaussianBlur(rng.integers(0, 256, (512, 512, 3), dtype=np.uint8), (5, 5), 0)
    picture = Image.fromarray(array)
    print(f"Pillow {PIL.__version__}, OpenCV {cv2.__version__}, 512 x 512, one thread, medians of 41 in turn")
    print(f"{'filter':24} {'grimace ms':>10} {'other ms':>10} {'ratio':>6}")
    for kind, numbers, other in CASES:
        own = grimace(library, kind, *numbers)
        times = [[], []]
        for repetition in range(43):
            for which in (0, 1):
                begin = time.perf_counter()
                made = own(array) if which == 0 else other(array, picture)
                taken = time.perf_counter() - begin
                if which == 0:
                    library.gr_image_free(ctypes.byref(made))
                if repetition >= 2:
                    times[which].append(taken * 1000)
        ours, theirs = (statistics.median(t) for t in times)
        print(f"{kind + ' ' + ' '.join(str(n) for n in numbers):24} {ours:10.3f} {theirs:10.3f} {theirs / ours:6.2f}")


if __name__ == "__main__":
    main()
