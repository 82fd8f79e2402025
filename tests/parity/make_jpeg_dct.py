#!/usr/bin/env python3
"""tests/parity/image/jpeg_dct.bin: JPEGs and what tf.io.decode_jpeg makes of them by default (its fast DCT) and with dct_method
"INTEGER_ACCURATE", for tests/unit/image/test_jpeg.c. Made with TensorFlow 2.21.0, Pillow 12 and numpy 2.
Records: four int32 (bytes of the JPEG, width, height, 0), the JPEG, the fast pixels, the exact pixels."""
import io
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from PIL import Image

OUT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "image", "jpeg_dct.bin")


def jpegs():
    """Sizes that no block divides; chroma whole, halved in one direction and in both; grey; progressive."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:27, 0:35]
    waves = np.stack([127 + 100 * np.sin(x / 5), 127 + 90 * np.cos(y / 7 + x / 9), 60 + 3 * x], -1)
    picture = Image.fromarray((waves + rng.normal(0, 20, waves.shape)).clip(0, 255).astype(np.uint8))
    for image, options in [(picture, {"subsampling": 0}), (picture, {"subsampling": 1}), (picture, {"subsampling": 2}),
                           (picture.convert("L"), {}), (picture, {"progressive": True, "quality": 60})]:
        stream = io.BytesIO()
        image.save(stream, "JPEG", **{"quality": 85, **options})
        yield stream.getvalue()


def main():
    with open(OUT, "wb") as file:
        for jpeg in jpegs():
            fast, exact = (tf.io.decode_jpeg(jpeg, channels=3, dct_method=method).numpy() for method in ("", "INTEGER_ACCURATE"))
            far = np.abs(fast.astype(int) - exact).max()
            assert 0 < far <= 8, far
            height, width, _ = fast.shape
            file.write(np.array([len(jpeg), width, height, 0], "<i4").tobytes() + jpeg + fast.tobytes() + exact.tobytes())
    return 0


sys.exit(main())
