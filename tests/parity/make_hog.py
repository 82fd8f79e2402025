"""References for histograms of gradients: what OpenCV's HOGDescriptor computes for a picture of tests/parity/detect.

    python tests/parity/make_hog.py      # opencv-python-headless 4.12.0.88; 4.6.0.66 gives the same
"""
import os

import cv2

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "detect")


def main():
    picture = cv2.imread(os.path.join(here, "p1.png"), cv2.IMREAD_COLOR)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    # window, block, stride, cell, bins, aperture, sigma, norm, L2-Hys, gamma
    hog = cv2.HOGDescriptor((32, 40), (16, 16), (8, 8), (8, 8), 9, 1, 4.0, 0, 0.2, True)
    numbers = hog.compute(grey, (8, 8), (0, 0), [(8, 0), (0, 0)]).reshape(2, -1)
    with open(os.path.join(here, "hog.csv"), "w", encoding="ascii") as out:
        out.write("x8,x0\n")
        for pair in numbers.T:
            out.write("%.7g,%.7g\n" % tuple(pair))


if __name__ == "__main__":
    main()
