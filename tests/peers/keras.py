#!/usr/bin/python3
"""Keras's networks in TensorFlow.js and in grimace, from the same weights in an .h5 file that h5py writes as Keras does: the
probabilities must agree within 1e-4. The networks are keras_applications' own (tests/parity/make_keras_models.py), handed to
TensorFlow.js as Keras's model.to_json spells them; npm fetches it, without install scripts, into a folder of the build.
Run by `make test-peers` with GRIMACE, the binary, in the environment; words are networks."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "parity"))
try:
    import h5py
    import keras_applications  # noqa: F401
    import numpy as np
    from PIL import Image

    import make_keras_models as keras
except ImportError as error:
    print(f"skip keras: {error}; run: apt-get install python3-keras-applications python3-h5py python3-torch python3-pil")
    sys.exit(0)

GRIMACE = os.path.realpath(os.environ["GRIMACE"])
LIMIT, IMAGES = 1e-4, 2
NETWORKS = ["resnet50", "resnet50_old", "inception_v3", "mobilenet_v2", "mobilenet_v2_narrow", "efficientnet_b0",
            "efficientnet_b0_odd", "nasnet_mobile", "nasnet_mobile_odd"]
# Arguments that Keras's JSON has under another name, and those that only begin a training.
RENAMED = {"shape": "target_shape"}
DROPPED = {"kernel_initializer", "kernel_regularizer", "momentum"}


def tensors(layer):
    """Variables of a layer, in Keras's order."""
    s = layer.shape
    shapes = {"c": {"kernel": s, "bias": s[-1:]}, "k": {"kernel": s}, "d": {"depthwise_kernel": s},
              "S": {"depthwise_kernel": (*s[:3], 1), "pointwise_kernel": (1, 1, *s[2:])},
              "n": {name: s for name in ("gamma", "beta", "moving_mean", "moving_variance")},
              "s": {name: s for name in ("beta", "moving_mean", "moving_variance")},
              "D": {"kernel": s, "bias": s[-1:]}, None: {}}[layer.kind]
    scale = np.float32(getattr(layer, "scale_top", 1))
    return {variable: scale * keras.weight(layer.name, variable, shape) for variable, shape in shapes.items()}


def plain(value):
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value.lower() if isinstance(value, str) else value


def layer_json(layer, inputs):
    config = {RENAMED.get(key, key): plain(value) for key, value in layer.arguments.items() if key not in DROPPED}
    config.update(name=layer.name, trainable=True)
    return {"class_name": type(layer).__name__, "name": layer.name, "config": config,
            "inbound_nodes": [[[name, 0, 0, {}] for name in inputs]]}


def model_json(model, size):
    inputs, order = {}, []

    def walk(value):
        if value.layer is None or value.layer in inputs:
            return
        inputs[value.layer] = [x.layer.name if x.layer else "image" for x in value.inputs]
        for x in value.inputs:
            walk(x)
        order.append(value.layer)

    walk(model.outputs)
    image = {"class_name": "InputLayer", "name": "image", "inbound_nodes": [],
             "config": {"name": "image", "batch_input_shape": [None, size, size, 3], "dtype": "float32"}}
    return {"class_name": "Model", "keras_version": "2.2.4", "backend": "tensorflow",
            "config": {"name": "model", "layers": [image] + [layer_json(layer, inputs[layer]) for layer in order],
                       "input_layers": [["image", 0, 0]], "output_layers": [[model.outputs.layer.name, 0, 0]]}}


def write_h5(model, path):
    with h5py.File(path, "w") as file:
        layers = model.layers()
        file.attrs["layer_names"] = np.array([layer.name.encode() for layer in layers])
        file.attrs["backend"] = b"tensorflow"
        for layer in layers:
            group = file.create_group(layer.name)
            weights = {f"{layer.name}/{variable}:0": value for variable, value in tensors(layer).items()}
            group.attrs["weight_names"] = np.array([name.encode() for name in weights]) if weights else np.array([])
            for name, value in weights.items():
                group.create_dataset(name, data=value)


def in_tensorflow_js(model, size, images, modules):
    weights = [(f"{layer.name}/{variable}", value) for layer in model.layers() for variable, value in tensors(layer).items()]
    json.dump(model_json(model, size), open("model.json", "w"))
    json.dump([{"name": name, "shape": list(value.shape)} for name, value in weights], open("weights.json", "w"))
    with open("weights.bin", "wb") as file:
        for _, value in weights:
            file.write(value.astype("<f4").tobytes())
    images.astype("<f4").tofile("images.bin")
    subprocess.run(["node", os.path.join(HERE, "keras.mjs"), os.getcwd()], check=True, capture_output=True, text=True,
                   env=dict(os.environ, NODE_PATH=modules))
    return np.array(json.load(open("probabilities.json")))


def in_grimace(backbone, width, size):
    with open("config.yaml", "w") as file:
        file.write(f"name: peer\ndata: {{manifest: none.csv, classes: [a, b, c], image: {{size: {size}, mean: [0.5, 0.5, 0.5], "
                   f"std: [0.5, 0.5, 0.5]}}, train_transforms: [], eval_transforms: []}}\n"
                   f"model: {{backbone: {backbone}, width: {width}, pretrained: w.h5}}\n")
    said = subprocess.run([GRIMACE, "init", "config.yaml", "--out", "w.safetensors", "--force"], check=True, capture_output=True, text=True)
    lines = subprocess.run([GRIMACE, "predict", "w.safetensors", *[f"x{i}.png" for i in range(IMAGES)]], check=True,
                           capture_output=True, text=True).stdout.split()[1:]
    whole = not any(words in said.stdout for words in ("initial values are kept", "left out"))
    return np.array([[float(p) for p in line.split(",")[2:]] for line in lines]), whole


def check(name, modules):
    backbone, width, size, gain, make = keras.NETWORKS[name]
    keras.Layer.counts.clear()
    keras.Layer.gain = gain
    model = make(size)
    model.outputs.layer.scale_top = 3 / abs(model.outputs.data).max().item()  # or the softmax would hide most of it
    rng, images = np.random.default_rng(size), []
    for i in range(IMAGES):
        pixels = rng.integers(0, 256, (size, size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(f"x{i}.png")
        images.append(pixels.astype(np.float32) / np.float32(127.5) - 1)
    write_h5(model, "w.h5")
    got, whole = in_grimace(backbone, width, size)
    want = in_tensorflow_js(model, size, np.stack(images), modules)
    far = np.abs(got - want).max()
    good = bool(far <= LIMIT and whole and np.abs(want[0] - want[1]).max() > 1e-3)
    print(f"{'ok' if good else 'FAIL'} {name}: probabilities {want.min():.3f} to {want.max():.3f}, within {far:.1e}"
          f"{'' if whole else '; NOT WHOLE'}", flush=True)
    return good


def tensorflow_js():
    """The folder with the package, or None where npm is not here."""
    if not shutil.which("npm") or not shutil.which("node"):
        print("skip keras: npm is not here; run: apt-get install npm")
        return None
    place = os.path.join(os.path.dirname(GRIMACE), "peers")
    if not os.path.isdir(os.path.join(place, "node_modules", "@tensorflow", "tfjs")):
        os.makedirs(place, exist_ok=True)
        subprocess.run(["npm", "install", "--prefix", place, "--ignore-scripts", "--no-audit", "--no-fund", "@tensorflow/tfjs"],
                       check=True, capture_output=True, text=True)
    return os.path.join(place, "node_modules")


def main():
    good, asked = True, sys.argv[1:]
    modules = tensorflow_js()
    folder = tempfile.TemporaryDirectory()
    os.chdir(folder.name)
    for name in NETWORKS if modules else []:
        if asked and name not in asked:
            continue
        try:
            good = check(name, modules) and good
        except subprocess.CalledProcessError as failure:
            print(f"FAIL {name}: {' '.join(failure.stderr.split())[-400:]}")
            good = False
    return 0 if good else 1


sys.exit(main())
