"""Networks of keras.applications to grimace and back: each is filled with random numbers (batch norms with statistics of noise) and
saved in all formats that hold names; grimace must load it whole, and its logits of four pictures must be those of Keras in float64 within
1e-5 of their largest, or four times what Keras's own in float32 are off, at most 1e-3 (Inception). Then grimace's exports must load into Keras (load_model, and load_weights into keras.applications' own function) and give the
same logits. Exit status 1 where one does not. Not part of make test, for it needs Keras:

    python3 tests/parity/check_keras_networks.py build/grimace [NAME...]    # Keras 2.15.0 on TensorFlow 2.15.0
                                                                            # Keras 3.15.1 on TensorFlow 2.21.0
"""
import os
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf

GRIMACE, MAJOR = os.path.realpath(sys.argv[1]), int(keras.__version__.split(".")[0])
IMAGES, CLASSES, LIMIT, MOST = 4, 3, 1e-5, 1e-3
HALVES, CAFFE = ([0.5] * 3, [0.5] * 3), ([0.40760784, 0.45795686, 0.48501961], [1 / 255] * 3)
TORCH = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
# name: function, backbone, sizes, preparation of the images width
NETWORKS = {
    "MobileNetV3Small": ("mobilenet_v3_small", (64, 75), HALVES, 1),
    "MobileNetV3Small 0.75": ("mobilenet_v3_small", (64,), HALVES, 0.75),
    "MobileNetV3Small 1.5": ("mobilenet_v3_small", (64,), HALVES, 1.5),
    "MobileNetV3Large": ("mobilenet_v3_large", (64, 75), HALVES, 1),
    "MobileNetV3Large 0.75": ("mobilenet_v3_large", (64,), HALVES, 0.75),
    "DenseNet121": ("densenet121", (64, 75), TORCH, 1),
    "Xception": ("xception", (74, 99), HALVES, 1),
    "EfficientNetB0": ("efficientnet_b0", (64, 75), TORCH, 1),
    "MobileNetV2": ("mobilenet_v2", (64, 75), HALVES, 1),
    "ResNet50": ("resnet50", (64,), CAFFE, 1),
    "InceptionV3": ("inception_v3", (99,), HALVES, 1),
    "NASNetMobile": ("nasnet_mobile", (64, 75), HALVES, 1),
}
INSIDE = ("MobileNetV3Small", "MobileNetV3Large", "EfficientNetB0")  # prepare their images themselves


def build(name, size):
    function, _, alpha = name.partition(" ")
    named = {"alpha": float(alpha)} if alpha else {}
    keras.backend.clear_session()
    return getattr(keras.applications, function)(weights=None, classes=CLASSES, input_shape=(size, size, 3), **named)


def fill(model, pixels):
    """Random kernels; each batch norm gets the statistics of its input, so that no layer's numbers die out or grow."""
    rng = np.random.default_rng(7)
    for layer in model.layers:
        values = []
        for w in layer.weights:
            kind, shape = w.name.split("/")[-1].split(":")[0], tuple(w.shape)
            if kind == "mean":
                value = np.array(TORCH[0]).reshape(shape)
            elif kind == "variance":
                value = np.square(TORCH[1]).reshape(shape)
            elif kind in ("gamma", "moving_variance"):
                value = rng.uniform(0.7, 1.3, shape)
            elif kind in ("beta", "moving_mean", "bias"):
                value = rng.normal(0, 0.2, shape)
            elif kind == "count":
                value = np.zeros(shape)
            else:
                fan = np.prod(shape[:2]) if "depthwise" in kind or type(layer).__name__ == "DepthwiseConv2D" else np.prod(shape[:-1])
                value = rng.normal(0, np.sqrt(2 / fan), shape)
            values.append(value)
        if values:
            layer.set_weights(values)
            if hasattr(layer, "finalize_state"):
                layer.finalize_state()
    norms = [l for l in model.layers if isinstance(l, keras.layers.BatchNormalization)]
    for norm in norms:
        norm.momentum = 0.0
    model(pixels, training=True)


def write_images(size):
    rng = np.random.default_rng(size)
    pixels = rng.integers(0, 256, (IMAGES, size, size, 3), dtype=np.uint8)
    for i in range(IMAGES):
        tf.io.write_file("x%d.png" % i, tf.io.encode_png(pixels[i]))
    return pixels.astype(np.float32)


def prepared(name, pixels):
    return pixels if name.split()[0] in INSIDE else normalised(name, pixels)


def normalised(name, pixels):
    mean, std = NETWORKS[name][2]
    x = pixels[..., ::-1] if NETWORKS[name][2] is CAFFE else pixels
    return ((x / 255.0 - np.array(mean)) / np.array(std)).astype(np.float32)


def grimace(*words):
    done = subprocess.run([GRIMACE, *words], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(" ".join((done.stderr + done.stdout).split())[-500:])
    return done.stdout


def write_config(name, size):
    backbone, _, (mean, std), width = NETWORKS[name]
    last = "[bgr]" if NETWORKS[name][2] is CAFFE else "[]"
    with open("c.yaml", "w") as file:
        file.write("name: check\ndata: {manifest: none.csv, classes: [a, b, c], image: {size: %d, mean: %s, std: %s}, train_transforms: %s, "
                   "eval_transforms: %s}\nmodel: {backbone: %s, width: %g}\n" % (size, list(mean), list(std), last, last, backbone, width))


def centred(p):
    """Logits of probabilities, up to what they share."""
    z = np.log(p)
    return z - z.mean(1, keepdims=True)


def of_grimace(file):
    lines = grimace("predict", file, *["x%d.png" % i for i in range(IMAGES)]).split()[1:]
    return np.array([[float(p) for p in line.split(",")[2:2 + CLASSES]] for line in lines])


def far_from(got, want):
    return np.abs(got - want).max() / np.abs(want).max()


def in_float64(name, size, weights, x):
    keras.backend.set_floatx("float64")
    model = build(name, size)
    model.set_weights(weights)
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()  # set_weights leaves Normalization as it was
    logits = centred(model.predict(x.astype(np.float64), verbose=0))
    keras.backend.set_floatx("float32")
    return logits


def check(name, size):
    pixels = write_images(size)
    x = prepared(name, pixels)
    model = build(name, size)
    fill(model, np.concatenate([x, x[:, ::-1], x[:, :, ::-1], x[:, ::-1, ::-1]]))
    z = model.predict(x, verbose=0)
    scale = 2.0 / max(np.abs(centred(z)).max(), 1e-6)  # or the softmax would hide most of it
    top = [l for l in model.layers if l.weights][-1]
    top.set_weights([w * scale for w in top.get_weights()])
    want = in_float64(name, size, model.get_weights(), x)
    limit = min(MOST, max(LIMIT, 4 * far_from(centred(model.predict(x, verbose=0)), want)))
    write_config(name, size)
    files = ["w.h5"] + (["w.keras", "w.weights.h5"] if MAJOR > 2 else [])
    good, apart = True, np.ptp(want, 0).max() / np.abs(want).max()
    model.save("w.h5")
    if MAJOR > 2:
        model.save("w.keras")
        model.save_weights("w.weights.h5")
    for file in files:
        said = grimace("init", "c.yaml", "model.pretrained=" + file, "--out", "w.safetensors", "--force")
        whole = not any(words in said for words in ("initial values are kept", "left out"))
        far = far_from(centred(of_grimace("w.safetensors")), want)
        ok = bool(whole and far <= limit and apart > 1e-2)
        print("%s %s at %d, %s: within %.1e of %.1e, pictures apart by %.2g%s" % (
            "ok" if ok else "FAIL", name, size, file, far, limit, apart, "" if whole else "; NOT WHOLE: " + said), flush=True)
        good = good and ok
    if MAJOR > 2:
        good = back(name, size, pixels, want, limit) and good
    return good


def back(name, size, pixels, want, limit):
    """Exports of w.safetensors in Keras: a model of its own, which takes images after mean and std, and keras.applications' network."""
    good = True
    for file in ("e.keras", "e.weights.h5"):
        grimace("export", "w.safetensors", "--format", "keras", "--out", file, "--force")
        if file == "e.keras":
            got = centred(keras.models.load_model(file).predict(normalised(name, pixels), verbose=0))
        else:
            model = build(name, size)
            model.load_weights(file)
            got = centred(model.predict(prepared(name, pixels), verbose=0))
        far = far_from(got, want)
        print("%s %s at %d, %s: within %.1e of %.1e" % ("ok" if far <= limit else "FAIL", name, size, file, far, limit), flush=True)
        good = good and bool(far <= limit)
    return good


def main():
    good, asked = True, sys.argv[2:]
    print("Keras %s on TensorFlow %s" % (keras.__version__, tf.__version__))
    for name in asked or NETWORKS:
        for size in NETWORKS[name][1]:
            try:
                good = check(name, size) and good
            except RuntimeError as failure:
                print("FAIL %s at %d: %s" % (name, size, failure), flush=True)
                good = False
    return 0 if good else 1


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    sys.exit(main())
