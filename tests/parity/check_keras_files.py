"""Random plain networks of Keras to grimace by `grimace info FILE`: Sequential, functional, models within models; convolutions of all kinds,
borders of zeros, pools, batch norms with settings of their own, activations as words and as layers, layers that act in training only,
Rescaling in front. The config that info writes must load the file, and its answers to three pictures must be Keras's within 1e-5. Then one setting
of model.layers after the other is changed (a stride, a border, an activation, a slope, an eps, a kind of pool): each must be refused in
one line with the layer's name. Exit status 1 where one does not. Not part of make test, for it needs Keras:

    python3 tests/parity/check_keras_files.py build/grimace [DRAWS [FIRST]]    # Keras 2.15.0 on TensorFlow 2.15.0
                                                                               # Keras 3.15.1 on TensorFlow 2.21.0
"""
import os
import random
import re
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf
from keras import layers as L

GRIMACE, MAJOR = os.path.realpath(sys.argv[1]), int(keras.__version__.split(".")[0])
DRAWS, FIRST = int(sys.argv[2]) if len(sys.argv) > 2 else 20, int(sys.argv[3]) if len(sys.argv) > 3 else 1
IMAGES, CLASSES, LIMIT = 3, 3, 1e-5
WORDS = ["relu", "sigmoid", "tanh", "elu", "selu", "gelu", "softplus", "softsign", "swish", "hard_sigmoid"] + (
    ["relu6", "leaky_relu", "silu", "mish", "hard_silu"] if MAJOR > 2 else ["mish"])


def slope(value):
    return {"negative_slope": value} if MAJOR > 2 else {"alpha": value}


class Network:
    def __init__(self, rng):
        self.rng, self.size, self.channels = rng, rng.randint(16, 33), rng.choice([3, 3, 3, 1])
        self.side, self.layers = self.size, []

    def activation(self):
        rng = self.rng
        kind = rng.choice(["word", "word", "relu", "leaky", "elu", "relu6", "none"])
        self.layers += {"word": lambda: [L.Activation(rng.choice(WORDS))], "relu": lambda: [L.ReLU()], "elu": lambda: [L.ELU()],
                        "leaky": lambda: [L.LeakyReLU(**slope(rng.choice([0.3, 0.1, 0.01])))],
                        "relu6": lambda: [L.ReLU(6.0) if rng.random() < 0.5 else L.ReLU(**{"negative_slope": 0.2})],
                        "none": lambda: []}[kind]()

    def window(self, sides, stride, same):
        if self.side < max(sides) + 3:
            return False
        self.side = -(-self.side // stride) if same else (self.side - max(sides)) // stride + 1
        return True

    def convolution(self):
        rng = self.rng
        kernel, stride = rng.choice([1, 2, 3, 3, 4, 5, (3, 2), (1, 5)]), rng.choice([1, 1, 2, 3])
        sides, same = (kernel, kernel) if isinstance(kernel, int) else kernel, rng.random() < 0.5
        border = None if same or rng.random() < 0.5 else rng.choice([1, (1, 2), "same"])
        if border == "same" and len(set(sides)) == 1:
            missing = max((-(-self.side // stride) - 1) * stride + sides[0] - self.side, 0)
            border = ((missing // 2, missing - missing // 2),) * 2 if self.square else 1
        elif border == "same":
            border = 1
        if not self.window(sides, stride, same):
            return
        self.square = self.square and len(set(sides)) == 1 and not isinstance(border, tuple) or (
            self.square and isinstance(border, tuple) and isinstance(border[0], tuple))
        if border is not None:
            self.layers.append(L.ZeroPadding2D(border))
        kind = rng.choice(["plain", "plain", "depthwise", "separable"])
        options = dict(strides=stride, padding="same" if same else "valid", use_bias=rng.random() < 0.7,
                       activation=rng.choice([None, None, *WORDS]))
        make = {"plain": lambda: L.Conv2D(rng.choice([4, 6, 8]), kernel, **options),
                "depthwise": lambda: L.DepthwiseConv2D(kernel, depth_multiplier=rng.choice([1, 2]), **options),
                "separable": lambda: L.SeparableConv2D(rng.choice([4, 6]), kernel, **options)}[kind]
        self.layers.append(make())

    def norm(self):
        rng = self.rng
        self.layers.append(L.BatchNormalization(epsilon=rng.choice([1e-3, 1e-5, 1e-2]), momentum=rng.choice([0.99, 0.9]),
                                                center=rng.random() < 0.8, scale=rng.random() < 0.8))

    def pool(self):
        rng = self.rng
        size, stride, same = rng.choice([2, 2, 3]), rng.choice([None, 1, 2]), rng.random() < 0.4
        if self.window((size, size), stride or size, same):
            self.layers.append(rng.choice([L.MaxPooling2D, L.AveragePooling2D])(size, stride, "same" if same else "valid"))

    def aside(self):
        rng = self.rng
        if rng.random() < 0.3:
            self.layers.append(rng.choice([lambda: L.Dropout(0.2), lambda: L.SpatialDropout2D(0.1), lambda: L.GaussianNoise(0.1)])())

    def draw(self):
        rng = self.rng
        self.square = True
        if rng.random() < 0.3:
            self.layers += [L.RandomFlip(), L.RandomRotation(0.1)] if self.channels == 3 else [L.RandomZoom(0.1)]
        self.rescale = rng.random() < 0.5
        if self.rescale:
            self.layers.append(L.Rescaling(*rng.choice([(1 / 255,), (1 / 127.5, -1)])))
        for _ in range(rng.randint(1, 4)):
            self.convolution()
            for part in rng.sample([self.norm, self.activation, self.pool, self.aside], rng.randint(0, 4)):
                part()
        self.layers.append(rng.choice([L.Flatten, L.GlobalAveragePooling2D, L.GlobalMaxPooling2D])())
        for _ in range(rng.randint(0, 2)):
            self.layers.append(L.Dense(rng.choice([5, 9]), activation=rng.choice([None, *WORDS])))
            if rng.random() < 0.4:
                self.norm()
            self.activation()
        self.single = rng.random() < 0.2  # one output, whose sigmoid is the second class's probability
        if self.single:
            self.layers.append(L.Dense(1, activation="sigmoid"))
            self.softmax = True
            return self.model()
        self.layers.append(L.Dense(CLASSES, activation="softmax" if rng.random() < 0.6 else None))
        self.softmax = keras.activations.serialize(self.layers[-1].activation) == "softmax"
        if not self.softmax and rng.random() < 0.5:
            self.layers.append(rng.choice([lambda: L.Softmax(), lambda: L.Activation("softmax")])())
            self.softmax = True
        return self.model()

    def model(self):
        image, kind = L.Input((self.size, self.size, self.channels)), self.rng.choice(["sequential", "functional", "nested"])
        if kind == "sequential":
            return keras.Sequential([image if MAJOR > 2 else L.InputLayer((self.size, self.size, self.channels)), *self.layers])
        if kind == "nested" and len(self.layers) > 3:
            cut = self.rng.randint(1, len(self.layers) - 2)
            x = image
            for layer in self.layers[:cut]:
                x = layer(x)
            inner = L.Input(tuple(x.shape[1:]))
            y = inner
            for layer in self.layers[cut:-1]:
                y = layer(y)
            return keras.Model(image, self.layers[-1](keras.Model(inner, y)(x)))
        x = image
        for layer in self.layers:
            x = layer(x)
        return keras.Model(image, x)


def fill(model, rng):
    for variable in model.weights:
        name, shape = getattr(variable, "path", variable.name).split("/")[-1].split(":")[0], tuple(variable.shape)
        if not str(variable.dtype).endswith("float32") and "float32" not in str(variable.dtype):
            continue
        fan = max(int(np.prod(shape[:-1])), 1)
        value = rng.uniform(0.6, 1.4, shape) if name in ("gamma", "moving_variance") else rng.normal(
            0, 0.2 if len(shape) == 1 else 1.5 / np.sqrt(shape[0] * shape[1] if "depthwise" in name else fan), shape)
        variable.assign(value.astype(np.float32))


def grimace(*words):
    done = subprocess.run([GRIMACE, *words], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def answers(config, file):
    """What grimace says of the pictures, or the line that it refuses with."""
    with open("c.yaml", "w") as out:
        out.write(config)
    code, said, line = grimace("init", "c.yaml", "--out", "w.safetensors", "--force")
    if code:
        return line if code == 2 and line.count("\n") == 1 else "NO LINE: exit %d, %s" % (code, line)
    if "loaded: " not in said or "initial values are kept" in said or "left out" in said:
        return "NOT WHOLE: " + said
    classes = config.count("[a, b, c]") + 2
    code, said, line = grimace("predict", "w.safetensors", *["x%d.png" % i for i in range(IMAGES)])
    return np.array([[float(p) for p in l.split(",")[2:2 + classes]] for l in said.split()[1:]])


def changes(config):
    """Configs in which one layer computes something else: (layers that may be named, what is changed, config)."""
    rules = [(r"pool: max", "pool: avg"), (r"pool: avg", "pool: max"), (r"act: relu\b(?!6)", "act: elu"), (r"act: tanh", "act: softsign"),
             (r"(conv: .*), act: \w+(, slope: [0-9.e-]+)?", r"\1"), (r"eps: 0.001", "eps: 0.002"), (r"slope: 0\.3", "slope: 0.2"),
             (r"slope: 0\.2", "slope: 0.21"), (r"\{act: [^}]*\}", "{dropout: 0.1}")]
    lines = config.split("\n")
    for i, line in enumerate(lines):
        for pattern, put in rules:
            new = re.sub(pattern, put, line, count=1)
            if line.startswith("    - ") and new != line:
                names = [l.split("# ")[-1] for l in lines[i:i + 3]]  # of two that are alike the second is missed
                yield names, line, "\n".join([*lines[:i], new, *lines[i + 1:]])


def check(seed):
    rng, numbers = random.Random(seed), np.random.default_rng(seed)
    keras.backend.clear_session()
    network = Network(rng)
    model = network.draw()
    fill(model, numbers)
    pixels = numbers.integers(0, 256, (IMAGES, network.size, network.size, network.channels), dtype=np.uint8)
    for i in range(IMAGES):
        tf.io.write_file("x%d.png" % i, tf.io.encode_png(pixels[i]))
    want = model.predict(pixels.astype(np.float32) / np.float32(1 if network.rescale else 255), verbose=0)
    if network.single:
        want = np.concatenate([1 - want, want], 1)
    if not network.softmax:
        want = np.exp(want - want.max(1, keepdims=True))
        want /= want.sum(1, keepdims=True)
    good, refused = True, 0
    for file in ("m.keras", "m.h5"):
        model.save(file)
        code, listing, line = grimace("info", file)
        if code:
            print("FAIL %d %s: info: %s" % (seed, file, line), flush=True)
            good = False
            continue
        config = "name: check\n" + listing.replace("data:\n", "data:\n  manifest: none.csv\n  classes: [a, b, c]\n  train_transforms: []\n  "
                                                   "eval_transforms: []\n")
        if network.single:
            config = config.replace("[a, b, c]", "[a, b]")
        got = answers(config, file)
        far = np.abs(got - want).max() if not isinstance(got, str) else np.inf
        if not far <= LIMIT:
            print("FAIL %d %s: off by %.1e%s\n%s" % (seed, file, far, " " + got if isinstance(got, str) else "", listing), flush=True)
            good = False
        for names, what, other in changes(config):
            line = answers(other, file)
            refused += 1
            if not isinstance(line, str) or line.startswith("NO") or "would be right" not in line or (
                    not any(name in line for name in names)):
                print("FAIL %d %s: %s is changed: %s" % (seed, file, what, line if isinstance(line, str) else "not refused"), flush=True)
                good = False
    print("%s %d: %d layers, %d changes refused" % ("ok" if good else "FAIL", seed, len(network.layers), refused), flush=True)
    return good


def main():
    print("Keras %s on TensorFlow %s" % (keras.__version__, tf.__version__))
    bad = sum(not check(seed) for seed in range(FIRST, FIRST + DRAWS))
    print("%d of %d good" % (DRAWS - bad, DRAWS))
    return bad > 0


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    sys.exit(main())
