"""Random small networks trained by `grimace train` and by Keras's fit from the same pictures, first weights and order: convolutions,
(grouped and depthwise ones, too), pools, dense layers, batch norms, activations; classes or scores; each optimiser with random options,
schedules, penalties, class and sample weights, clips, early stopping with and without restored weights. Keras's model goes to grimace in a file. A draw is good where the losses of all epochs and val_loss are within 1e-4 of
Keras's (relatively) and final predictions within 1e-3, or all three within twice what Keras is from itself when its first weights
move by their last bit (three times, the largest), or no further from Keras in float64 than twice what Keras in float32 is. Prints a line a draw
and, of those that are not good, the keys; exit status 1 with such. Not part of make test, for it needs TensorFlow:

From draw 9001 on PReLU is among the activations.

    python3 tests/parity/check_keras_random.py build/grimace keras2 [DRAWS [FIRST]]    # Keras 2.15.0 on TensorFlow 2.15.0
    python3 tests/parity/check_keras_random.py build/grimace keras3 [DRAWS [FIRST]]    # Keras 3.15.1 on TensorFlow 2.21.0
    python3 tests/parity/check_keras_random.py build/grimace keras2.10 [DRAWS [FIRST]] # Keras 2.10.0 on TensorFlow 2.10.1

The last is keras2 with the keys that docs/keras.md names for Keras 2.10.
"""
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
from importlib.metadata import version

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import callbacks, layers, optimizers, regularizers

GRIMACE, SEMANTICS = os.path.realpath(sys.argv[1]), sys.argv[2]
OLD = SEMANTICS == "keras2.10"
if SEMANTICS != "keras3":  # its optimiser of graphs makes "FusedBatchNorm with Tanh", which TensorFlow 2.10 to 2.15 then does not have
    tf.config.optimizer.set_experimental_options({"remapping": False})
DRAWS, FIRST = int(sys.argv[3]) if len(sys.argv) > 3 else 60, int(sys.argv[4]) if len(sys.argv) > 4 else 1
STEPS, VAL, TEST = 20, 9, 10
ACTS = ["relu", "relu", "relu", "relu6", "sigmoid", "silu", "tanh", "elu", "selu", "gelu", "softplus", "softsign", "hard_sigmoid"]
ACTS += ["leaky_relu, slope: 0.3", "leaky_relu, slope: 0.01"] + (["mish"] if not OLD else [])


def act(name):
    """Keras's activation of that name."""
    if name == "silu":
        return "swish"
    if name == "relu6":
        return "relu6" if SEMANTICS == "keras3" else tf.nn.relu6
    return name


def activation(name):
    """The layer: a slope is one of a layer of its own, whose file says it."""
    if name.startswith("leaky_relu"):
        slope = float(name.split(": ")[1])
        return layers.LeakyReLU(negative_slope=slope) if SEMANTICS == "keras3" else layers.LeakyReLU(alpha=slope)
    return layers.Activation(act(name))


# ---- what is drawn: (words of model.layers, functions that make Keras's layer) --------------------------------------------------

class Network:
    """A network as it is drawn: `words` of model.layers, `build`, functions that make Keras's layers, places of `kernels`."""

    def __init__(self, rng, size, channels, acts):
        self.rng, self.side, self.channels, self.acts = rng, size, channels, acts
        self.words, self.build, self.kernels = [], [], []
        self.norm = rng.choice(["none", "none", "before", "behind"])  # a batch norm, before or behind the activation
        for _ in range(rng.randint(1, 3)):
            self.convolution()
        ending = rng.choice(["flatten", "flatten", "avg", "max"])
        pool = layers.GlobalMaxPooling2D if ending == "max" else layers.GlobalAveragePooling2D
        if ending == "flatten":
            self.add("{flatten: {}}", lambda reg: layers.Flatten())
        else:
            self.add("{global_pool: %s}" % ending, lambda reg: pool())
        for _ in range(rng.randint(0, 3)):
            self.dense()

    def add(self, word, make, kernel=False):
        self.words.append(word)
        self.build.append(make)
        if kernel:
            self.kernels.append(len(self.words))

    def activation(self):
        name = self.rng.choice(self.acts)
        steep = ", slope: 0.2" if name == "hard_sigmoid" and SEMANTICS != "keras3" else ""
        axes = [1, 2] if not any("flatten" in word or "global" in word for word in self.words) else None
        self.add("{act: %s%s}" % (name, steep), lambda reg, n=name: layers.PReLU(shared_axes=axes) if n == "prelu" else activation(n))

    def batch_norm(self):
        rng, options = self.rng, {}
        if rng.random() < 0.3:
            options = {"momentum": rng.choice([0.9, 0.5]), "epsilon": rng.choice([1e-5, 1e-2])}
        word = "eps: %g, momentum: %g" % (options["epsilon"], 1 - options["momentum"]) if options else ""
        self.add("{batch_norm: {%s}}" % word, lambda reg: layers.BatchNormalization(**options))

    def border(self, sides, stride, dilation, same):
        """Follows the longer side through a window; False where it would not fit."""
        reach = [dilation * (side - 1) + 1 for side in sides]
        if self.side < max(reach) + 2:
            return False
        self.side = -(-self.side // stride) if same else (self.side - max(reach)) // stride + 1
        return True

    def convolution(self):
        rng = self.rng
        filters, kernel = rng.choice([4, 6, 8, 12]), rng.choice([(1, 1), (2, 2), (3, 3), (3, 3), (4, 4), (5, 5), (3, 2), (1, 5), (7, 7)])
        stride, pad, dilation = rng.choice([1, 1, 1, 2, 3]), rng.choice(["valid", "same", "same", 1, 2]), rng.choice([1, 1, 1, 2, 3])
        dilation = dilation if stride == 1 else 1
        bias = self.norm != "before"  # under a batch norm its gradient is rounding alone, which Adam makes as long as any other
        if isinstance(pad, int):
            self.side += 2 * pad
        if not self.border(kernel, stride, dilation, pad == "same"):
            self.side -= 2 * pad if isinstance(pad, int) else 0
            return
        shares = [g for g in (2, 3, 4, 6) if filters % g == 0 and self.channels % g == 0]
        groups = rng.choice(shares) if shares and dilation == 1 and rng.random() < 0.3 else 1
        direct = rng.choice(["relu", "sigmoid", "tanh", "elu"]) if self.norm != "before" and rng.random() < 0.6 else None
        options = dict(strides=stride, padding="same" if pad == "same" else "valid", dilation_rate=dilation, use_bias=bias,
                       activation=direct, groups=groups)
        border = layers.ZeroPadding2D(pad) if isinstance(pad, int) else None
        self.add("{conv: %d, kernel: [%d, %d], stride: %d, pad: %s, dilation: %d, groups: %d, bias: %s%s}" % (
            filters, *kernel, stride, pad, dilation, groups, str(bias).lower(), ", act: " + direct if direct else ""),
            lambda reg: [*([layers.ZeroPadding2D(pad)] if border else []),
                         layers.Conv2D(filters, kernel, kernel_regularizer=reg, **options)], True)
        self.channels = filters
        if rng.random() < 0.3:
            self.depthwise(bias)
        if self.norm == "before":
            self.batch_norm()
        if direct is None:
            self.activation()
        if self.norm == "behind":
            self.batch_norm()
        if rng.random() < 0.6:
            self.pool()

    def depthwise(self, bias):
        rng = self.rng
        kernel, stride, many = rng.choice([2, 3, 3, 5]), rng.choice([1, 1, 2]), rng.choice([1, 1, 2])
        pad = rng.choice(["valid", "same"])
        if not self.border((kernel, kernel), stride, 1, pad == "same"):
            return
        self.add("{conv: %d, kernel: %d, groups: %d, stride: %d, pad: %s, bias: %s}" % (
            self.channels * many, kernel, self.channels, stride, pad, str(bias).lower()),
            lambda reg: layers.DepthwiseConv2D(kernel, stride, pad, depth_multiplier=many, use_bias=bias, depthwise_regularizer=reg), True)
        self.channels *= many

    def pool(self):
        rng = self.rng
        word, window = rng.choice(["max", "avg"]), rng.choice([(2, 2), (2, 2), (3, 3), (4, 4), (3, 2), (1, 2)])
        stride, pad = rng.choice([0, 0, 0, 1, 2]), rng.choice(["valid", "valid", "same"])
        strides = (stride, stride) if stride else window
        if self.side < 6:
            return
        sides = [-(-self.side // s) if pad == "same" else (self.side - w) // s + 1 for w, s in zip(window, strides)]
        self.side = min(sides)  # of a map that is square no more
        pool = layers.MaxPooling2D if word == "max" else layers.AveragePooling2D
        self.add("{pool: %s, size: [%d, %d], stride: [%d, %d], pad: %s}" % (word, *window, *strides, pad),
                 lambda reg: pool(window, strides, pad))

    def dense(self):
        rng = self.rng
        units, direct = rng.choice([5, 8, 12, 16, 33]), rng.choice(["relu", "tanh", "sigmoid", None])
        norm = direct is None and rng.random() < 0.3
        self.add("{dense: %d, bias: %s%s}" % (units, str(not norm).lower(), ", act: " + direct if direct else ""),
                 lambda reg: layers.Dense(units, activation=direct, use_bias=not norm, kernel_regularizer=reg), True)
        if norm:
            self.batch_norm()
        if direct is None:
            self.activation()
        if rng.random() < 0.2:
            self.add("{dropout: 0}", lambda reg: layers.Dropout(0))


def draw_optimizer(rng, schedule, timed):
    """(keys, optimiser): `schedule` makes Keras's, which is `timed`, or a number."""
    name = rng.choice(["sgd", "adam", "adam", "adam" if OLD else "adamw", "adam" if OLD and timed else "nadam", "adamax", "adagrad",
                       "rmsprop"])
    keys, options = ["optimizer.name=" + name], {}
    if name == "sgd" and rng.random() < 0.7:
        options["momentum"] = rng.choice([0.1, 0.5, 0.9, 0.99])
        options["nesterov"] = rng.random() < 0.5
    if name in ("adam", "adamw", "nadam", "adamax"):
        if rng.random() < 0.4:
            options["beta_1"], options["beta_2"] = rng.choice([0, 0.5, 0.8, 0.95]), rng.choice([0.9, 0.99, 0.9999])
            keys.append("optimizer.betas=[%g, %g]" % (options["beta_1"], options["beta_2"]))
    if name in ("adam", "adamw") and rng.random() < 0.3:
        options["amsgrad"] = True
    if name == "rmsprop":
        options["rho"] = rng.choice([0.9, 0.8, 0.99, 0.5])
        options["momentum"] = rng.choice([0, 0, 0.5, 0.9])
        options["centered"] = rng.random() < 0.4
    if name == "adagrad" and rng.random() < 0.5:
        options["initial_accumulator_value"] = rng.choice([0.01, 0.5, 1])
    if name != "sgd" and rng.random() < 0.4:
        options["epsilon"] = rng.choice([1e-4, 1e-3, 1e-8, 0.1])
    if not OLD and rng.random() < 0.3:
        options["weight_decay"] = rng.choice([0.001, 0.1, 1])
    clip = rng.choice([None, None, None, "clipvalue", "clipnorm", "global_clipnorm"])
    if OLD and name == "nadam":
        keys += ["optimizer.momentum_decay=0.004", "optimizer.nadam_product=steps"]
    if OLD and (name == "adagrad" or (name == "rmsprop" and options["momentum"] == 0)):
        keys.append("optimizer.form=torch")
        clip = clip and "clipvalue"
    if clip:
        options[clip] = rng.choice([0.01, 0.05, 0.5])
    words = {"epsilon": "eps", "initial_accumulator_value": "initial_accumulator", "clipvalue": "clip.value", "clipnorm": "clip.norm",
             "global_clipnorm": "clip.global_norm"}
    keys += ["optimizer.%s=%s" % (words.get(k, k), str(v).lower()) for k, v in options.items() if not k.startswith("beta")]
    classes = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "nadam": "Nadam", "adamax": "Adamax", "adagrad": "Adagrad",
               "rmsprop": "RMSprop"}
    def make():
        rate = schedule()
        more = {"decay": rate[1]} if isinstance(rate, tuple) else {}
        return getattr(optimizers, classes[name])(rate[0] if more else rate, **options, **more)
    return keys, make, name


def draw_schedule(rng, lr):
    S = optimizers.schedules
    kind = rng.choice(["constant", "constant", "inverse_time", "exponential", "piecewise", "polynomial", "cosine",
                       "decay" if OLD else "warmup", "restarts", "plateau"])
    stairs = rng.random() < 0.4
    span, rate, end = rng.choice([2, 5, 8, 15, 40]), rng.choice([0.1, 0.4, 0.8]), rng.choice([0, 0.1, 0.5])
    power, t_mul, m_mul, warm = rng.choice([0.5, 1, 2]), rng.choice([1, 1.5, 2]), rng.choice([0.8, 1, 1.2]), rng.choice([1, 4, 25])
    wait, pause, better = rng.choice([0, 1, 2]), rng.choice([0, 1, 2, 3]), rng.choice([0, 1e-4, 0.01, 0.1])
    stops = sorted(rng.sample(range(20), rng.choice([1, 2, 4])))
    rates = [lr * rng.choice([1, 0.5, 0.1, 2]) for _ in range(len(stops) + 1)]
    timed = ["decay_steps: %d" % span, "decay_rate: %g" % rate, "staircase: %s" % str(stairs).lower()]
    made = {
        "constant": ([], lambda: lr),
        "inverse_time": (["name: inverse_time", *timed], lambda: S.InverseTimeDecay(lr, span, rate, stairs)),
        "decay": (["name: inverse_time", "decay_steps: 1", "decay_rate: %g" % rate], lambda: (lr, rate)),
        "exponential": (["name: exponential", *timed], lambda: S.ExponentialDecay(lr, span, rate, stairs)),
        "piecewise": (["name: piecewise", "boundaries: %s" % stops, "values: %s" % rates],
                      lambda: S.PiecewiseConstantDecay(stops, rates)),
        "polynomial": (["name: polynomial", "decay_steps: %d" % span, "min_lr: %r" % (lr * end), "power: %g" % power,
                        "cycle: %s" % str(stairs).lower()], lambda: S.PolynomialDecay(lr, span, lr * end, power, stairs)),
        "cosine": (["name: cosine", "decay_steps: %d" % span, "min_lr: %r" % (lr * end)], lambda: S.CosineDecay(lr, span, end)),
        "warmup": (["name: cosine", "decay_steps: %d" % span, "warmup: %d" % warm, "warmup_from: %r" % (lr / 5), "min_lr: %r" % (lr * end)],
                   lambda: S.CosineDecay(lr / 5, span, end, warmup_target=lr, warmup_steps=warm)),
        "restarts": (["name: cosine_restarts", "decay_steps: %d" % span, "t_mul: %g" % t_mul, "m_mul: %g" % m_mul, "min_lr: %r" % (lr * end)],
                     lambda: S.CosineDecayRestarts(lr, span, t_mul, m_mul, end)),
        "plateau": (["name: plateau", "patience: %d" % wait, "factor: %g" % rate, "cooldown: %d" % pause, "min_delta: %g" % better,
                     "min_lr: %r" % (lr * end)], lambda: lr),
    }[kind]
    keys = ["schedule={%s}" % ", ".join(made[0])] if made[0] else []
    calls = [callbacks.ReduceLROnPlateau(patience=wait, factor=rate, cooldown=pause, min_delta=better, min_lr=lr * end)]
    return keys, made[1], calls if kind == "plateau" else [], kind


class Draw:
    def __init__(self, seed):
        rng = random.Random(seed)
        self.seed, self.size, self.classes, self.channels = seed, rng.randint(14, 31), rng.choice([2, 2, 3]), rng.choice([3, 3, 1])
        network = Network(rng, self.size, self.channels, ACTS + ["prelu"] * 9 if seed > 9000 else ACTS)
        self.words, self.build, self.kernels = network.words, network.build, network.kernels
        self.rate = rng.choice([0.01, 0.003, 0.001])
        self.loss = rng.choice(["cross_entropy"] * 4 + ["mse", "mae", "huber"])
        self.scores = self.loss != "cross_entropy"
        schedule, self.schedule, self.calls, kind = draw_schedule(rng, self.rate)
        optimizer, self.optimizer, name = draw_optimizer(rng, self.schedule, kind not in ("constant", "plateau"))
        self.train = rng.choice([16, 22])
        self.batch = self.train if self.train == 16 else 8
        self.epochs = STEPS * self.batch // self.train
        self.penalties = {n: (rng.choice([0, 0.001]), rng.choice([0.001, 0.01])) for n in self.kernels if rng.random() < 0.25}
        self.weighting = rng.choice([None, None, None, "classes", "named", "images"]) if not self.scores else None
        stop = random.Random("stop %d" % seed)  # of its own: draws of other numbers stay as they were
        self.stopping = stop.choice([None, None, "last", "best"])
        self.patience, self.better = stop.choice([1, 2, 3]), stop.choice([0, 0.001, 0.02])
        self.named = {c: rng.choice([0.5, 1, 2, 3]) for c in range(self.classes)}
        self.keys = ["model.layers=[%s]" % ", ".join(self.words), "optimizer.lr=%r" % self.rate, *optimizer, *schedule]
        if self.scores:
            self.keys += ["task=scores", "data.range=[-100, 100]", "loss.name=" + self.loss, "data.label=score"]
            self.keys += ["loss.huber.delta=0.4"] if self.loss == "huber" else []
        if self.stopping:
            restores = "last" if self.stopping == "last" else "best" if SEMANTICS == "keras3" else "best_if_stopped"
            self.keys += ["train.early_stopping={metric: val_loss, patience: %d, min_delta: %g}" % (self.patience, self.better),
                          "train.keep=" + restores] + (["train.keep_min_delta=%g" % self.better] if restores == "best" else [])
            self.calls.append(callbacks.EarlyStopping(patience=self.patience, min_delta=self.better,
                                                      restore_best_weights=self.stopping == "best"))
        if self.penalties:
            self.keys.append("model.penalty=[%s]" % ", ".join("{layers: [layers.%d.weight], l1: %g, l2: %g}" % (n, *p)
                                                              for n, p in self.penalties.items()))
        self.keys += {"classes": ["data.balance=class_weight"], "images": ["data.weight=w"],
                      "named": ["loss.class_weight={%s}" % ", ".join("c%d: %g" % item for item in self.named.items())],
                      None: []}[self.weighting]
        self.title = "%s, %s, %d layers%s" % (name, kind, len(self.words), ", weights of " + self.weighting if self.weighting
                                              else ", " + self.loss if self.scores else "") + (
            ", stops" if self.stopping == "last" else ", restores" if self.stopping else "")

    def model(self):
        stack = [layers.Input((self.size, self.size, self.channels))]
        for i, make in enumerate(self.build):
            made = make(regularizers.L1L2(*self.penalties[i + 1]) if i + 1 in self.penalties else None)
            stack += made if isinstance(made, list) else [made]
        return keras.Sequential(stack + [layers.Dense(1) if self.scores else layers.Dense(self.classes, activation="softmax")])

    def data(self):
        draw = np.random.default_rng(self.seed)
        count = self.train + VAL + TEST
        y = draw.integers(0, self.classes, count).astype(np.int32)
        y[:self.classes] = range(self.classes)
        pixels = draw.integers(0, 256, (count, self.size, self.size, self.channels)) * 0.6 + y[:, None, None, None] * 50
        w = np.round(draw.uniform(0.2, 2, count), 3)
        scores = np.round(y + draw.uniform(-0.5, 0.5, count), 2)
        rows, pixels = [], np.minimum(pixels, 255).astype(np.uint8)
        for i in range(count):
            tf.io.write_file("p%02d.png" % i, tf.io.encode_png(pixels[i]))
            rows.append({"image": "p%02d.png" % i, "label": "c%d" % y[i], "score": scores[i], "w": w[i],
                         "split": "train" if i < self.train else "val" if i < self.train + VAL else "test"})
        with open("manifest.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        return pixels.astype(np.float32) / np.float32(255), scores.astype(np.float32) if self.scores else y, w.astype(np.float32)

    def grimace(self):
        base = ["data.manifest=manifest.csv", "split.scheme=column", "data.train_transforms=[]", "data.eval_transforms=[]",
                "data.image={size: %d, channels: %d, mean: %s, std: %s}" % (
                    self.size, self.channels, [0] * self.channels, [1] * self.channels), "train.shuffle=false", "threads=1",
                "train.batch_size=%d" % self.batch, "train.epochs=%d" % self.epochs, "semantics=" + SEMANTICS.split(".")[0],
                "model.pretrained=first.keras" if self.seed % 2 else "model.pretrained=first.h5"]
        with open("config.yaml", "w") as file:
            file.write("name: random\n")
        done = subprocess.run([GRIMACE, "train", "config.yaml", *base, *self.keys, "--out", "run"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        if done.returncode:
            return done.stderr
        with open("run/fold-0/metrics.jsonl") as file:
            lines = [json.loads(line) for line in file]
        with open("run/predictions.csv") as file:
            answers = [[float(r["predicted"])] if self.scores else [float(r["p_c%d" % c]) for c in range(self.classes)]
                       for r in csv.DictReader(file)]
        return [l["train_loss"] for l in lines], [l["val_loss"] for l in lines], answers

    def keras(self, x, y, w, first):
        model = self.model()
        model.set_weights(first)
        losses = {"huber": keras.losses.Huber(0.4), "cross_entropy": "sparse_categorical_crossentropy"}
        model.compile(self.optimizer(), loss=losses.get(self.loss, self.loss))
        a, b = self.train, self.train + VAL
        weights = self.named if self.weighting == "named" else None
        if self.weighting == "classes":
            counts = np.bincount(y[:a], minlength=self.classes)
            weights = {c: a / (self.classes * float(counts[c])) for c in range(self.classes)}
        history = model.fit(x[:a], y[:a], epochs=self.epochs, batch_size=self.batch, shuffle=False, verbose=0, class_weight=weights,
                            sample_weight=w[:a] if self.weighting == "images" else None, validation_data=(x[a:b], y[a:b]),
                            callbacks=self.calls).history
        return history["loss"], history["val_loss"], model.predict(x[b:], verbose=0)


def in_float64(draw, x, y, w, first):
    """The same training in numbers that hardly round."""
    wide = (lambda v: v if v.dtype.kind == "i" else v.astype(np.float64))
    keras.backend.set_floatx("float64")
    keras.mixed_precision.set_global_policy("float64")
    answer = draw.keras(wide(x), wide(y), wide(w), [v.astype(np.float64) for v in first])
    keras.backend.set_floatx("float32")
    keras.mixed_precision.set_global_policy("float32")
    return answer


def apart(ours, theirs):
    def worst(a, b):
        a, b = np.array(a), np.array(b)
        return float(np.max(np.abs(a - b) / np.maximum(np.abs(b), 1e-12))) if a.shape == b.shape else float("inf")
    return worst(ours[0], theirs[0]), worst(ours[1], theirs[1]), float(np.max(np.abs(np.array(ours[2]) - np.array(theirs[2]))))


def within(far, limits):
    return all(a <= b for a, b in zip(far, limits))  # NaN is not


def try_one(seed):
    draw = Draw(seed)
    keras.utils.set_random_seed(seed)
    x, y, w = draw.data()
    model = draw.model()
    first = model.get_weights()
    model.save("first.keras")
    model.save("first.h5")
    theirs, ours = draw.keras(x, y, w, first), draw.grimace()
    if isinstance(ours, str):
        print("%4d BAD  %s: %s\n     %s" % (seed, draw.title, ours.strip(), "\n     ".join(draw.keys)), flush=True)
        return False
    far, itself, exact = apart(ours, theirs), None, None
    good = within(far, (1e-4, 1e-4, 1e-3))
    if not good:
        itself = (0.0, 0.0, 0.0)
        for trial in range(3):
            rng = np.random.default_rng(trial)
            nudged = [np.where(v == 0, v, np.nextafter(v, np.where(rng.random(v.shape) < 0.5, v - 1, v + 1))) for v in first]
            itself = tuple(max(pair) for pair in zip(itself, apart(draw.keras(x, y, w, nudged), theirs)))
        good = within(far, tuple(max(2 * b, limit) for b, limit in zip(itself, (1e-4, 1e-4, 1e-3))))
    if not good:
        exact = in_float64(draw, x, y, w, first)
        mine, its = apart(ours, exact), apart(theirs, exact)
        good = within(mine, tuple(max(2 * b, limit) for b, limit in zip(its, (1e-4, 1e-4, 1e-3))))
    says = "losses %.1e, val_loss %.1e, predictions %.1e"
    print("%4d %s  %-52s %s%s; %.4f to %.4f" % (seed, "good" if good else "BAD ", draw.title, says % far,
                                               " (Keras from itself: " + says % itself + ")" if itself else "", theirs[0][0], theirs[0][-1]),
          flush=True)
    if exact:
        print("     from float64: %s; Keras: %s" % (says % mine, says % its), flush=True)
    if not good:
        print("     " + "\n     ".join(draw.keys), "\n     ours  ", ours[0][:4], "\n     theirs", theirs[0][:4], flush=True)
    return good


def main():
    print("Keras %s on TensorFlow %s" % (version("keras"), tf.__version__))
    bad = 0
    for seed in range(FIRST, FIRST + DRAWS):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            bad += not try_one(seed)
            os.chdir("/")
        keras.backend.clear_session()
    print("%d of %d good" % (DRAWS - bad, DRAWS))
    return bad > 0


sys.exit(main())
