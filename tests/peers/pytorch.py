#!/usr/bin/python3
"""torchvision loads what grimace exports, strictly, and computes the same probabilities: every backbone that it has, head linear.
Run by `make test-peers` with GRIMACE, the binary, in the environment."""
import json
import os
import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
    import torchvision
    from PIL import Image
except ImportError as error:
    print(f"skip pytorch: {error}; run: apt-get install python3-torch python3-torchvision")
    sys.exit(0)

GRIMACE = os.path.realpath(os.environ["GRIMACE"])
TYPES = {"F32": np.float32, "I64": np.int64}
SIZE, MEAN, STD = 96, [0.4, 0.5, 0.6], [0.2, 0.3, 0.25]


def run(*words):
    return subprocess.run([GRIMACE, *words], check=True, capture_output=True, text=True).stdout


def load(path):
    raw = open(path, "rb").read()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + length])
    notes = header.pop("__metadata__", {})
    tensors = {}
    for name, t in header.items():
        begin, end = (8 + length + o for o in t["data_offsets"])
        tensors[name] = torch.from_numpy(np.frombuffer(raw[begin:end], TYPES[t["dtype"]]).reshape(t["shape"]).copy())
    return tensors, notes


def check(name):
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
    Image.fromarray(pixels).save("x.png")
    with open("config.yaml", "w") as file:
        file.write(f"name: peer\ndata: {{manifest: none.csv, classes: [a, b, c], image: {{size: {SIZE}, mean: {MEAN}, std: {STD}}},"
                   " train_transforms: [], eval_transforms: []}\n" f"model: {{backbone: {name}, head: linear}}\n")
    run("init", "config.yaml", "--out", "w.safetensors")
    run("export", "w.safetensors", "--format", "safetensors", "--out", "e.safetensors")
    tensors, notes = load("e.safetensors")
    model = getattr(torchvision.models, name)(num_classes=3).eval()
    model.load_state_dict(tensors, strict=True)
    same = set(tensors) == set(model.state_dict())
    x = ((torch.from_numpy(pixels).permute(2, 0, 1).float() / 255 - torch.tensor(MEAN)[:, None, None])
         / torch.tensor(STD)[:, None, None])[None]
    with torch.no_grad():
        want = torch.softmax(model(x), 1)[0].numpy()
    got = np.array([float(p) for p in run("predict", "w.safetensors", "x.png").split()[1].split(",")[2:]])
    far = np.abs(got - want).max()
    good = same and far <= 1e-4 and notes["backbone"] == name
    print(f"{'ok' if good else 'FAIL'} {name}: loaded strictly, probabilities within {far:.1e}")
    return good


def main():
    error = subprocess.run([GRIMACE, "info", "--model", "none"], capture_output=True, text=True).stderr
    names = [n for n in error.strip().split("there are: ")[1].split(", ") if hasattr(torchvision.models, n)]
    good = True
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name in names:
            try:
                good = check(name) and good
            except (RuntimeError, subprocess.CalledProcessError) as failure:
                text = getattr(failure, "stderr", None) or str(failure)
                print(f"FAIL {name}: {' '.join(text.split())[:300]}")
                good = False
    return 0 if good else 1


sys.exit(main())
