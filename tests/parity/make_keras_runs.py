"""Writes keras2_runs.h or keras3_runs.h: the losses of thirty steps of Keras's training, the loss of evaluation behind them, and
what is predicted then. Images and first weights are the numbers of common.py, so that grimace has the same.

    python3 tests/parity/make_keras_runs.py keras2 > tests/parity/keras2_runs.h    # with Keras 2.15.0, TensorFlow 2.15.0
    python3 tests/parity/make_keras_runs.py keras3 > tests/parity/keras3_runs.h    # with Keras 3.15.1, TensorFlow 2.21.0
    python3 tests/parity/make_keras_runs.py keras210 > tests/parity/keras210_runs.h    # with Keras 2.10.0, TensorFlow 2.10.1

The last has the rules in which 2.10 differs from 2.15.
"""
import os
import sys
import textwrap

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, optimizers, regularizers

from common import numbers

PREFIX = sys.argv[1]
SIZE, BATCH, IMAGES, STEPS, SHOWN = 24, 8, 32, 30, 4


def data():
    x = numbers(1, IMAGES * SIZE * SIZE * 3).reshape(IMAGES, SIZE, SIZE, 3) * np.float32(0.5) + np.float32(0.5)
    y = np.array([1 if i * 7 % 3 == 0 else 0 for i in range(IMAGES)], np.int32)
    x[y == 1] *= np.float32(0.5)
    return x, y


def fill(model, norms):
    """Weights from -r to r, r = sqrt(3 / fan_in), kernel after kernel; with `norms` those of batch norms, too; all else as it is.
    Layers called k01, k02, ... are taken in this order, as that of a model with branches is Keras's own."""
    kernels, others = 0, 0
    for layer in sorted(model.layers, key=lambda layer: layer.name if layer.name.startswith("k") else ""):
        norm = isinstance(layer, layers.BatchNormalization)
        for place, variable in enumerate(layer.weights):
            shape = tuple(variable.shape)
            if len(shape) > 1:
                depthwise = isinstance(layer, layers.DepthwiseConv2D)
                fan_in = int(np.prod(shape[:2] if depthwise else shape[:-1]))
                w = numbers(10 + kernels, int(np.prod(shape))) * np.float32(np.sqrt(3.0 / fan_in))
                variable.assign(w.reshape(shape) if len(shape) == 4 else w.reshape(shape[::-1]).T)
                kernels += 1
            elif norm and norms:
                middle, reach = (1.0, 0.3) if place in (0, 3) else (0.0, 0.2)
                variable.assign(numbers(100 + others, shape[0]) * np.float32(reach) + np.float32(middle))
                others += 1


def blackmice():
    """BlackMice's own network (Andresen et al. 2020); its maps are flattened channel after channel, as in grimace."""
    stack = [layers.Input((SIZE, SIZE, 3))]
    for filters in (32, 32, 64):
        stack += [layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.MaxPooling2D(2)]
    stack += [layers.Permute((3, 1, 2)), layers.Flatten(), layers.Dense(128, activation="relu"),
              layers.Dense(128, activation="relu"), layers.Dense(2, activation="softmax")]
    return keras.Sequential(stack)


def tuned():
    """A fine tuning: the first convolution and its batch norm are frozen, all kernels but the first dense layer's have L2."""
    l2 = regularizers.l2(0.01)
    frozen = [layers.Conv2D(16, 3, padding="same", use_bias=False, kernel_regularizer=l2), layers.BatchNormalization()]
    for layer in frozen:
        layer.trainable = False
    return keras.Sequential(
        [layers.Input((SIZE, SIZE, 3)), *frozen, layers.ReLU(), layers.MaxPooling2D(2),
         layers.Conv2D(32, 3, padding="same", use_bias=False, kernel_regularizer=l2), layers.BatchNormalization(), layers.ReLU(),
         layers.GlobalAveragePooling2D(), layers.Dense(16, activation="relu", kernel_regularizer=regularizers.l1_l2(0.001, 0.01)),
         layers.Dense(2, activation="softmax")])


def conv(x, name, filters, kernel, stride=1, pad=0):
    if pad > 0:
        x = layers.ZeroPadding2D(pad)(x)
    return layers.Conv2D(filters, kernel, strides=stride, use_bias=False, name=name)(x)


def norm(x, name, eps, momentum):
    return layers.BatchNormalization(epsilon=eps, momentum=momentum, name=name)(x)


def frozen():
    """A head on a frozen residual network with ResNet50's beginning and one block of its kind, whose batch norms infer."""
    image = layers.Input((SIZE, SIZE, 3))
    x = layers.ReLU()(norm(conv(image, "k01", 16, 7, 2, 3), "k02", 1.001e-5, 0.99))
    x = layers.MaxPooling2D(3, 2)(layers.ZeroPadding2D(1)(x))
    y = layers.ReLU()(norm(conv(x, "k03", 16, 1, 2), "k04", 1.001e-5, 0.99))
    y = layers.ReLU()(norm(conv(y, "k05", 16, 3, 1, 1), "k06", 1.001e-5, 0.99))
    y = norm(conv(y, "k07", 64, 1), "k08", 1.001e-5, 0.99)
    x = layers.ReLU()(layers.Add()([norm(conv(x, "k09", 64, 1, 2), "k10", 1.001e-5, 0.99), y]))
    base = keras.Model(image, layers.GlobalAveragePooling2D()(x))
    base.trainable = False
    return keras.Model(image, layers.Dense(2, activation="softmax", name="k11")(base.output))


def landmarks():
    """Four coordinates by a small MobileNetV2: its beginning, an inverted residual block, batch norms that train."""
    relu6 = lambda x: layers.ReLU(6.0)(x)
    image = layers.Input((SIZE, SIZE, 3))
    x = relu6(norm(conv(image, "k01", 16, 3, 2, 1), "k02", 1e-3, 0.999))
    y = relu6(norm(conv(x, "k03", 32, 1), "k04", 1e-3, 0.999))
    y = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="k05")(y)
    y = norm(conv(relu6(norm(y, "k06", 1e-3, 0.999)), "k07", 16, 1), "k08", 1e-3, 0.999)
    x = layers.GlobalAveragePooling2D()(layers.Add()([x, y]))
    return keras.Model(image, layers.Dense(4, name="k09")(x))


def infantpain():
    """A fine tuning as InfantPain's: of a VGG the first block is frozen, dense layers of the head have L1."""
    l1 = regularizers.l1(0.001)
    stack = [layers.Input((SIZE, SIZE, 3))]
    for filters in (16, 32):
        for _ in range(2):
            stack.append(layers.Conv2D(filters, 3, padding="same", activation="relu", trainable=filters > 16))
        stack.append(layers.MaxPooling2D(2))
    return keras.Sequential(stack + [layers.GlobalAveragePooling2D(), layers.Dense(16, activation="relu", kernel_regularizer=l1),
                                     layers.Dense(2, activation="softmax", kernel_regularizer=l1)])


S = optimizers.schedules
RUNS = {
    "adam": (blackmice, lambda: optimizers.Adam(S.InverseTimeDecay(1e-3, 1, 0.05)), {0: 0.5, 1: 2.0}),
    "rmsprop": (blackmice, lambda: optimizers.RMSprop(1e-3, momentum=0.5, clipnorm=0.5), None),
    "tuned": (tuned, lambda: optimizers.SGD(S.ExponentialDecay(0.05, 10, 0.5), momentum=0.9, nesterov=True), {0: 0.5, 1: 2.0}),
    "nadam": (blackmice, lambda: optimizers.Nadam(2e-4), None),
    "frozen": (frozen, lambda: optimizers.Adam(1e-2), None),
    "landmarks": (landmarks, lambda: optimizers.Adam(1e-3), None),
    "infantpain": (infantpain, lambda: optimizers.Adam(1e-3), {0: 0.75, 1: 1.5}),
}


OLD_RUNS = {
    "adam": (blackmice, lambda: optimizers.Adam(1e-3, decay=0.05), {0: 0.5, 1: 2.0}),
    "nadam": (blackmice, lambda: optimizers.Nadam(1e-4), None),
    "adagrad": (blackmice, lambda: optimizers.Adagrad(1e-2), None),
    "rmsprop": (blackmice, lambda: optimizers.RMSprop(1e-4), None),
}


def run(build, make, weights):
    model = build()
    points = build is landmarks
    fill(model, build in (frozen, landmarks))
    model.compile(make(), loss="mse" if points else "sparse_categorical_crossentropy")
    x, y = data()
    if points:
        y = numbers(2, IMAGES * 4).reshape(IMAGES, 4) * np.float32(0.5) + np.float32(0.5)
    losses = []
    for step in range(STEPS):
        rows = np.arange(step * BATCH, (step + 1) * BATCH) % IMAGES
        model.reset_metrics()
        result = model.train_on_batch(x[rows], y[rows], class_weight=weights)
        losses.append(float(np.asarray(result).ravel()[0]))
    evaluated = float(model.evaluate(x, y, batch_size=BATCH, verbose=0))
    shown = model.predict(x[:SHOWN], verbose=0)[:, 1]  # of landmarks the first one's y
    return losses + [evaluated] + [float(v) for v in shown]


def put(text):
    """Prints C, no line longer than 120."""
    for line in text.split("\n"):
        print("\n".join(textwrap.wrap(line, 120, subsequent_indent="      ", break_long_words=False, break_on_hyphens=False))
              if len(line) > 120 else line)


def main():
    put("/* Written by make_keras_runs.py with Keras %s on TensorFlow %s: losses of %d steps, the loss of evaluation, and the "
          "probability of class 1 (of landmarks: the second coordinate) of %d images. */"
        % (keras.__version__, tf.__version__, STEPS, SHOWN))
    for name, (build, make, weights) in (OLD_RUNS if PREFIX == "keras210" else RUNS).items():
        values = run(build, make, weights)
        lines = [", ".join("%.9g" % v for v in values[i:i + 7]) for i in range(0, len(values), 7)]
        put("static const double %s_%s[%d] = {\n    %s};" % (PREFIX, name, len(values), ",\n    ".join(lines)))


main()
