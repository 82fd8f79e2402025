#!/usr/bin/python3
"""Makes the references of filters and enhancements with Pillow 11.3 and OpenCV 4.12 (numpy 2.2).

    python3 tests/parity/make_filters.py          writes tests/parity/image/filters.bin

A case is a line "kind:a:b:c in_w in_h in_bytes out_w out_h out_bytes", the input and the expected output, raw RGB.
"""
import os

import cv2
import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "image")
rng = np.random.default_rng(20230501)
SIZES = [(23, 17), (16, 33), (3, 3), (2, 5), (1, 1), (1, 7), (9, 1)]


def pictures(width, height):
    noise = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    y, x = np.mgrid[0:height, 0:width]
    ramp = np.stack([x * 9 % 256, y * 13 % 256, (x + y) * 5 % 256], 2).astype(np.uint8)
    steps = (rng.integers(0, 2, (height, width, 3)) * 255).astype(np.uint8)
    return {"noise": noise, "ramp": ramp, "steps": steps}


def enhance(kind, array, factor):
    name = {"contrast": "Contrast", "colour": "Color", "sharpness": "Sharpness", "brightness": "Brightness"}[kind]
    return np.asarray(getattr(ImageEnhance, name)(Image.fromarray(array)).enhance(factor))


def mean(across, down):
    return cv2.addWeighted(across, 0.5, down, 0.5, 0)


def edges(kind, array, cut):
    depth = cv2.CV_8U if cut else cv2.CV_16S
    finish = (lambda x: x) if cut else cv2.convertScaleAbs
    if kind == "laplacian":
        return finish(cv2.Laplacian(array, depth, ksize=3))
    if kind == "sobel":
        return mean(finish(cv2.Sobel(array, depth, 1, 0, ksize=3)), finish(cv2.Sobel(array, depth, 0, 1, ksize=3)))
    kernel = np.array([[-1, 0, 1]] * 3, np.float32)
    return mean(finish(cv2.filter2D(array, depth, kernel)), finish(cv2.filter2D(array, depth, np.ascontiguousarray(kernel.T))))


def shear(array, share):
    height, width = array.shape[:2]
    return np.asarray(Image.fromarray(array).transform((width, height), Image.Transform.AFFINE,
                                                       (1, share, -share * height / 2, 0, 1, 0)))


def turn(array, degrees):
    return np.asarray(Image.fromarray(array).rotate(degrees, expand=True))


def main():
    with open(os.path.join(HERE, "filters.bin"), "wb") as file:
        def case(name, given, expected):
            out = np.ascontiguousarray(expected).tobytes()
            head = f"{name} {given.shape[1]} {given.shape[0]} {given.nbytes} {expected.shape[1]} {expected.shape[0]} {len(out)}\n"
            file.write(head.encode() + given.tobytes() + out)

        for index, size in enumerate(SIZES):
            for name, array in pictures(*size).items():
                if index >= 2 and name != "noise":
                    continue
                for kind in ("contrast", "colour", "sharpness"):
                    for factor in (0.0, 0.6, 1.0, 1.37, 3.5, 8.0)[name != "noise"::2 if index else 1]:
                        case(f"{kind}:{factor}:0:0", array, enhance(kind, array, factor))
                for radius in (0.3, 1.05, 1.7, 2.9, 6.5)[name != "noise"::2 if index else 1]:
                    case(f"blur:{radius}:0:0", array, np.asarray(Image.fromarray(array).filter(ImageFilter.GaussianBlur(radius))))
                for kind in ("laplacian", "sobel", "prewitt"):
                    for cut in (0, 1):
                        case(f"{kind}:{cut}:0:0", array, edges(kind, array, cut))
                for diameter, colour, space in ((3, 100, 100), (3, 20, 2), (5, 60, 60), (4, 30, 3))[:2 if index else 4]:
                    case(f"bilateral:{diameter}:{colour}:{space}", array, cv2.bilateralFilter(array, diameter, colour, space))
                if name == "noise":
                    for share in (-0.16, 0.0, 0.18):
                        case(f"shear:{share}:0:0", array, shear(array, share))
                    for degrees in (-90, 90, 180, 270):
                        case(f"turn:{degrees}:0:0", array, turn(array, degrees))
        chain = pictures(20, 14)["noise"]
        case("bilateral+laplacian:3:100:100", chain, edges("laplacian", cv2.bilateralFilter(chain, 3, 100, 100), 0))
        case("contrast+blur:1.5:1.05:0", chain,
             np.asarray(Image.fromarray(enhance("contrast", chain, 1.5)).filter(ImageFilter.GaussianBlur(1.05))))


if __name__ == "__main__":
    main()
