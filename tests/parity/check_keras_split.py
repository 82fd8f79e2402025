"""Keras's validation_split in its four meanings: folders of random sizes, shares, names and folders within them, by Model.fit, flow,
flow_from_dataframe, flow_from_directory and image_dataset_from_directory of Keras itself, and by `grimace data split`. What each takes for
validation must be the same rows. Prints a line a meaning; exit status 1 where a draw differs. Not part of make test, for it needs Keras:

    python3 tests/parity/check_keras_split.py build/grimace [DRAWS [FIRST]]    # Keras 2.15.0 on TensorFlow 2.15.0
                                                                               # Keras 3.15.1 on TensorFlow 2.21.0
"""
import contextlib
import csv
import io
import os
import random
import subprocess
import sys
import tempfile
from importlib.metadata import version

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from tensorflow import keras

GRIMACE = os.path.realpath(sys.argv[1])
DRAWS, FIRST = int(sys.argv[2]) if len(sys.argv) > 2 else 60, int(sys.argv[3]) if len(sys.argv) > 3 else 1
SHARES = [0.05, 0.1, 0.15, 0.2, 0.25, 0.29, 0.3, 1 / 3, 0.35, 0.4, 0.45, 0.55, 0.57, 0.58, 0.6, 2 / 3, 0.7, 0.8, 0.85, 0.9, 0.95]
try:
    Generator = keras.preprocessing.image.ImageDataGenerator
except AttributeError:
    from keras.src.legacy.preprocessing.image import ImageDataGenerator as Generator


class Rows(keras.Model):
    """Remembers which rows fit validates on."""

    def __init__(self):
        super().__init__()
        self.rows, self.layer = [], keras.layers.Dense(1)

    def call(self, x):
        return self.layer(x)

    def test_step(self, data):
        self.rows += [int(v) for v in data[0].numpy().ravel()]
        return super().test_step(data)


def by_fit(paths, share):
    model, x = Rows(), np.arange(len(paths), dtype=np.float32)[:, None]
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(x, 0 * x, batch_size=512, epochs=1, validation_split=share, verbose=0)
    return [paths[r] for r in model.rows]


def by_flow(paths, share):
    x = np.arange(len(paths), dtype=np.float32).reshape(-1, 1, 1, 1)
    flow = Generator(validation_split=share).flow(x, shuffle=False, batch_size=len(paths), subset="validation")
    return [paths[int(v)] for v in flow.x.ravel()]


def by_frame(paths, share):
    flow = Generator(validation_split=share).flow_from_dataframe(pandas.DataFrame({"filename": paths}), "pictures", class_mode=None,
                                                                 shuffle=False, subset="validation")
    return list(flow.filenames)


def by_folder(paths, share):
    return list(Generator(validation_split=share).flow_from_directory("pictures", shuffle=False, subset="validation").filenames)


def by_list(paths, share):
    taken = keras.utils.image_dataset_from_directory("pictures", validation_split=share, subset="validation", shuffle=False,
                                                     image_size=(8, 8))
    return [os.path.relpath(path, "pictures") for path in taken.file_paths]


WAYS = [("last_rows", by_fit), ("first_rows", by_flow), ("first_of_each_class", by_folder), ("last_of_list", by_list)]
with contextlib.suppress(ImportError):  # where pandas is there
    import pandas
    WAYS.append(("first_rows", by_frame))


def draw(seed):
    """Pictures in the folders of their classes, some in folders within them; the table has them in any order."""
    rng, paths = random.Random(seed), []
    for label in ["no", "some", "yes"][:rng.choice([2, 3])]:
        for i in range(rng.randint(3, 60)):
            within = rng.choice(["", "", "", "a/", "a-b/", "a/b/", "Z/"])
            paths.append("%s/%s%s%d.png" % (label, within, rng.choice("axX-_"), i))
    png = tf.io.encode_png(np.zeros((8, 8, 3), np.uint8)).numpy()
    for path in paths:
        os.makedirs(os.path.dirname("pictures/" + path), exist_ok=True)
        with open("pictures/" + path, "wb") as file:
            file.write(png)
    rng.shuffle(paths)
    with open("pictures/m.csv", "w") as file:
        file.write("image,label\n" + "".join("%s,%s\n" % (path, path.split("/")[0]) for path in paths))
    with open("c.yaml", "w") as file:
        file.write("data: {manifest: pictures/m.csv, label: label, image: {size: 8}}\n")
    return paths, rng.choice(SHARES)


def of_grimace(scheme, share):
    done = subprocess.run([GRIMACE, "data", "split", "c.yaml", "split.scheme=" + scheme, "split.test=%r" % share, "split.write=full", "--force", "--out",
                           "s.csv"], capture_output=True, text=True)
    if done.returncode:
        return done.stderr.strip()
    with open("s.csv") as file:
        return [row["image"] for row in csv.DictReader(file) if row["part"] == "test"]


def of_keras(way, paths, share):
    """The rows, or why there are none."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return way(paths, share)
    except ValueError as refusal:
        return str(refusal)


def main():
    print("Keras %s on TensorFlow %s" % (version("keras"), tf.__version__))
    good, refused = {way: 0 for _, way in WAYS}, {way: 0 for _, way in WAYS}
    bad = 0
    for seed in range(FIRST, FIRST + DRAWS):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            paths, share = draw(seed)
            for scheme, way in WAYS:
                ours, theirs = of_grimace(scheme, share), of_keras(way, paths, share)
                left = {path.split("/")[0] for path in paths if path not in theirs}
                if isinstance(ours, str) and (isinstance(theirs, str) or not theirs or len(left) < 2):
                    refused[way] += 1  # nothing to validate on, or one class alone to train
                elif isinstance(ours, str) or isinstance(theirs, str) or sorted(ours) != sorted(theirs):
                    bad += 1
                    print("BAD  draw %d, %s of %d rows, share %r: %s; Keras: %s" % (seed, way.__name__, len(paths), share, ours, theirs))
                else:
                    good[way] += 1
            os.chdir("/")
    for scheme, way in WAYS:
        print("%s and %s: %d draws alike, %d refused" % (scheme, way.__name__, good[way], refused[way]))
    return bad > 0


sys.exit(main())
