#!/usr/bin/env python3
"""Training by grimace and by Keras on TensorFlow (oneDNN on, as its wheel has it), the same sizes, batches and threads, in
turns: BlackMice's own network, its frozen ResNet50 with a trained head, and ResNet50 trained whole.

    bench/keras.py GRIMACE [--threads N] [--turns N] [--size PIXELS] [--only own|frozen|tuned]

The Python that runs it has TensorFlow; the aims are measured against Keras 3.15 on TensorFlow 2.21. Prints the versions,
and for each training the medians of all turns and their ratio. An epoch's time is the median of those behind a first one
(of Keras a first batch, by which TensorFlow traces its graph). The frozen backbone is timed as a whole: of grimace the process
from start to end, with reading, evaluating and writing, and no features kept from before; of Keras only `fit`, traced before,
its pictures in memory; once through the backbone in every epoch, as papers' scripts do, and once (`kept`) with the features of
a single `predict` given to the head, as grimace itself does. Works in a folder that goes away.
"""
import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

# name: (images, batch, epochs, keys of grimace)
RUNS = {
    "own": (128, 32, 3, ["model.layers=[{conv: 32, kernel: 3, pad: valid, act: relu}, {pool: max, size: 2}, "
                         "{conv: 32, kernel: 3, pad: valid, act: relu}, {pool: max, size: 2}, "
                         "{conv: 64, kernel: 3, pad: valid, act: relu}, {pool: max, size: 2}, "
                         "{flatten: {}}, {dense: 128, act: relu}, {dense: 128, act: relu}]"]),
    "frozen": (256, 32, 5, ["model.backbone=resnet50", "model.freeze=[backbone]"]),
    "tuned": (32, 16, 3, ["model.backbone=resnet50"]),
}
TITLES = {"own": "BlackMice's own network, an epoch", "frozen": "frozen ResNet50, the whole training",
          "kept": "the same, Keras's features kept", "tuned": "ResNet50 trained whole, an epoch"}


def keras_models(name, size):
    """(the model that trains, its frozen part or None)."""
    import keras
    from keras import layers
    shape = (size, size, 3)
    if name == "own":
        stack = [layers.Input(shape)]
        for filters in (32, 32, 64):
            stack += [layers.Conv2D(filters, 3, activation="relu"), layers.MaxPooling2D(2)]
        stack += [layers.Flatten()] + [layers.Dense(128, activation="relu") for _ in range(2)]
        stack += [layers.Dense(2, activation="softmax")]
        return keras.Sequential(stack), None
    base = keras.applications.ResNet50(weights=None, include_top=False, pooling="avg", input_shape=shape)
    base.trainable = name == "tuned"
    image = layers.Input(shape)
    answer = layers.Dense(2, activation="softmax")(base(image, training=None if name == "tuned" else False))
    return keras.Model(image, answer), base


def keras_side(name, size, threads):
    """Prints one line of JSON: {name: seconds} and the versions."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.path.pop(0)  # this folder, in which this file would be taken for Keras
    import keras
    import numpy as np
    import tensorflow as tf
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    images, batch, epochs, _ = RUNS[name]
    draw = np.random.default_rng(1)
    x, y = draw.random((images, size, size, 3), np.float32), draw.integers(0, 2, images).astype(np.int32)
    model, base = keras_models(name, size)

    def fit(which, pixels, rounds):
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            which.fit(pixels, y, batch_size=batch, epochs=1, verbose=0)
            times.append(time.perf_counter() - start)
        return times

    def compiled(which):
        which.compile(keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy")
        return which

    model = compiled(model)
    model.fit(x[:batch], y[:batch], batch_size=batch, verbose=0)  # traces its graph
    times, found = fit(model, x, epochs), {}
    found[name] = sum(times) if name == "frozen" else statistics.median(times)
    if name == "frozen":
        base.predict(x[:batch], batch_size=batch, verbose=0)
        start = time.perf_counter()
        features = base.predict(x, batch_size=batch, verbose=0)
        spent = time.perf_counter() - start
        head = compiled(keras.Sequential([keras.layers.Input(features.shape[1:]), keras.layers.Dense(2, activation="softmax")]))
        found["kept"] = spent + sum(fit(head, features, 1 + epochs)[1:])
    print(json.dumps({"seconds": found, "keras": keras.__version__, "tensorflow": tf.__version__}))


def make_data(grimace, size, images):
    folder = "data-%d" % images
    subprocess.run([grimace, "data", "synth", "--preset", "mini", "--size", str(size), "--animals", "4", "--images",
                    str(images // 4 + 2), "--seed", "5", "--out", folder], check=True, stdout=subprocess.DEVNULL)
    path = os.path.join(folder, "manifest.csv")
    with open(path) as file:
        rows = list(csv.DictReader(file))
    for i, row in enumerate(rows):
        row["split"] = "train" if i * 7 % len(rows) < images else "test"
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def grimace_side(grimace, name, size, threads, manifest, out):
    _, batch, epochs, keys = RUNS[name]
    with open("config.yaml", "w") as file:
        file.write("name: bench\n")
    cached = name == "frozen"
    start = time.perf_counter()
    done = subprocess.run([grimace, "cv", "config.yaml", "semantics=keras3", "data.manifest=" + manifest, "data.label=pain",
                           "split.scheme=column", "data.train_transforms=[]", "data.eval_transforms=[]",
                           "data.image={size: %d, mean: [0, 0, 0], std: [1, 1, 1]}" % size, "optimizer.lr=0.001",
                           "train.batch_size=%d" % batch, "train.epochs=%d" % (epochs + (not cached)),
                           "train.feature_cache=" + (out + "-features" if cached else "off"), "threads=%d" % threads, *keys,
                           "--out", out],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    whole = time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stderr)
    if name == "frozen":
        return {"frozen": whole, "kept": whole}
    fold = next(f for f in sorted(os.listdir(out)) if f.startswith("fold-"))
    with open(os.path.join(out, fold, "metrics.jsonl")) as file:
        return {name: statistics.median([json.loads(line)["seconds"] for line in file][1:])}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("grimace")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--only", choices=list(RUNS))
    parser.add_argument("--keras-side", choices=list(RUNS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.keras_side:
        return keras_side(options.keras_side, options.size, options.threads)
    grimace, script = os.path.realpath(options.grimace), os.path.realpath(__file__)
    names, mine, theirs, versions = [options.only] if options.only else list(RUNS), {}, {}, None
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        manifests = {name: make_data(grimace, options.size, RUNS[name][0]) for name in names}
        for turn in range(options.turns):
            for name in names:
                for key, seconds in grimace_side(grimace, name, options.size, options.threads, manifests[name],
                                                 "%s-%d" % (name, turn)).items():
                    mine.setdefault(key, []).append(seconds)
                side = subprocess.run([sys.executable, script, grimace, "--keras-side", name, "--size", str(options.size),
                                       "--threads", str(options.threads)], check=True, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True)
                versions = json.loads(side.stdout.splitlines()[-1])
                for key, seconds in versions["seconds"].items():
                    theirs.setdefault(key, []).append(seconds)
        os.chdir("/")
    about = subprocess.run([grimace, "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[0]
    print("%s; Keras %s on TensorFlow %s; %d threads, %d x %d pixels, medians of %d turns" % (
        about, versions["keras"], versions["tensorflow"], options.threads, options.size, options.size, options.turns))
    for key, times in mine.items():
        a, b = statistics.median(times), statistics.median(theirs[key])
        print("%-38s grimace %8.3f s   Keras %8.3f s   %5.2f times as fast" % (TITLES[key], a, b, b / a))


if __name__ == "__main__":
    main()
