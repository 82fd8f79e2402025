#!/usr/bin/env python3
"""Writes to tests/parity/keras what networks of keras.applications itself have for layers and compute, in float64. Run from the
repository's root, first with Keras 3.15.1 on TensorFlow 2.21.0, then, for the names, with Keras 2.15.0 on TensorFlow 2.15.0:

    python3 tests/parity/make_keras_applications.py

    applications.txt          as layers.txt (make_keras_models.py), in the order of the model's layers; N: a layer `normalization`
    applications.safetensors  NETWORK [2, 3]: logits of two images, weights and images as make_keras_models.py makes them. Rescaling and
                              normalisation in the network are met by images that give the same behind them.
                              xception.logits, .loss, .gradients: as make_networks.py has them of torchvision's networks, with batch
                              norms' running statistics
    applications2.txt         "NAME2 NAME3": what layers with weights are called in Keras 2, where that is otherwise
"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from common import numbers, save  # noqa: E402

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras")
CLASSES, MEAN, STD = 3, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
# name: function, backbone, width, size, gain. Odd and even sizes pad differently.
NETWORKS = {
    "mobilenet_v3_small": ("MobileNetV3Small", "mobilenet_v3_small", 1, 64, 6),
    "mobilenet_v3_small_odd": ("MobileNetV3Small", "mobilenet_v3_small", 1, 75, 6),
    "mobilenet_v3_small_narrow": ("MobileNetV3Small", "mobilenet_v3_small", 0.75, 64, 6),
    "mobilenet_v3_large": ("MobileNetV3Large", "mobilenet_v3_large", 1, 64, 5),
    "mobilenet_v3_large_wide": ("MobileNetV3Large", "mobilenet_v3_large", 1.25, 49, 5),
    "densenet121": ("DenseNet121", "densenet121", 1, 64, 4),
    "densenet121_odd": ("DenseNet121", "densenet121", 1, 75, 4),
    "xception": ("Xception", "xception", 1, 74, 2.5),
    "xception_odd": ("Xception", "xception", 1, 99, 2.5),
    "efficientnet_b0": ("EfficientNetB0", "efficientnet_b0", 1, 64, 8),
    "efficientnet_b0_odd": ("EfficientNetB0", "efficientnet_b0", 1, 75, 8),
}
KINDS = {"DepthwiseConv2D": "d", "SeparableConv2D": "S", "Dense": "D", "Normalization": "N"}
TRAINED, BATCH, SIZE = "xception", 2, 71


def stream(name):
    """FNV-1a, 32 bits."""
    h = 2166136261
    for byte in name.encode():
        h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
    return h


def build(name, size=None):
    function, _, width, usual, _ = NETWORKS[name]
    keras.backend.clear_session()
    named = {"alpha": float(width)} if width != 1 else {}
    size = size or usual
    model = getattr(keras.applications, function)(weights=None, classes=CLASSES, input_shape=(size, size, 3), **named)
    model.layers[-1].activation = keras.activations.linear  # logits are compared
    return model


def kind_of(layer):
    kind = type(layer).__name__
    if kind == "BatchNormalization":
        return "n" if layer.scale else "s"
    return KINDS[kind] if kind in KINDS else "c" if layer.use_bias else "k"


def variable_of(layer, weight):
    """Keras 2's name: in 3 a depthwise kernel is a kernel."""
    name = weight.name.split("/")[-1].split(":")[0]
    return "depthwise_kernel" if type(layer).__name__ == "DepthwiseConv2D" else name


def shape_of(layer):
    shape = list(layer.weights[0].shape)
    return shape[:3] + [layer.weights[1].shape[-1]] if kind_of(layer) == "S" else shape


def fill(model, gain):
    """As weight of make_keras_models.py."""
    for layer in model.layers:
        values = []
        for w in layer.weights:
            variable, shape = variable_of(layer, w), tuple(w.shape)
            u = numbers(stream(layer.name + "/" + variable), int(np.prod(shape))).reshape(shape)
            if variable in ("mean", "variance"):
                u = np.array(MEAN if variable == "mean" else np.square(STD), np.float32).reshape(shape)
            elif variable == "count":
                u = np.zeros(shape)
            elif variable == "moving_variance":
                u = np.float32(1) + np.float32(0.5) * u
            elif variable == "gamma":
                u = np.float32(1) + np.float32(0.2) * u
            elif len(shape) == 1:
                u = np.float32(0.1) * u
            else:
                fan_in = np.prod(shape[:2]) if variable == "depthwise_kernel" else np.prod(shape[:-1])
                u = np.float32((gain / fan_in) ** 0.5) * u
            values.append(u)
        if values:
            layer.set_weights(values)
            if hasattr(layer, "finalize_state"):
                layer.finalize_state()


def images(name, batch, size):
    """Stream 1, before what stands in front of the first convolution."""
    x = numbers(1, batch * size * size * 3).reshape(batch, size, size, 3).astype(np.float64)
    if name.startswith("mobilenet"):
        return (x + 1) * 127.5
    if name.startswith("efficientnet"):
        return (x * np.sqrt(np.square(STD).astype(np.float32).astype(float)) + np.float32(MEAN).astype(float)) * 255
    return x


# ---- Xception as make_networks.py has the others -------------------------------------------------------------------------------


def our_names(model):
    """{(layer, variable): our name}"""
    names, shortcuts = {}, iter([2, 2, 3, 3, 4, 4, 13, 13])
    torch = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var", "kernel": "weight",
             "bias": "bias", "depthwise_kernel": "depthwise.weight", "pointwise_kernel": "pointwise.weight"}
    numbered = sorted((l.name for l in model.layers if l.weights and l.name.startswith(("conv2d", "batch_norm"))),
                      key=lambda n: (int("0" + "".join(c for c in n.replace("conv2d", "") if c.isdigit())), n.startswith("batch")))
    ours = {name: "block%d_shortcut%s" % (next(shortcuts), "_bn" if name.startswith("batch") else "") for name in numbered}
    for layer in model.layers:
        for w in layer.weights:
            names[layer.name, variable_of(layer, w)] = "%s.%s" % (ours.get(layer.name, layer.name), torch[variable_of(layer, w)])
    return names


def in_torch_layout(value, variable):
    if variable == "depthwise_kernel":
        return value.transpose(2, 3, 0, 1)
    return value.transpose(3, 2, 0, 1) if value.ndim == 4 else value.T


def fill_as_torch(model, names):
    """The numbers of fill in torch_common.py."""
    for layer in model.layers:
        norm, values = isinstance(layer, keras.layers.BatchNormalization), []
        for w in layer.weights:
            variable, name = variable_of(layer, w), names[layer.name, variable_of(layer, w)]
            shape = in_torch_layout(np.zeros(w.shape), variable).shape
            u = numbers(stream(name), int(np.prod(shape))).reshape(shape).astype(np.float64)
            if variable == "moving_variance":
                u = 1 + 0.5 * u
            elif u.ndim > 1:
                u = u * (3.0 / np.prod(shape[1:])) ** 0.5
            elif norm and variable in ("gamma", "beta"):
                u = 0.4 + 0.08 * u if variable == "gamma" else 0.7 + 0.1 * u
            else:
                u = 0.1 * u
            back = u.transpose(2, 3, 0, 1) if variable == "depthwise_kernel" else u.transpose(2, 3, 1, 0) if u.ndim == 4 else u.T
            values.append(back)
        if values:
            layer.set_weights(values)


def trained(result):
    model = build(TRAINED, SIZE)
    names = our_names(model)
    fill_as_torch(model, names)
    result[TRAINED + ".logits"] = np.array(model(images(TRAINED, 2, SIZE), training=False))
    with tf.GradientTape() as tape:
        z = model(images(TRAINED, BATCH, SIZE), training=False)
        labels = np.arange(BATCH) % CLASSES
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, z))
    pairs = [(names[layer.name, variable_of(layer, w)], variable_of(layer, w), w.value) for layer in model.layers
             for w in layer.trainable_weights if not isinstance(layer, keras.layers.BatchNormalization)]
    gradients = tape.gradient(loss, [p[2] for p in pairs])
    rows = []
    for name, g in sorted(((p[0], in_torch_layout(np.array(g), p[1])) for p, g in zip(pairs, gradients)), key=lambda r: r[0].encode()):
        g = g.ravel()
        rows.append([g @ numbers((stream(name) + 1) & 0xFFFFFFFF, g.size).astype(float), np.linalg.norm(g)])
    result[TRAINED + ".loss"] = [float(loss)]
    result[TRAINED + ".gradients"] = rows


# ---- the files ----------------------------------------------------------------------------------------------------------------


def third(name):
    return name.replace("/BatchNorm", "_bn").replace("/", "_").lower() if "/" in name or name in ("Conv", "Logits", "Conv_1", "Conv_2") else name


def write_names():
    with open(os.path.join(FOLDER, "applications.txt")) as file:
        known = {line.split()[1] for line in file}
    pairs = []
    for name in ("mobilenet_v3_small", "mobilenet_v3_large", "densenet121"):
        for layer in build(name).layers:
            if layer.weights and third(layer.name) not in known:
                sys.exit("no layer of Keras 3 is %s" % layer.name)
            if layer.weights and third(layer.name) != layer.name and [layer.name, third(layer.name)] not in pairs:
                pairs.append([layer.name, third(layer.name)])
    with open(os.path.join(FOLDER, "applications2.txt"), "w") as file:
        file.writelines(" ".join(pair) + "\n" for pair in pairs)


def main():
    if keras.__version__.startswith("2."):
        write_names()
        return
    keras.backend.set_floatx("float64")
    result, lines = {}, []
    for name, (_, backbone, width, size, gain) in NETWORKS.items():
        model = build(name)
        fill(model, gain)
        result[name] = np.array(model(images(name, 2, size), training=False))
        lines.append("network %s %s %g %d %g" % (name, backbone, width, size, gain))
        if not name.endswith("_odd"):  # the layers are those before
            lines += ["%s %s %s" % (kind_of(layer), layer.name, " ".join(str(d) for d in shape_of(layer))) for layer in model.layers
                      if layer.weights]
        print(name, result[name].reshape(-1), flush=True)
    trained(result)
    print(result[TRAINED + ".logits"], result[TRAINED + ".loss"])
    with open(os.path.join(FOLDER, "applications.txt"), "w") as file:
        file.write("\n".join(lines) + "\n")
    save(os.path.join(FOLDER, "applications.safetensors"), result)


main()
