"""Whole runs of `grimace cv` against Keras's fit on the same pictures, first weights and order: BlackMice's own network, a head on its
frozen ResNet50, a fine tuning as InfantPain's (VGG16, its first 15 layers frozen, L1 on the head, class weights), and FelineGrimace's
landmarks by MobileNetV2. Prints the largest relative difference of the losses of 30 steps, of val_loss, and the largest difference of
predictions (landmarks: of shares of the side); below, the same of Keras against itself without oneDNN
and from weights that differ in their last bit.
Exit status 1 where grimace is beyond 1e-4, 1e-4 and 1e-3 and also beyond twice what Keras is from itself. Not part of make test, for it
needs TensorFlow:

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

SCRIPT = os.path.realpath(__file__)
GRIMACE, SEMANTICS = os.path.realpath(sys.argv[1]), sys.argv[2]
SIZE, STEPS, TRAIN, VAL, POINTS = 48, 30, 16, 8, 18


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
        row.update({key: "%g" % (SIZE / 2) for key in row if key.startswith("lm") and key[-1] in "xy" and not row[key]})
        row["split"] = "train" if place < TRAIN else "val" if place < TRAIN + VAL else "test"
    with open("data/manifest.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return rows


def images_of(rows, part):
    chosen = [r for r in rows if r["split"] == part]
    pixels = [tf.io.decode_png(tf.io.read_file("data/" + r["image"]), channels=3).numpy() for r in chosen]
    points = np.array([[float(r["lm%d_%s" % (i + 1, axis)]) / SIZE for i in range(POINTS) for axis in "xy"] for r in chosen], np.float32)
    return np.stack(pixels).astype(np.float32) / np.float32(255), np.array([int(r["pain"]) for r in chosen], np.int32), points


def grimace(keys, out):
    base = ["data.manifest=data/manifest.csv", "data.label=pain", "split.scheme=column", "data.train_transforms=[]",
            "data.eval_transforms=[]", "data.image={size: %d, mean: [0, 0, 0], std: [1, 1, 1]}" % SIZE, "train.shuffle=false",
            "train.batch_size=%d" % TRAIN, "train.epochs=%d" % STEPS, "semantics=" + SEMANTICS]
    with open("config.yaml", "w") as file:
        file.write("name: whole\n")
    done = subprocess.run([GRIMACE, "cv", "config.yaml", *base, *keys, "--out", out], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True)
    if done.returncode:
        sys.exit(done.stderr)
    fold = next(os.path.join(out, f) for f in sorted(os.listdir(out)) if f.startswith("fold-"))
    with open(os.path.join(fold, "metrics.jsonl")) as file:
        lines = [json.loads(line) for line in file]
    with open(os.path.join(out, "predictions.csv")) as file:
        predicted = [[float(r["p_1"])] if "p_1" in r else [float(r["lm%d_%s" % (i + 1, axis)]) / SIZE for i in range(POINTS) for axis in "xy"]
                     for r in csv.DictReader(file)]
    return lines, predicted, read_weights(os.path.join(fold, "model.safetensors"))


def blackmice(_):
    stack = [layers.Input((SIZE, SIZE, 3))]
    for filters in (32, 32, 64):
        stack += [layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.MaxPooling2D(2)]
    stack += [layers.Permute((3, 1, 2)), layers.Flatten(), layers.Dense(128, activation="relu"),
              layers.Dense(128, activation="relu"), layers.Dense(2, activation="softmax")]
    return keras.Sequential(stack)


def infantpain(_):
    base = keras.applications.VGG16(weights=None, include_top=False, input_shape=(SIZE, SIZE, 3))
    for layer in base.layers[:15]:
        layer.trainable = False
    x = layers.GlobalAveragePooling2D()(base.output)
    for width in (64, 32):
        x = layers.Dense(width, activation="relu", kernel_regularizer=regularizers.l1(1e-3))(x)
    x = layers.Dense(2, activation="softmax", kernel_regularizer=regularizers.l1(1e-3))(x)
    return keras.Model(base.input, x)


def noise(base, pixels):
    """Random kernels, and batch norms with the statistics of their inputs, so that numbers neither die out nor grow."""
    rng = np.random.default_rng(7)
    for layer in base.layers:
        values = []
        for w in layer.weights:
            kind, shape = w.name.split("/")[-1].split(":")[0], tuple(w.shape)
            if kind in ("gamma", "moving_variance"):
                values.append(rng.uniform(0.7, 1.3, shape))
            elif kind in ("beta", "moving_mean", "bias"):
                values.append(rng.normal(0, 0.2, shape))
            else:
                fan = np.prod(shape[:2]) if "depthwise" in kind or type(layer).__name__ == "DepthwiseConv2D" else np.prod(shape[:-1])
                values.append(rng.normal(0, np.sqrt(2 / fan), shape))
        if values:
            layer.set_weights(values)
    norms = [l for l in base.layers if isinstance(l, layers.BatchNormalization)]
    kept = [n.momentum for n in norms]
    for n in norms:
        n.momentum = 0.0
    base(pixels, training=True)
    for n, momentum in zip(norms, kept):
        n.momentum = momentum
    return base


def resnet50(pixels):
    base = noise(keras.applications.ResNet50(weights=None, include_top=False, pooling="avg", input_shape=(SIZE, SIZE, 3)), pixels)
    base.trainable = False
    image = layers.Input((SIZE, SIZE, 3))
    return keras.Model(image, layers.Dense(2, activation="softmax")(base(image, training=False))), base


def landmarks(pixels):
    base = noise(keras.applications.MobileNetV2(weights=None, include_top=False, pooling="avg", input_shape=(SIZE, SIZE, 3)), pixels)
    return keras.Model(base.input, layers.Dense(2 * POINTS)(base.output)), base


# name: (model, keys of grimace, optimiser, class weights); a model with a backbone of its own gives that to grimace in a file.
RUNS = {
    "BlackMice's own network": (blackmice, ["model.backbone=blackmice_cnn", "optimizer.lr=0.001"], lambda: optimizers.Adam(1e-3), False),
    "BlackMice's frozen ResNet50": (resnet50, ["model.backbone=resnet50", "model.freeze=[backbone]", "model.pretrained=base.h5",
                                               "optimizer.lr=0.001"], lambda: optimizers.Adam(1e-3), False),
    "InfantPain's fine tuning": (infantpain, ["model.backbone=vgg16", "model.head=mlp", "model.mlp.hidden=[64, 32]",
                                              "model.mlp.dropout=0", "model.freeze=15", "data.balance=class_weight",
                                              "model.init=he_uniform", "model.penalty=[{layers: [head], l1: 0.001}]",
                                              "optimizer.lr=1e-5"], lambda: optimizers.Adam(1e-5), True),
    "FelineGrimace's landmarks": (landmarks, ["model.backbone=mobilenet_v2", "model.head=landmarks", "model.mlp={pool: avg, hidden: [], dropout: 0}",
                                              "model.pretrained=base.h5", "loss.name=mse", "optimizer.lr=1e-5"],
                                  lambda: optimizers.Adam(1e-5), False),
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


def train(name, parts, first, nudge=False):
    """(losses, val_loss, predictions) of Keras, from the first weights of grimace."""
    build, _, make, weighted = RUNS[name]
    (x, y, p), (xv, yv, pv), (xt, _, _) = parts
    counts = np.bincount(y, minlength=2)
    balanced = {c: len(y) / (2.0 * counts[c]) for c in range(2)}
    model = build(x)
    if isinstance(model, tuple):
        model, base = model
        base.load_weights("base.h5")
        head = next(n[:-7] for n in first if not n.startswith("backbone") and n.endswith(".weight"))
        model.layers[-1].set_weights([first[head + ".weight"].T, first[head + ".bias"]])
    else:
        fill(model, first)
    if nudge:
        nudged(model)
    spots = build is landmarks
    model.compile(make(), loss="mse" if spots else "sparse_categorical_crossentropy")
    history = model.fit(x, p if spots else y, epochs=STEPS, batch_size=TRAIN, shuffle=False, verbose=0,
                        validation_data=(xv, pv if spots else yv), class_weight=balanced if weighted else None).history
    answers = model.predict(xt, verbose=0)
    return history["loss"], history["val_loss"], (answers if spots else answers[:, 1:]).tolist()


def apart(ours, theirs):
    """Of losses, losses of the first half, val_loss, predictions."""
    return (worst(ours[0], theirs[0]), worst(ours[0][:STEPS // 2], theirs[0][:STEPS // 2]), worst(ours[1], theirs[1]),
            float(np.max(np.abs(np.array(ours[2]) - np.array(theirs[2])))))


def nudged(model):
    """Every first weight moved by its last bit, up or down; zeros stay, or units that were off would be on."""
    rng = np.random.default_rng(3)
    model.set_weights([np.where(w == 0, w, np.nextafter(w, np.where(rng.random(w.shape) < 0.5, w - 1, w + 1))) for w in model.get_weights()])


def rounded_otherwise(number, file):
    """train() in a process without oneDNN, with nudged weights."""
    subprocess.run([sys.executable, SCRIPT, GRIMACE, SEMANTICS, str(number), file], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, env={**os.environ, "TF_ENABLE_ONEDNN_OPTS": "0"})
    with open("again.json") as answer:
        return json.load(answer)


def parts_of(rows):
    return [images_of(rows, part) for part in ("train", "val", "test")]


def again(number, file):
    with open("data/manifest.csv") as manifest:
        rows = list(csv.DictReader(manifest))
    with open("again.json", "w") as answer:
        json.dump(train(list(RUNS)[number], parts_of(rows), read_weights(file), True), answer)
    return 0


def main():
    print("Keras %s on TensorFlow %s" % (keras.__version__, tf.__version__))
    rows, good = make_manifest(), True
    parts = parts_of(rows)
    for number, (name, (build, keys, _, _)) in enumerate(RUNS.items()):
        built = build(parts[0][0])
        if isinstance(built, tuple):
            built[1].save("base.h5")
        grimace([*keys, "optimizer.lr=1e-30", "train.epochs=1"], "first%d" % number)
        fold = next(f for f in sorted(os.listdir("first%d" % number)) if f.startswith("fold-"))
        file = os.path.join("first%d" % number, fold, "model.safetensors")
        lines, predicted, _ = grimace(keys, "run%d" % number)
        theirs = train(name, parts, read_weights(file))
        ours = [line["train_loss"] for line in lines], [line["val_loss"] for line in lines], predicted
        far, itself = apart(ours, theirs), apart(rounded_otherwise(number, file), theirs)
        says = "losses of %d steps within %.1e (of the first half %.1e), val_loss within %.1e, predictions within %.1e"
        print("%-28s %s; %.4f to %.4f" % (name, says % (STEPS, *far), theirs[0][0], theirs[0][-1]))
        print("%-28s %s" % ("  Keras, rounded otherwise", says % (STEPS, *itself)), flush=True)
        good = good and all(a <= limit or a <= 2 * b for a, b, limit in zip(far, itself, (1e-4, 1e-4, 1e-4, 1e-3)))
    return 0 if good else 1


if __name__ == "__main__":
    if len(sys.argv) > 3:
        sys.exit(again(int(sys.argv[3]), sys.argv[4]))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sys.exit(main())
