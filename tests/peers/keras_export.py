#!/usr/bin/env python3
"""Networks that `grimace export --format keras` writes, loaded by Keras 3's own load_model: probabilities must agree within 1e-4
with those of `grimace predict` (DEEP: within more), on noise. Run by `make test-peers` with GRIMACE, the binary, in the environment; words are cases.
Seen with Keras 3.15.1 on TensorFlow 2.21.0 (pip install keras tensorflow-cpu pillow)."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.pop(0)  # this folder, whose keras.py is another program
try:
    import keras
    import numpy as np
    from PIL import Image
    assert int(keras.__version__.split(".")[0]) >= 3
except (ImportError, AssertionError) as error:
    print(f"skip keras_export: Keras 3 is not here ({error}); run: pip install keras tensorflow-cpu pillow")
    sys.exit(0)

GRIMACE = os.path.realpath(os.environ["GRIMACE"])
LIMIT, IMAGES, NOISE = 1e-4, 2, 9
DEEP = {"inception_v3_keras": 5e-4}  # 94 batch norms in a row, of statistics of little noise, widen what is rounded
PLAIN = """[{conv: 6, kernel: 3, stride: 2, pad: same, act: relu}, {batch_norm: {}}, {act: relu6}, {pool: max, size: 3, stride: 2, pad: 1},
  {conv: 8, kernel: [1, 3], groups: 2, act: silu}, {pool: avg, size: 2}, {conv: 8, groups: 8, pad: 1, act: hard_swish},
  {flatten: {}}, {batch_norm: {}}, {dense: 9, act: sigmoid}, {dropout: 0.5}, {dense: 5, bias: false, act: hard_sigmoid}]"""
CASES = {  # name: (backbone or layers, size, more words for the config)
    "layers": (PLAIN, 40, []),
    "blackmice_cnn": ("blackmice_cnn", 48, []),
    "resnet18": ("resnet18", 64, []),
    "resnet50": ("resnet50", 64, []),
    "resnet50_keras": ("resnet50", 63, ["model.variant=keras"]),
    "mobilenet_v2": ("mobilenet_v2", 64, []),
    "mobilenet_v2_keras": ("mobilenet_v2", 64, ["model.variant=keras"]),
    "mobilenet_v3_small": ("mobilenet_v3_small", 64, []),
    "efficientnet_b0_keras": ("efficientnet_b0", 64, ["model.variant=keras"]),
    "inception_v3_keras": ("inception_v3", 139, ["model.variant=keras"]),
    "nasnet_mobile": ("nasnet_mobile", 64, []),
    "mlp": ("mobilenet_v2", 32, ["model.head=mlp", "model.mlp.hidden=[7]", "model.mlp.pool=flatten"]),
}
SAME_NAMES = {"resnet50_keras": "ResNet50", "mobilenet_v2_keras": "MobileNetV2", "efficientnet_b0_keras": "EfficientNetB0"}


def grimace(*words):
    return subprocess.run([GRIMACE, *words], check=True, capture_output=True, text=True).stdout


def write_config(network, size):
    """A config whose run has batch norm's statistics from noise, so that no layer's numbers die out or grow."""
    with open("noise.csv", "w") as file:
        file.write("image,label,animal\n")
        for i in range(NOISE):
            pixels = np.random.default_rng(100 + i).integers(0, 256, (size, size, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(f"n{i}.png")
            file.write(f"n{i}.png,{'abc'[i % 3]},{i}\n")
    key = "layers" if network.startswith("[") else "backbone"
    with open("config.yaml", "w") as file:
        file.write(f"name: peer\ndata: {{manifest: noise.csv, group: animal, classes: [a, b, c], image: {{size: {size}, mean: [0.5, 0.5, 0.5], "
                   f"std: [0.5, 0.5, 0.5]}}, train_transforms: [], eval_transforms: []}}\ntrain: {{epochs: 3, batch_size: {NOISE}}}\noptimizer: {{lr: 1.0e-5}}\n"
                   f"model:\n  {key}: {network}\n  batch_norm: {{momentum: 0.01}}\n")


def named_alike(model, function):
    """Do the layers with numbers have the names of keras.applications'?"""
    other = getattr(keras.applications, function)(weights=None, classes=3, input_shape=model.input_shape[1:])
    want = {layer.name for layer in other.layers if layer.weights and "normalization" not in layer.name}
    got = {layer.name for layer in model.layers if layer.weights}
    return got == want


def check(name):
    network, size, words = CASES[name]
    write_config(network, size)
    shutil.rmtree("run", ignore_errors=True)
    grimace("train", "config.yaml", *words, "--out", "run")
    shutil.copy(glob.glob("run/**/model.safetensors", recursive=True)[0], "w.safetensors")
    grimace("export", "w.safetensors", "--format", "keras", "--out", "w.keras", "--force")
    rng, images = np.random.default_rng(size), []
    for i in range(IMAGES):
        pixels = rng.integers(0, 256, (size, size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(f"x{i}.png")
        images.append(pixels.astype(np.float32) / np.float32(127.5) - 1)
    lines = grimace("predict", "w.safetensors", *[f"x{i}.png" for i in range(IMAGES)]).split()[1:]
    want = np.array([[float(p) for p in line.split(",")[2:5]] for line in lines])
    model = keras.models.load_model("w.keras")
    got = model.predict(np.stack(images), verbose=0)
    far = np.abs(got - want).max()
    alike = name not in SAME_NAMES or named_alike(model, SAME_NAMES[name])
    told = np.abs(want[0] - want[1]).max()  # between two images: or the numbers would have died out on the way
    good = bool(far <= DEEP.get(name, LIMIT) and told > 1e-4 and alike)
    print(f"{'ok' if good else 'FAIL'} {name}: probabilities {want.min():.3f} to {want.max():.3f}, {told:.1e} between images, within {far:.1e}"
          f"{'' if alike else '; other names than keras.applications'}", flush=True)
    return good


def main():
    good = True
    folder = tempfile.TemporaryDirectory()
    os.chdir(folder.name)
    for name in sys.argv[1:] or CASES:
        try:
            good = check(name) and good
        except subprocess.CalledProcessError as failure:
            print(f"FAIL {name}: {' '.join(failure.stderr.split())[-400:]}")
            good = False
    return 0 if good else 1


sys.exit(main())
