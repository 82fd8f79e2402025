#!/usr/bin/python3
"""Writes small files of Keras's own to tests/parity/keras, and the logits that Keras has from them. Run once in each of two
environments, from the repository's root; words behind it (custom) are the only ones made, and the others' logits are left as they are:

    python3 tests/parity/make_keras_files.py       Keras 3.15.1 on TensorFlow 2.21.0: files3.*, files3_seq.h5
                                                   Keras 2.15.0 on TensorFlow 2.15.0: files2.*

NAME_seq: a Sequential of convolutions, batch norm, max pool, dense layers, as .keras, .weights.h5 and .h5
NAME_rest: strides, "same" borders, a depthwise convolution and average pools, as .keras
NAME_nest: a Sequential within a Sequential, as .keras
NAME_mixed: a convolution with as many groups as channels among depthwise ones, pools with uneven borders, as .keras and .h5, and .weights.h5 by 3
NAME_middle: a Sequential between layers of its own shapes, in it a batch norm without beta, a separable convolution, as .keras, and .weights.h5
    by 3
NAME_one: Rescaling and a random flip in front, a border of zeros, LeakyReLU, one output by sigmoid, as .keras
NAME_prelu: a PReLU with a slope for each channel, and two with one for each number, one of a flattened map, as .keras, .weights.h5 and .h5
NAME_custom: a Sequential with a layer of a class of one's own among the others, as .keras by 3 and .h5 by 2
NAME.safetensors: "seq.logits", "rest.logits", "nest.logits", "mixed.logits", "middle.logits", "prelu.logits" [2, 3] of two images [2, 16, 16, 3] that common.numbers makes.
"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import keras  # noqa: E402
from common import load, numbers, save  # noqa: E402
from keras import layers as L  # noqa: E402

MAJOR = keras.__version__.split(".")[0]
BASE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras", "files" + MAJOR)


def fill(model):
    """Every weight from its place: variances above 0, all else in [-0.5, 0.5) or around 1."""
    for i, variable in enumerate(model.weights):
        u = numbers(i + 1, int(variable.shape.num_elements() if MAJOR == "2" else variable.numpy().size)).reshape(variable.shape)
        name = variable.name.split("/")[-1]
        variable.assign(1 + 0.5 * u if "variance" in name or "gamma" in name else 0.5 * u)


def seq():
    return keras.Sequential([L.InputLayer((16, 16, 3)), L.Conv2D(5, 3, activation="relu", name="mine"), L.BatchNormalization(),
                             L.MaxPooling2D(), L.Conv2D(4, 3, strides=2, padding="same", use_bias=False), L.Flatten(),
                             L.Dropout(0.5), L.Dense(6, activation="relu"), L.Dense(3)])


def rest():
    return keras.Sequential([L.InputLayer((16, 16, 3)), L.Conv2D(4, (5, 2), strides=(2, 1), padding="same"),
                             L.BatchNormalization(scale=False), L.Activation("relu"),
                             L.DepthwiseConv2D(4, strides=2, padding="same"), L.AveragePooling2D(3, 2, padding="same"),
                             L.Conv2D(6, 2, padding="same", activation="sigmoid"), L.MaxPooling2D(3, 1, padding="same"),
                             L.GlobalAveragePooling2D(), L.Dense(3)])


def nest():
    inner = keras.Sequential([L.InputLayer((16, 16, 3)), L.Conv2D(3, 3, strides=3), L.ReLU(), L.Flatten(), L.Dense(4)])
    return keras.Sequential([L.InputLayer((16, 16, 3)), inner, L.Dense(3)])


def mixed():
    return keras.Sequential([L.InputLayer((16, 16, 3)), L.Conv2D(6, 3), L.Conv2D(6, 3, groups=6, padding="same"),
                             L.MaxPooling2D(2, 1, padding="same"), L.DepthwiseConv2D(3), L.AveragePooling2D((2, 4), 1, padding="same"),
                             L.DepthwiseConv2D(2, strides=2, depth_multiplier=2), L.ReLU(), L.GlobalAveragePooling2D(), L.Dense(3)])


def middle():
    inner = keras.Sequential([L.InputLayer((16, 16, 3)), L.Conv2D(3, 3, padding="same"), L.BatchNormalization(center=False), L.ReLU()])
    image = L.Input((16, 16, 3))
    x = inner(L.Conv2D(3, 3, padding="same", activation="relu")(image))
    x = L.Conv2D(3, 3, padding="same", activation="relu")(L.SeparableConv2D(3, 3, padding="same", depth_multiplier=2)(x))
    return keras.Model(image, L.Dense(3)(L.GlobalAveragePooling2D()(x)))


@keras.saving.register_keras_serializable("grimace")
class Scale(L.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones", name="factor")

    def call(self, x):
        return x * self.factor


def one():
    slope = {"negative_slope": 0.1} if MAJOR == "3" else {"alpha": 0.1}
    return keras.Sequential([L.InputLayer((16, 16, 3)), L.Rescaling(1 / 127.5, -1), L.RandomFlip(), L.ZeroPadding2D(1),
                             L.Conv2D(2, 3, strides=3), L.LeakyReLU(**slope), L.Flatten(), L.Dense(1, activation="sigmoid")])


def prelu():
    return keras.Sequential([L.InputLayer((16, 16, 3)), L.Conv2D(4, 3, strides=2), L.PReLU(shared_axes=[1, 2]), L.MaxPooling2D(),
                             L.Flatten(), L.PReLU(), L.Dense(5), L.PReLU(), L.Dense(3)])


def custom():
    return keras.Sequential([L.InputLayer((16, 16, 3)), L.Conv2D(2, 3, strides=3), Scale(name="mine"), L.Flatten(), L.Dense(3)])


def main():
    images = numbers(99, 2 * 16 * 16 * 3).reshape(2, 16, 16, 3)
    logits = {}
    makers = [make for make in (seq, rest, nest, mixed, middle, one, prelu, custom) if make.__name__ in sys.argv[1:] or not sys.argv[1:]]
    for make in makers:
        keras.backend.clear_session()
        model = make()
        fill(model)
        name = BASE + "_" + make.__name__
        if make is custom:
            model.save(name + (".keras" if MAJOR == "3" else ".h5"))
            continue
        model.save(name + ".keras")
        if make is one:
            continue
        if make is mixed:
            model.save(name + ".h5")
        if make in (mixed, middle) and MAJOR == "3":
            model.save_weights(name + ".weights.h5")
        if make in (seq, prelu):
            model.save_weights(name + ".weights.h5")
            model.save(name + ".h5")
        logits[make.__name__ + ".logits"] = model.predict(images, verbose=0)
    save(BASE + ".safetensors", {**(load(BASE + ".safetensors") if sys.argv[1:] else {}), **logits})


main()
