"""Whole runs of `grimace cv` against Keras's fit on the same pictures, first weights and order: BlackMice's own network, and a fine
tuning as InfantPain's (VGG16, its first 15 layers frozen, L1 on the head, class weights). Prints the largest relative difference of
the losses of 30 steps, of val_loss, and of predictions; exit status 1 where they are beyond 1e-4, 1e-4 and 1e-3. Not part of make
test, for it needs TensorFlow:

    python3 tests/parity/check_keras_whole.py build/grimace keras2    # Keras 2.15.0 on TensorFlow 2.15.0
    python3 tests/parity/check_keras_whole.py build/grimace keras3    # Keras 3.15.1 on TensorFlow 2.21.0
"""
import csv
import json
import os
import struct
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf
from keras import layers, optimizers, regularizers

GRIMACE, SEMANTICS = os.path.realpath(sys.argv[1]), sys.argv[2]
SIZE, STEPS, TRAIN, VAL = 48, 30, 16, 8


def read_weights(path):
    """{name: array} of a safetensors file, in PyTorch's layouts."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    return {k: np.frombuffer(data[slice(*v["data_offsets"])], "<f4").reshape(v["shape"]) for k, v in header.items()}


def make_manifest():
    subprocess.run([GRIMACE, "data", "synth", "--preset", "mini", "--size", str(SIZE), "--animals", "2", "--images", "16", "--seed", "5",
                    "--out", "data"], check=True, stdout=subprocess.DEVNULL)
    with open("data/manifest.csv") as file:
        rows = list(csv.DictReader(file))
    for i, row in enumerate(rows):
        place = i * 5 % len(rows)
        row["split"] = "train" if place < TRAIN else "val" if place < TRAIN + VAL else "test"
    with open("data/manifest.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return rows


def images_of(rows, part):
    chosen = [r for r in rows if r["split"] == part]
    pixels = [tf.io.decode_png(tf.io.read_file("data/" + r["image"]), channels=3).numpy() for r in chosen]
    return np.stack(pixels).astype(np.float32) / np.float32(255), np.array([int(r["pain"]) for r in chosen], np.int32)


def grimace(keys, out):
    base = ["data.manifest=data/manifest.csv", "data.label=pain", "split.scheme=column", "data.train_transforms=[]",
            "data.eval_transforms=[]", "data.image={size: %d, mean: [0, 0, 0], std: [1, 1, 1]}" % SIZE, "train.shuffle=false",
            "train.batch_size=%d" % TRAIN, "train.epochs=%d" % STEPS, "semantics=" + SEMANTICS]
    with open("config.yaml", "w") as file:
        file.write("name: whole\n")
    subprocess.run([GRIMACE, "cv", "config.yaml", *base, *keys, "--out", out], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    fold = next(os.path.join(out, f) for f in sorted(os.listdir(out)) if f.startswith("fold-"))
    with open(os.path.join(fold, "metrics.jsonl")) as file:
        lines = [json.loads(line) for line in file]
    with open(os.path.join(out, "predictions.csv")) as file:
        predicted = [float(r["p_1"]) for r in csv.DictReader(file)]
    return lines, predicted, read_weights(os.path.join(fold, "model.safetensors"))


def blackmice():
    stack = [layers.Input((SIZE, SIZE, 3))]
    for filters in (32, 32, 64):
        stack += [layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.MaxPooling2D(2)]
    stack += [layers.Permute((3, 1, 2)), layers.Flatten(), layers.Dense(128, activation="relu"),
              layers.Dense(128, activation="relu"), layers.Dense(2, activation="softmax")]
    return keras.Sequential(stack)


def infantpain():
    base = keras.applications.VGG16(weights=None, include_top=False, input_shape=(SIZE, SIZE, 3))
    for layer in base.layers[:15]:
        layer.trainable = False
    x = layers.GlobalAveragePooling2D()(base.output)
    for width in (64, 32):
        x = layers.Dense(width, activation="relu", kernel_regularizer=regularizers.l1(1e-3))(x)
    x = layers.Dense(2, activation="softmax", kernel_regularizer=regularizers.l1(1e-3))(x)
    return keras.Model(base.input, x)


RUNS = {
    "BlackMice's own network": (blackmice, ["model.backbone=blackmice_cnn", "optimizer.lr=0.001"], lambda: optimizers.Adam(1e-3), False),
    "InfantPain's fine tuning": (infantpain, ["model.backbone=vgg16", "model.head=mlp", "model.mlp.hidden=[64, 32]",
                                              "model.mlp.dropout=0", "model.freeze=15", "data.balance=class_weight",
                                              "model.init=he_uniform", "model.penalty=[{layers: [head], l1: 0.001}]",
                                              "optimizer.lr=1e-5"], lambda: optimizers.Adam(1e-5), True),
}


def fill(model, weights):
    """Kernels and biases in the order of both."""
    ordered = sorted(weights, key=lambda n: (not n.startswith("backbone"), not n.startswith("mlp"), n.split(".")[:-1] == ["classifier"]))
    names = [n[:-7] for n in ordered if n.endswith(".weight")]
    names.sort(key=lambda n: (["backbone.conv", "backbone.features", "backbone.fc", "mlp", "classifier"].index(
        next(p for p in ("backbone.conv", "backbone.features", "backbone.fc", "mlp", "classifier") if n.startswith(p))),
        int("".join(c for c in n.split(".")[-1] if c.isdigit()) or 0)))
    for name, layer in zip(names, [l for l in model.layers if l.weights]):
        w = weights[name + ".weight"]
        layer.set_weights([w.transpose(2, 3, 1, 0) if w.ndim == 4 else w.T, weights[name + ".bias"]])


def worst(a, b):
    a, b = np.array(a), np.array(b)
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(b), 1e-12)))


def main():
    print("Keras %s on TensorFlow %s" % (keras.__version__, tf.__version__))
    rows, good = make_manifest(), True
    (x, y), (xv, yv), (xt, _) = (images_of(rows, part) for part in ("train", "val", "test"))
    counts = np.bincount(y, minlength=2)
    balanced = {c: len(y) / (2.0 * counts[c]) for c in range(2)}
    for number, (name, (build, keys, make, weighted)) in enumerate(RUNS.items()):
        _, _, first = grimace([*keys, "optimizer.lr=1e-30", "train.epochs=1"], "first%d" % number)
        lines, predicted, _ = grimace(keys, "run%d" % number)
        model = build()
        fill(model, first)
        model.compile(make(), loss="sparse_categorical_crossentropy")
        history = model.fit(x, y, epochs=STEPS, batch_size=TRAIN, shuffle=False, verbose=0, validation_data=(xv, yv),
                            class_weight=balanced if weighted else None).history
        losses = [l["train_loss"] for l in lines]
        step, half = worst(losses, history["loss"]), worst(losses[:STEPS // 2], history["loss"][:STEPS // 2])
        val = worst([l["val_loss"] for l in lines], history["val_loss"])
        answer = float(np.max(np.abs(np.array(predicted) - model.predict(xt, verbose=0)[:, 1])))
        print("%-26s losses of %d steps within %.1e (of the first half %.1e; %.4f to %.4f), val_loss within %.1e, predictions within %.1e"
              % (name, STEPS, step, half, history["loss"][0], history["loss"][-1], val, answer))
        good = good and step <= 1e-4 and val <= 1e-4 and answer <= 1e-3
    return 0 if good else 1


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    sys.exit(main())
