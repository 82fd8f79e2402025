#!/usr/bin/python3
"""Writes tests/parity/keras: what the networks of keras.applications have for layers, and the logits that they give.

    layers.txt         for each network its layers with weights, in the order in which Keras saves them
    logits.safetensors NETWORK [2, 3]: logits of two images whose numbers, as the weights', common.numbers makes

The networks are those of the package keras_applications itself (Debian's python3-keras-applications, 1.0.8), run on layers that
are defined here in float64 by the words of Keras's documentation; EfficientNetB0, which that version lacks, and keras_vggface's
VGG-16 are built here by their published layer names.

Run from the repository's root: /usr/bin/python3 tests/parity/make_keras_models.py (python3-keras-applications, python3-torch)
"""
import contextlib
import inspect
import os
import re
import sys
import types

import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import numbers, save  # noqa: E402

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras")
CLASSES = 3
torch.set_num_threads(1)


def stream(name):
    """FNV-1a, 32 bits."""
    h = 2166136261
    for byte in name.encode():
        h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
    return h


def weight(layer, variable, shape):
    """The numbers of a weight, from its name alone (float32, as a file holds them)."""
    u = numbers(stream(layer + "/" + variable), int(np.prod(shape))).reshape(shape)
    if variable == "moving_variance":
        u = np.float32(1) + np.float32(0.5) * u
    elif variable == "gamma":
        u = np.float32(1) + np.float32(0.2) * u
    elif len(shape) == 1:
        u = np.float32(0.1) * u
    else:
        fan_in = np.prod(shape[:2]) if variable == "depthwise_kernel" else np.prod(shape[:-1])
        u = np.float32((Layer.gain / fan_in) ** 0.5) * u
    return u.astype(np.float32)


class Value:
    """A tensor [N, H, W, C], or [N, F], with the layer that made it."""

    def __init__(self, data, layer=None, inputs=()):
        self.data, self.layer, self.inputs = data, layer, inputs
        self._keras_shape = tuple(data.shape)


class Layer:
    kind = None  # of weights, as layers.txt has it
    counts = {}
    gain = 3.0  # of kernels; keeps the image's influence on the logits through all layers

    def __new__(cls, *args, **named):
        layer = object.__new__(cls)
        layer.arguments = dict(inspect.signature(cls.__init__).bind(layer, *args, **named).arguments)
        layer.arguments.pop("self")
        layer.arguments.update(layer.arguments.pop("args", {}))
        layer.arguments.update(layer.arguments.pop("_", {}))
        return layer

    def __init__(self, name=None):
        self.name = name or self.auto_name()
        self.shape = ()

    def auto_name(self):
        snake = re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", type(self).__name__)).lower()
        Layer.counts[snake] = Layer.counts.get(snake, 0) + 1
        return "%s_%d" % (snake, Layer.counts[snake])

    def __call__(self, inputs):
        many = inputs if isinstance(inputs, list) else [inputs]
        return Value(self.run(*[x.data for x in many]), self, many)

    def weight(self, variable, *shape):
        return torch.from_numpy(weight(self.name, variable, shape)).double()


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def pair(x):
    return (x, x) if isinstance(x, int) else tuple(x)


def padded(x, kernel, strides, padding, value=0.0):
    """TensorFlow's SAME: as many rows as ceil(size / stride) windows need, the odd one at the end."""
    if padding.lower() == "valid":
        return x
    assert padding.lower() == "same"
    amounts = []
    for size, k, s in zip(x.shape[1:3], kernel, strides):
        total = max((-(-size // s) - 1) * s + k - size, 0)
        amounts.append((total // 2, total - total // 2))
    (top, bottom), (left, right) = amounts
    return F.pad(x, (0, 0, left, right, top, bottom), value=value)


ACTIVATIONS = {None: lambda x: x, "linear": lambda x: x, "relu": torch.relu, "swish": F.silu, "sigmoid": torch.sigmoid,
               "softmax": lambda x: x}  # logits are compared


class Conv2D(Layer):
    def __init__(self, filters, kernel_size, strides=1, padding="valid", use_bias=True, activation=None, name=None,
                 kernel_initializer=None, kernel_regularizer=None):
        super().__init__(name)
        self.filters, self.kernel, self.strides = filters, pair(kernel_size), pair(strides)
        self.padding, self.bias, self.activation = padding, use_bias, activation
        self.kind = "c" if use_bias else "k"

    def run(self, x):
        self.shape = (*self.kernel, x.shape[3], self.filters)
        x = padded(x, self.kernel, self.strides, self.padding)
        y = F.conv2d(nchw(x), self.weight("kernel", *self.shape).permute(3, 2, 0, 1), stride=self.strides)
        if self.bias:
            y = y + self.weight("bias", self.filters)[:, None, None]
        return ACTIVATIONS[self.activation](nhwc(y))


class DepthwiseConv2D(Layer):
    kind = "d"

    def __init__(self, kernel_size, strides=1, padding="valid", use_bias=True, activation=None, name=None, **_):
        super().__init__(name)
        self.kernel, self.strides, self.padding = pair(kernel_size), pair(strides), padding
        assert not use_bias and activation is None

    def run(self, x):
        self.shape = (*self.kernel, x.shape[3], 1)
        return self.depthwise(x)

    def depthwise(self, x):
        channels = x.shape[3]
        kernel = self.weight("depthwise_kernel", *self.kernel, channels, 1).permute(2, 3, 0, 1)
        return nhwc(F.conv2d(nchw(padded(x, self.kernel, self.strides, self.padding)), kernel, stride=self.strides,
                             groups=channels))


class SeparableConv2D(DepthwiseConv2D):
    kind = "S"

    def __init__(self, filters, kernel_size, **args):
        super().__init__(kernel_size, **args)
        self.filters = filters

    def run(self, x):
        self.shape = (*self.kernel, x.shape[3], self.filters)
        y = self.depthwise(x)
        return y @ self.weight("pointwise_kernel", 1, 1, x.shape[3], self.filters)[0, 0]


class BatchNormalization(Layer):
    def __init__(self, axis=-1, momentum=0.99, epsilon=1e-3, scale=True, name=None):
        super().__init__(name)
        self.epsilon, self.scale = epsilon, scale
        self.kind = "n" if scale else "s"

    def run(self, x):
        self.shape = (x.shape[-1],)
        names = ("gamma", "beta", "moving_mean", "moving_variance")
        gamma, beta, mean, variance = [self.weight(name, x.shape[-1]) for name in names]
        y = (x - mean) / torch.sqrt(variance + self.epsilon)
        return (y * gamma if self.scale else y) + beta


class Dense(Layer):
    kind = "D"

    def __init__(self, units, activation=None, use_bias=True, name=None):
        super().__init__(name)
        self.units, self.activation = units, activation

    def run(self, x):
        self.shape = (x.shape[1], self.units)
        return ACTIVATIONS[self.activation](x @ self.weight("kernel", *self.shape) + self.weight("bias", self.units))


class Activation(Layer):
    def __init__(self, activation, name=None):
        super().__init__(name)
        self.activation = activation

    def run(self, x):
        return ACTIVATIONS[self.activation](x)


class ReLU(Layer):
    def __init__(self, max_value=None, name=None):
        super().__init__(name)
        self.most = max_value

    def run(self, x):
        return torch.clamp(x, 0.0, self.most)


class ZeroPadding2D(Layer):
    def __init__(self, padding=1, name=None):
        super().__init__(name)
        self.padding = [pair(p) for p in pair(padding)]

    def run(self, x):
        (top, bottom), (left, right) = self.padding
        return F.pad(x, (0, 0, left, right, top, bottom))


class Cropping2D(ZeroPadding2D):
    def __init__(self, cropping, name=None):
        super().__init__(cropping, name)

    def run(self, x):
        (top, bottom), (left, right) = self.padding
        return x[:, top:x.shape[1] - bottom, left:x.shape[2] - right]


class MaxPooling2D(Layer):
    def __init__(self, pool_size, strides=None, padding="valid", name=None):
        super().__init__(name)
        self.kernel, self.strides, self.padding = pair(pool_size), pair(strides or pool_size), padding

    def run(self, x):
        x = padded(x, self.kernel, self.strides, self.padding, -np.inf)
        return nhwc(F.max_pool2d(nchw(x), self.kernel, self.strides))


class AveragePooling2D(MaxPooling2D):
    def run(self, x):
        """Padding does not count."""
        inside = padded(torch.ones_like(x), self.kernel, self.strides, self.padding)
        x = padded(x, self.kernel, self.strides, self.padding)
        sums = [nhwc(F.avg_pool2d(nchw(y), self.kernel, self.strides)) for y in (x, inside)]
        return sums[0] / sums[1]


class GlobalAveragePooling2D(Layer):
    def run(self, x):
        return x.mean((1, 2))


class Flatten(Layer):
    def run(self, x):
        return x.reshape(x.shape[0], -1)


class Add(Layer):
    def run(self, *x):
        return sum(x)


class Multiply(Layer):
    def run(self, a, b):
        return a * b


class Concatenate(Layer):
    def run(self, *x):
        return torch.cat(x, -1)


class Reshape(Layer):
    def __init__(self, shape, name=None):
        super().__init__(name)
        self.to = shape

    def run(self, x):
        return x.reshape(x.shape[0], *self.to)


class Model:
    def __init__(self, inputs, outputs, name=None):
        self.outputs = outputs

    def layers(self):
        """In the order of Keras's Network: by distance from the outputs, then as its walk back from them meets the layers."""
        order, nodes = [], []

        def walk(value):
            if value.layer is None:
                return
            if value.layer not in order:
                order.append(value.layer)
            elif any(value is node for node in nodes):
                return
            for x in value.inputs:
                walk(x)
            nodes.append(value)

        walk(self.outputs)
        depth = {}
        for value in reversed(nodes):
            depth.setdefault(value.layer, 0)
            for x in value.inputs:
                if x.layer is not None:
                    depth[x.layer] = max(depth.get(x.layer, 0), depth[value.layer] + 1)
        return sorted(order, key=lambda layer: (-depth[layer], order.index(layer)))


def image(size):
    """Two images [2, size, size, 3] of stream 1, as test_fill makes them."""
    return Value(torch.from_numpy(numbers(1, 2 * size * size * 3).reshape(2, size, size, 3)).double())


def modules():
    classes = [c for c in globals().values() if isinstance(c, type) and issubclass(c, Layer)]
    layers = types.SimpleNamespace(**{c.__name__: c for c in classes})
    layers.Input = lambda shape: image(shape[0])
    layers.add = lambda x, name=None: Add(name)(x)
    layers.concatenate = lambda x, axis=-1, name=None: Concatenate(name)(x)
    backend = types.SimpleNamespace(image_data_format=lambda: "channels_last", backend=lambda: "tensorflow",
                                    int_shape=lambda x: (None, *x.data.shape[1:]),
                                    name_scope=lambda name: contextlib.nullcontext())
    return {"backend": backend, "layers": layers, "models": types.SimpleNamespace(Model=Model), "utils": None}


# ---- networks that keras_applications 1.0.8 lacks ----------------------------------------------------------------------------


def efficientnet_b0(size):
    def conv(x, filters, name, bias=False, activation=None):
        return Conv2D(filters, 1, padding="same", use_bias=bias, activation=activation, name=name)(x)

    def strided(x, kernel, name, layer):
        amounts = [(kernel // 2 - 1 + extent % 2, kernel // 2) for extent in x.data.shape[1:3]]
        return layer(ZeroPadding2D(amounts, name=name)(x))

    def norm(x, name, active=True):
        x = BatchNormalization(name=name)(x)
        return Activation("swish")(x) if active else x

    def block(x, name, expand, kernel, stride, filters):
        inputs, channels = x, x.data.shape[3]
        if expand != 1:
            x = norm(conv(x, channels * expand, name + "expand_conv"), name + "expand_bn")
        depthwise = DepthwiseConv2D(kernel, stride, "valid" if stride == 2 else "same", use_bias=False, name=name + "dwconv")
        x = strided(x, kernel, name + "dwconv_pad", depthwise) if stride == 2 else depthwise(x)
        x = norm(x, name + "bn")
        wide = x.data.shape[3]
        s = Reshape((1, 1, wide), name=name + "se_reshape")(GlobalAveragePooling2D(name + "se_squeeze")(x))
        s = conv(s, max(1, channels // 4), name + "se_reduce", True, "swish")
        s = conv(s, wide, name + "se_expand", True, "sigmoid")
        x = Multiply(name + "se_excite")([x, s])
        x = norm(conv(x, filters, name + "project_conv"), name + "project_bn", False)
        return Add(name + "add")([x, inputs]) if stride == 1 and channels == filters else x

    stages = [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4),
              (6, 3, 1, 320, 1)]
    x = strided(image(size), 3, "stem_conv_pad", Conv2D(32, 3, 2, use_bias=False, name="stem_conv"))
    x = norm(x, "stem_bn")
    for number, (expand, kernel, stride, filters, repeats) in enumerate(stages):
        for i in range(repeats):
            x = block(x, "block%d%s_" % (number + 1, "abcd"[i]), expand, kernel, stride if i == 0 else 1, filters)
    x = norm(conv(x, 1280, "top_conv"), "top_bn")
    x = GlobalAveragePooling2D("avg_pool")(x)
    return Model(None, Dense(CLASSES, "softmax", name="predictions")(x))


def vgg_face(size):
    """Without fc6 and fc7: as grimace's head mlp stands on it."""
    x = image(size)
    for group, (filters, count) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]):
        for i in range(count):
            x = Conv2D(filters, 3, padding="same", activation="relu", name="conv%d_%d" % (group + 1, i + 1))(x)
        x = MaxPooling2D(2, name="pool%d" % (group + 1))(x)
    return Model(None, Dense(CLASSES, name="fc8")(GlobalAveragePooling2D()(x)))


def from_package(module, function, **args):
    def make(size):
        package = __import__("keras_applications." + module, fromlist=[module])
        return getattr(package, function)(input_shape=(size, size, 3), weights=None, classes=CLASSES, **args, **modules())
    return make


def vgg16(size):
    """Without fc1 and fc2, likewise."""
    map_of = from_package("vgg16", "VGG16", include_top=False)(size).outputs
    return Model(None, Dense(CLASSES, name="predictions")(GlobalAveragePooling2D()(map_of)))


# name: backbone, width, size, gain, maker. Odd and even sizes pad differently.
NETWORKS = {
    "resnet50": ("resnet50", 1, 64, 3, from_package("resnet", "ResNet50")),
    "resnet50_old": ("resnet50", 1, 64, 3, from_package("resnet50", "ResNet50")),
    "resnet101": ("resnet101", 1, 33, 3, from_package("resnet", "ResNet101")),
    "inception_v3": ("inception_v3", 1, 99, 7, from_package("inception_v3", "InceptionV3")),
    "mobilenet_v2": ("mobilenet_v2", 1, 64, 6, from_package("mobilenet_v2", "MobileNetV2")),
    "mobilenet_v2_narrow": ("mobilenet_v2", 0.35, 75, 6, from_package("mobilenet_v2", "MobileNetV2", alpha=0.35)),
    "efficientnet_b0": ("efficientnet_b0", 1, 64, 8, efficientnet_b0),
    "efficientnet_b0_odd": ("efficientnet_b0", 1, 75, 8, efficientnet_b0),
    "nasnet_mobile": ("nasnet_mobile", 1, 64, 5, from_package("nasnet", "NASNetMobile")),
    "nasnet_mobile_odd": ("nasnet_mobile", 1, 75, 5, from_package("nasnet", "NASNetMobile")),
    "vgg16": ("vgg16", 1, 64, 6, vgg16),
    "vgg_face": ("vgg16", 1, 64, 6, vgg_face),
}


def main():
    logits, lines = {}, []
    for name, (backbone, width, size, gain, make) in NETWORKS.items():
        Layer.counts.clear()
        Layer.gain = gain
        model = make(size)
        logits[name] = model.outputs.data.float().numpy()
        lines.append("network %s %s %g %d %g" % (name, backbone, width, size, gain))
        if name.endswith("_odd"):
            continue  # the layers are those before
        lines += ["%s %s %s" % (layer.kind, layer.name, " ".join(str(extent) for extent in layer.shape))
                  for layer in model.layers() if layer.kind]
        print(name, logits[name].reshape(-1))
    os.makedirs(FOLDER, exist_ok=True)
    with open(os.path.join(FOLDER, "layers.txt"), "w") as file:
        file.write("\n".join(lines) + "\n")
    save(os.path.join(FOLDER, "logits.safetensors"), logits)


if __name__ == "__main__":
    main()
