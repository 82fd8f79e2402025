"""The gradients of one step of the fine tuning as InfantPain's (check_keras_whole.py), layer by layer, of grimace and of Keras in
float32 against Keras in float64: is what lies between the two rounding? Prints for each kernel and bias the length of the
difference over the length of the gradient, and the loss's relative difference. grimace's gradient is what a step of SGD with a
large rate takes off the weights. Exit status 1 where grimace is further off than 1e-4. Not part of make test, for it needs
TensorFlow:

    python3 tests/parity/check_keras_gradients.py build/grimace    # Keras 2.15 or 3.15
"""
import os
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.argv[2:] = ["keras3"]
import numpy as np
import tensorflow as tf

import check_keras_whole as whole

RATE = 1000.0


def gradients(weights, x, y, kind):
    """(loss, [gradient of each trained variable]) of Keras in that type."""
    whole.keras.backend.set_floatx(kind)
    whole.keras.mixed_precision.set_global_policy(kind)
    model = whole.infantpain(None)
    whole.fill(model, weights)
    counts = np.bincount(y, minlength=2)
    share = (len(y) / (2.0 * counts))[y]
    with tf.GradientTape() as tape:
        p = model(x.astype(kind), training=True)
        hit = tf.gather(p, y, axis=1, batch_dims=1)
        loss = tf.reduce_mean(-tf.math.log(hit) * tf.constant(share, kind)) + tf.add_n(model.losses)
    values = [v.value if hasattr(v, "value") and not callable(v.value) else v for v in model.trainable_variables]
    return float(loss), [np.asarray(g, np.float64) for g in tape.gradient(loss, values)]


def order(weights):
    """grimace's names of the trained tensors in Keras's order: kernel, bias, layer by layer."""
    trained = [n[:-7] for n in weights if n.endswith(".weight") and (not n.startswith("backbone") or int(n.split(".")[2]) >= 24)]
    number = lambda name: int("".join(c for c in name.split(".")[-1] if c.isdigit()) or 0)
    trained.sort(key=lambda n: (["backbone", "mlp", "classifier"].index(n.split(".")[0]), number(n)))
    return [name + part for name in trained for part in (".weight", ".bias")]


def main():
    rows = whole.make_manifest()
    x, y, _ = whole.images_of(rows, "train")
    keys = whole.RUNS["InfantPain's fine tuning"][1]
    _, _, first = whole.grimace([*keys, "optimizer.lr=1e-30", "train.epochs=1"], "first")
    lines, _, after = whole.grimace([*keys, "optimizer={name: sgd, lr: %g}" % RATE, "train.epochs=1"], "step")
    names = order(first)
    ours = [(first[n].astype(np.float64) - after[n]) / RATE for n in names]
    ours = [g.transpose(2, 3, 1, 0) if g.ndim == 4 else g.T if g.ndim == 2 else g for g in ours]
    loss, right = gradients(first, x, y, "float64")
    theirs_loss, theirs = gradients(first, x, y, "float32")
    print("%-28s grimace %.1e   Keras %.1e" % ("loss", abs(lines[0]["train_loss"] / loss - 1), abs(theirs_loss / loss - 1)))
    worst = 0.0
    for name, a, b, r in zip(names, ours, theirs, right):
        far = [np.linalg.norm(g - r) / np.linalg.norm(r) for g in (a, b)]
        worst = max(worst, far[0])
        print("%-28s grimace %.1e   Keras %.1e" % (name, *far))
    return worst > 1e-4


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    sys.exit(main())
