#!/usr/bin/env python3
"""A frozen backbone with a trained head, at the size of BlackMice: 18,273 images of 124 animals, ResNet-50's 2048 features, ten
folds of 50 epochs, batch 100.

    bench/frozen.py GRIMACE [--threads N] [--jobs N] [--images N]

The images are noise of 32 x 32 pixels, so that the features come soon; what the head costs does not depend on their size.
Prints the seconds of a run that computes the features and trains one epoch, and of the whole experiment on kept features, each
with the processor's seconds. Works in a folder of its own, which goes away.
"""
import argparse
import os
import random
import resource
import struct
import subprocess
import tempfile
import time
import zlib

ANIMALS, SIDE = 124, 32
CONFIG = """name: frozen
threads: {threads}
data:
  manifest: manifest.csv
  label: effect
  group: animal
  image: {{size: 32}}
split: {{scheme: group_kfold, folds: 10}}
model: {{backbone: resnet50, freeze: [backbone]}}
optimizer: {{name: adam, lr: 1.0e-3, eps: 1.0e-7}}
train: {{epochs: 50, batch_size: 100, feature_cache: features}}
"""


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_png(path, draw, bright):
    rows = b"".join(b"\0" + draw.randbytes(SIDE * 3).translate(bright) for _ in range(SIDE))
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def make_data(folder, images):
    draw = random.Random(1)
    levels = [bytes(value * 3 // 4 + 40 * label for value in range(256)) for label in (0, 1)]
    with open(os.path.join(folder, "manifest.csv"), "w") as manifest:
        manifest.write("image,animal,effect\n")
        for i in range(images):
            label = draw.randrange(2)
            write_png(os.path.join(folder, f"{i}.png"), draw, levels[label])
            manifest.write(f"{i}.png,mouse{i % ANIMALS},{label}\n")


def run(what, folder, words):
    start, used = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = end.ru_utime + end.ru_stime - used.ru_utime - used.ru_stime
    print(f"{what:58} {time.time() - start:7.1f} s  ({processor:.1f} s of processors)", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("grimace")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--images", type=int, default=18273)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make_data(folder, options.images)
        with open(os.path.join(folder, "config.yaml"), "w") as config:
            config.write(CONFIG.format(threads=options.threads))
        cv = [os.path.abspath(options.grimace), "cv", "config.yaml", "--jobs", str(options.jobs)]
        run(f"features of {options.images} images, ten folds of 1 epoch", folder, cv + ["train.epochs=1", "--out", "cold"])
        run("kept features, ten folds of 50 epochs", folder, cv + ["--out", "warm"])


if __name__ == "__main__":
    main()
