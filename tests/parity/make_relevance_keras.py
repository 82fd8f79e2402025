"""Writes relevance_keras.safetensors: maps that innvestigate's deep_taylor makes on two small networks (Python 3.11, TensorFlow 2.14.1,
innvestigate 2.1.2). Run it in this folder:
    python3 make_relevance_keras.py
"cnn" is BlackMice's network made small: convolutions with ReLU and max pools, then dense layers. "residual" has batch norms, sums,
average pools and a concatenation. KEY.deep_taylor and KEY.bounded [2, 16, 16, 3]: relevance of two images' class CLASS, of
deep_taylor and, with pixels in [-1, 1), of deep_taylor.bounded. Weights come from the layers' names and the images from their number,
by the tests' formula."""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import innvestigate
import numpy as np
import tensorflow as tf

from common import numbers, save

tf.compat.v1.disable_eager_execution()
L = tf.keras.layers
SIZE, IMAGES = 16, 2
CLASS = {"cnn": 2, "residual": 0}


def stream(name):
    """FNV-1a, 32 bits."""
    h = 2166136261
    for byte in name.encode():
        h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
    return h


def flatten(x):
    """In the order of torch.flatten."""
    return L.Flatten()(L.Permute((3, 1, 2))(x))


def cnn(x):
    for i, filters in enumerate((8, 8, 12)):
        x = L.Conv2D(filters, 3, padding="same", activation="relu", name=f"conv{i + 1}")(x)
        x = L.MaxPooling2D(2)(x)
    x = flatten(x)
    for i in range(2):
        x = L.Dense(16, activation="relu", name=f"fc{i + 1}")(x)
    return L.Dense(3, name="classifier")(x)


def conv_norm(x, i, filters):
    x = L.Conv2D(filters, 3, padding="same", use_bias=False, name=f"conv{i}")(x)
    return L.BatchNormalization(epsilon=1e-5, name=f"bn{i}")(x)


def residual(x):
    x = L.ReLU()(conv_norm(x, 1, 8))
    x = L.MaxPooling2D(2)(x)
    y = L.ReLU()(conv_norm(x, 2, 8))
    x = L.ReLU()(L.Add()([conv_norm(y, 3, 8), x]))
    x = L.Concatenate()([L.AveragePooling2D(2)(x), L.MaxPooling2D(2)(x)])
    x = L.ReLU()(conv_norm(x, 4, 12))
    return L.Dense(3, name="classifier")(L.GlobalAveragePooling2D()(x))


def fill(model):
    kinds = {"kernel": "weight", "bias": "bias", "gamma": "weight", "beta": "bias", "moving_mean": "running_mean",
             "moving_variance": "running_var"}
    for layer in model.layers:
        values = []
        for variable in layer.weights:
            kind = variable.name.split("/")[-1].split(":")[0]
            shape = tuple(variable.shape)
            ours = shape[::-1] if len(shape) == 2 else shape
            u = numbers(stream(f"{layer.name}.{kinds[kind]}"), int(np.prod(shape))).reshape(ours)
            if len(shape) > 1:
                u = u * np.float32((3.0 / np.prod(shape[:-1])) ** 0.5)
            elif kind == "moving_variance":
                u = 1 + np.float32(0.5) * u
            elif kind == "gamma":
                u = 1 + np.float32(0.2) * u
            else:
                u = np.float32(0.1) * u
            values.append(u.T if len(shape) == 2 else u)
        layer.set_weights(values)


def main():
    result = {}
    images = numbers(1, IMAGES * SIZE * SIZE * 3).reshape(IMAGES, SIZE, SIZE, 3)
    for key, build in (("cnn", cnn), ("residual", residual)):
        x = L.Input((SIZE, SIZE, 3))
        model = tf.keras.Model(x, build(x))
        fill(model)
        result[key + ".logits"] = model.predict(images)
        for name, method, more in (("deep_taylor", "deep_taylor", {}), ("bounded", "deep_taylor.bounded", {"low": -1, "high": 1})):
            analyzer = innvestigate.create_analyzer(method, model, neuron_selection_mode="index", **more)
            result[f"{key}.{name}"] = analyzer.analyze(images, CLASS[key])
            print(key, name, result[key + ".logits"], result[f"{key}.{name}"].sum((1, 2, 3)))
    save("relevance_keras.safetensors", result)


main()
