#!/usr/bin/python3
"""torchvision and grimace exchange weights: every network that both have, head linear, each way around.
    in    torch.save of torchvision's state_dict, in the zip and in the older form -> model.pretrained -> grimace predict
    out   what grimace exports -> load_state_dict, strictly; what came in must go out with the same bits
Probabilities must agree within 1e-4. Run by `make test-peers` with GRIMACE, the binary, in the environment; words are networks."""
import json
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "parity"))
try:
    import numpy as np
    import torch
    import torchvision
    from PIL import Image

    from torch_common import fill
except ImportError as error:
    print(f"skip pytorch: {error}; run: apt-get install python3-torch python3-torchvision")
    sys.exit(0)

GRIMACE = os.path.realpath(os.environ["GRIMACE"])
TYPES = {"F32": np.float32, "I64": np.int64}
MEAN, STD, LIMIT, IMAGES = [0.4, 0.5, 0.6], [0.2, 0.3, 0.25], 1e-4, 3
# name: of torchvision, of its arguments, of grimace with other keys of model, image size
NETWORKS = [("resnet18", {}, "resnet18", "", 96), ("resnet34", {}, "resnet34", "", 96), ("resnet50", {}, "resnet50", "", 96),
            ("resnet101", {}, "resnet101", "", 96), ("vgg16", {"init_weights": False}, "vgg16", "", 64),
            ("inception_v3", {"init_weights": False, "aux_logits": False}, "inception_v3", "", 96),
            ("inception_v3", {"init_weights": False, "aux_logits": True}, "inception_v3", ", aux: true", 299),
            ("mobilenet_v2", {}, "mobilenet_v2", "", 96), ("mobilenet_v2", {"width_mult": 0.5}, "mobilenet_v2", ", width: 0.5", 96),
            ("mobilenet_v3_large", {}, "mobilenet_v3_large", "", 96),
            ("mobilenet_v3_small", {}, "mobilenet_v3_small", "", 96),
            ("shufflenet_v2_x0_5", {}, "shufflenet_v2", ", width: 0.5", 96), ("shufflenet_v2_x1_0", {}, "shufflenet_v2", "", 96),
            ("shufflenet_v2_x1_5", {}, "shufflenet_v2", ", width: 1.5", 96),
            ("shufflenet_v2_x2_0", {}, "shufflenet_v2", ", width: 2", 96), ("efficientnet_b0", {}, "efficientnet_b0", "", 96)]


def run(*words):
    return subprocess.run([GRIMACE, *words], check=True, capture_output=True, text=True).stdout


def read_safetensors(path):
    raw = open(path, "rb").read()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + length])
    notes = header.pop("__metadata__", {})
    tensors = {}
    for name, t in header.items():
        begin, end = (8 + length + o for o in t["data_offsets"])
        tensors[name] = torch.from_numpy(np.frombuffer(raw[begin:end], TYPES[t["dtype"]]).reshape(t["shape"]).copy())
    return tensors, notes


def make_images(size):
    """Files x0.png ..., and what a network sees of them."""
    rng, batch = np.random.default_rng(size), []
    for i in range(IMAGES):
        pixels = rng.integers(0, 256, (size, size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(f"x{i}.png")
        batch.append((pixels.astype(np.float32) / 255 - np.float32(MEAN)) / np.float32(STD))
    return torch.from_numpy(np.stack(batch)).permute(0, 3, 1, 2)


def config(backbone, keys, size):
    with open("config.yaml", "w") as file:
        file.write(f"name: peer\ndata: {{manifest: none.csv, classes: [a, b, c], image: {{size: {size}, mean: {MEAN}, std: {STD}}},"
                   f" train_transforms: [], eval_transforms: []}}\nmodel: {{backbone: {backbone}, head: linear{keys}}}\n")


def predict(path):
    lines = run("predict", path, *[f"x{i}.png" for i in range(IMAGES)]).split()[1:]
    return np.array([[float(p) for p in line.split(",")[2:]] for line in lines])


def probabilities(model, x):
    with torch.no_grad():
        return torch.softmax(model.eval()(x), 1).numpy()


def check_in(model, x, old):
    """torchvision's file to grimace; gives the distance, and whether every tensor came in and goes out again."""
    torch.save(model.state_dict(), "w.pth", _use_new_zipfile_serialization=not old)
    said = run("init", "config.yaml", "model.pretrained=w.pth", "--out", "w.safetensors", "--force")
    run("export", "w.safetensors", "--format", "safetensors", "--out", "e.safetensors", "--force")
    state, back = model.state_dict(), read_safetensors("e.safetensors")[0]
    same = set(state) == set(back) and all(torch.equal(back[name], value) for name, value in state.items())
    whole = "initial values are kept" not in said and "left out" not in said
    return np.abs(predict("w.safetensors") - probabilities(model, x)).max(), same and whole


def check_out(make, x, backbone):
    """grimace's own initial weights to torchvision."""
    run("init", "config.yaml", "seed=5", "--out", "w.safetensors", "--force")
    run("export", "w.safetensors", "--format", "safetensors", "--out", "e.safetensors", "--force")
    tensors, notes = read_safetensors("e.safetensors")
    model = make()
    model.load_state_dict(tensors, strict=True)
    return np.abs(predict("w.safetensors") - probabilities(model, x)).max(), notes["backbone"] == backbone


def check(name, arguments, backbone, keys, size):
    def make():
        return getattr(torchvision.models, name)(num_classes=3, **arguments)
    x = make_images(size)
    config(backbone, keys, size)
    model = make()
    fill(model)
    want = probabilities(model, x)
    zipped, old, out = check_in(model, x, False), check_in(model, x, True), check_out(make, x, backbone)
    good = all(far <= LIMIT and right for far, right in (zipped, old, out)) and want.max() - want.min() > 0.01
    print(f"{'ok' if good else 'FAIL'} {name}{keys}: probabilities {want.min():.3f} to {want.max():.3f}; .pth within {zipped[0]:.1e}, "
          f"its older form {old[0]:.1e}, and out again {'with the same bits' if zipped[1] and old[1] else 'CHANGED'}; "
          f"exported, loaded strictly, {out[0]:.1e}", flush=True)
    return good


def main():
    good, asked = True, sys.argv[1:]
    folder = tempfile.TemporaryDirectory()
    os.chdir(folder.name)
    for network in NETWORKS:
        if asked and network[0] not in asked:
            continue
        try:
            good = check(*network) and good
        except (RuntimeError, subprocess.CalledProcessError) as failure:
            text = getattr(failure, "stderr", None) or str(failure)
            print(f"FAIL {network[0]}: {' '.join(text.split())[:300]}")
            good = False
    return 0 if good else 1


sys.exit(main())
