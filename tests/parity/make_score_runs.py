#!/usr/bin/env python3
"""Writes tests/parity/runs/losses.txt and fit.txt: whole runs of scores, classes in order and label columns by PyTorch, and an ordinal
fit by statsmodels.

Run from the repository's root, with grimace built: GRIMACE=build/grimace python3 tests/parity/make_score_runs.py
Made with PyTorch 1.13.0 (mae: 2.15.0), NumPy 1.24.4, Pillow 9.4.0 and statsmodels 0.14.4 (SciPy 1.11.4, pandas 2.0.3).

The images are those of `grimace data synth` with the words of SYNTH, the initial weights those of `grimace init`; the network is
written down here anew. runs/run.yaml with the overrides of RUNS is what `grimace train` repeats (tests/cli/test_scores.sh and
test_ordinal.sh). losses.txt: NAME EPOCH LOSS, the mean over the epoch's images of the loss before each step. fit.txt: IMAGE and the
probabilities of statsmodels' OrderedModel on the two features of a frozen network, for the images that it was not fitted to.
"""
import csv
import json
import os
import struct
import subprocess
import tempfile

import numpy as np
import torch
from PIL import Image
from statsmodels.miscmodels.ordinal_model import OrderedModel
from torch import nn
from torch.nn import functional as F

GRIMACE = os.path.realpath(os.environ.get("GRIMACE", "build/grimace"))
HERE = os.path.realpath("tests/parity/runs")
SYNTH = "--preset mini --size 32 --animals 3 --images 8 --seed 3".split()
FIT_SYNTH = "--preset mini --size 32 --animals 6 --images 16 --seed 5".split()
UNITS = ["au_ear", "au_orbital", "au_whisker"]
RUNS = {
    "mse": [],
    # Not Adam, which divides by gradients: where they are next to nothing, their last digits move a weight as far as any other's.
    "mae": ["loss.name=mae", "optimizer.name=sgd", "optimizer.lr=0.05", "optimizer.momentum=0.9"],
    "huber": ["loss.name=huber", "loss.huber.delta=0.5", "optimizer.name=sgd", "optimizer.lr=0.05", "optimizer.momentum=0.9"],
    "columns": ["data.labels=[au_ear,au_orbital,au_whisker]", "data.manifest=data/gaps.csv"],
    "ordinal": ["task=ordinal"],
    "ordinal_sgd": ["task=ordinal", "optimizer.name=sgd", "optimizer.lr=0.05", "optimizer.momentum=0.9"],
    "classes": ["task=classes", "data.labels=[au_ear,au_orbital,au_whisker]", "data.manifest=data/gaps.csv"],
}
FIT = ["task=ordinal", "data.manifest=fit/manifest.csv", "model.head=mlp", "model.mlp.hidden=[2]", "model.mlp.dropout=0",
       "model.freeze=[backbone, mlp]", "data.image.std=[0.05, 0.05, 0.05]", "seed=17", "train.epochs=1000",
       "train.batch_size=80", "optimizer.lr=1.5", "schedule.name=cosine"]
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def grimace(*words):
    subprocess.run([GRIMACE, *words], check=True, stdout=subprocess.DEVNULL)


def weights(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    return {name: torch.from_numpy(np.frombuffer(data[slice(*t["data_offsets"])], dtype="<f4").reshape(t["shape"]).copy())
            for name, t in header.items() if name != "__metadata__"}


def table(path, std=STD):
    """The rows, and their images as input of the network."""
    with open(path) as file:
        rows = list(csv.DictReader(file))
    x = [(np.asarray(Image.open(os.path.join(os.path.dirname(path), r["image"])).convert("RGB")) / 255 - MEAN) / std for r in rows]
    return rows, torch.tensor(np.stack(x)).permute(0, 3, 1, 2).float()


def make_gaps():
    """data/gaps.csv: the manifest, some labels of which are not known (as the tests make it)."""
    with open("data/manifest.csv") as file:
        rows = list(csv.reader(file))
    for i, row in enumerate(rows[1:]):
        for k, name in enumerate(UNITS):
            if (i + 2 * k) % 5 == 0:
                row[rows[0].index(name)] = ""
    with open("data/gaps.csv", "w") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


class Network(nn.Module):
    """blackmice_cnn with head linear, or with head mlp on the mean of its map; weights by their names."""

    def __init__(self, given):
        super().__init__()
        self.names = list(given)
        for name, value in given.items():
            self.register_parameter(name.replace(".", "_"), nn.Parameter(value))

    def w(self, name):
        return getattr(self, name.replace(".", "_"))

    def features(self, x):
        for i in (1, 2, 3):
            x = F.max_pool2d(F.relu(F.conv2d(x, self.w(f"backbone.conv{i}.weight"), self.w(f"backbone.conv{i}.bias"), padding=1)), 2)
        if "mlp.fc1.weight" in self.names:
            return F.relu(F.linear(x.mean(dim=(2, 3)), self.w("mlp.fc1.weight"), self.w("mlp.fc1.bias")))
        x = x.flatten(1)
        for i in (1, 2):
            x = F.relu(F.linear(x, self.w(f"backbone.fc{i}.weight"), self.w(f"backbone.fc{i}.bias")))
        return x

    def forward(self, x):
        bias = self.w("classifier.bias") if "classifier.bias" in self.names else None
        return F.linear(self.features(x), self.w("classifier.weight"), bias)


def proportional_odds(score, given):
    """log P(y = k) with P(y <= k) = sigmoid(theta_k - score); theta_0 as it is, then steps by their logarithm."""
    theta = torch.cumsum(torch.cat([given[:1], given[1:].exp()]), 0)
    below = torch.sigmoid(theta[None, :] - score)
    one, zero = torch.ones_like(score), torch.zeros_like(score)
    return (torch.cat([below, one], 1) - torch.cat([zero, below], 1)).log()


def loss_of(name, network, answer, y):
    known = ~torch.isnan(y)
    if name.startswith("ordinal"):
        return F.nll_loss(proportional_odds(answer, network.w("classifier.thresholds")), y[:, 0].long())
    if name == "classes":
        logits = answer.reshape(len(y), len(UNITS), 3)
        return F.cross_entropy(logits[known], y[known].long())
    if name == "mae":
        return F.l1_loss(answer[known], y[known])
    if name == "huber":
        return F.huber_loss(answer[known], y[known], delta=0.5)
    return F.mse_loss(answer[known], y[known])


def train(name, overrides, out):
    keys = dict(o.split("=", 1) for o in overrides)
    grimace("init", "run.yaml", *overrides, "--out", "init.safetensors", "--force")
    network = Network(weights("init.safetensors"))
    rows, x = table(keys.get("data.manifest", "data/manifest.csv"))
    columns = UNITS if "data.labels" in keys else ["score"]
    y = torch.tensor([[float(r[c] or "nan") for c in columns] for r in rows])
    keep = [i for i, r in enumerate(rows) if r["animal"] != "rat1" and not torch.isnan(y[i]).all()]
    sgd = keys.get("optimizer.name") == "sgd"
    optimizer = torch.optim.SGD(network.parameters(), 0.05, momentum=0.9) if sgd else torch.optim.Adam(network.parameters(), 1e-3)
    for epoch in range(1, 4):
        total = 0.0
        for at in range(0, len(keep), 5):
            batch = keep[at:at + 5]
            loss = loss_of(name, network, network(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        print(name, epoch, f"{total / len(keep):.9g}", file=out)


def fit(out):
    grimace("init", "run.yaml", *FIT, "--out", "init.safetensors", "--force")
    network = Network(weights("init.safetensors")).double()
    rows, x = table("fit/manifest.csv", 0.05)
    with torch.no_grad():
        features = network.features(x.double()).numpy()
    y = np.array([int(r["score"]) for r in rows])
    test = np.array([r["animal"] == "rat1" for r in rows])
    print("features", features.min(0), features.max(0), features.std(0), np.bincount(y))
    model = OrderedModel(y[~test], features[~test], distr="logit")
    start = model.fit(method="bfgs", disp=False, gtol=1e-8, maxiter=1000).params
    fitted = model.fit(method="newton", start_params=start, disp=False, tol=1e-12).params
    assert np.abs(model.score(fitted)).max() < 1e-6
    print("fitted", fitted, -model.loglike(fitted) / (~test).sum())
    p = model.predict(fitted, exog=features[test])
    for row, of_row in zip([r for r, t in zip(rows, test) if t], p):
        print(row["image"], *(f"{v:.9g}" for v in of_row), file=out)


def main():
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        with open(os.path.join(HERE, "run.yaml")) as source, open("run.yaml", "w") as copy:
            copy.write(source.read())
        grimace("data", "synth", *SYNTH, "--out", "data")
        grimace("data", "synth", *FIT_SYNTH, "--out", "fit")
        make_gaps()
        with open(os.path.join(HERE, "losses.txt"), "w") as out:
            for name, overrides in RUNS.items():
                train(name, overrides, out)
        with open(os.path.join(HERE, "fit.txt"), "w") as out:
            fit(out)


main()
