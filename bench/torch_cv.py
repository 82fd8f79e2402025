"""PainSeeker's leave-one-group-out cross-validation in PyTorch, from a grimace config: the same manifest, folds, transforms,
model, loss, optimiser and number of epochs, with PyTorch's own random numbers. For comparing accuracies, not bits.

    python3 bench/torch_cv.py CONFIG_AS_PRINTED_BY_GRIMACE.yaml RUN/splits.csv

The config is a run's config.yaml (every key present); splits.csv is that run's.
"""
import csv
import os
import re
import sys
import time

import torch
import torch.nn.functional as F
import torchvision
from PIL import Image
from torchvision import transforms as T


def value(text, key):
    """The scalar of a flow or block key of the resolved config."""
    found = re.search(rf"\b{key}: *\"?([^\s,}}\"]+)", text)
    if not found:
        sys.exit(f"the config has no {key}")
    return found.group(1)


class PainSeeker(torch.nn.Module):
    def __init__(self, classes):
        super().__init__()
        net = torchvision.models.resnet18()
        self.backbone = torch.nn.Sequential(*list(net.children())[:-2])
        self.attention = torch.nn.Linear(512, 1)
        self.classifier = torch.nn.Linear(512, classes)

    def forward(self, x):
        regions = self.backbone(x).flatten(2).transpose(1, 2)
        score = torch.sigmoid(self.attention(regions))
        beta = score / score.sum(1, keepdim=True)
        return self.classifier((beta * regions).sum(1)), beta.squeeze(2)


def prsc(beta, margin, top):
    high, _ = torch.topk(beta, top, 1)
    rest = (beta.sum(1) - high.sum(1)) / (beta.shape[1] - top)
    return torch.clamp(margin - (high - rest[:, None]), min=0).mean(1).mean()


def main():
    text = open(sys.argv[1]).read()
    folder = os.path.dirname(value(text, "manifest"))
    size = int(value(text, "size"))
    resize = int(re.search(r"resize: *(\d+)", text).group(1))
    lam, margin, top = float(value(text, "lambda")), float(value(text, "margin")), int(value(text, "top_k"))
    lr, decay = float(value(text, "lr")), float(value(text, "weight_decay"))
    epochs, batch = int(value(text, "epochs")), int(value(text, "batch_size"))
    torch.manual_seed(int(value(text, "seed")))
    norm = T.Compose([T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    train = T.Compose([T.Resize((resize, resize)), T.RandomCrop(size), T.RandomHorizontalFlip(), norm])
    test = T.Compose([T.Resize((size, size)), norm])
    start = time.perf_counter()
    folds, cache = {}, {}
    for row in csv.DictReader(open(sys.argv[2])):
        folds.setdefault(row["fold"], []).append((row["image"], int(row["label"]), row["part"]))
        if row["image"] not in cache:
            cache[row["image"]] = Image.open(os.path.join(folder, row["image"])).convert("RGB")
    right = counted = tp = positives = guessed = 0
    for fold, rows in folds.items():
        model = PainSeeker(2).to(memory_format=torch.channels_last).train()
        optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=decay)
        fit = [row for row in rows if row[2] == "train"]
        for _ in range(epochs):
            order = torch.randperm(len(fit)).tolist()
            for at in range(0, len(fit), batch):
                part = [fit[i] for i in order[at:at + batch]]
                logits, beta = model(torch.stack([train(cache[name]) for name, _, _ in part]))
                loss = F.cross_entropy(logits, torch.tensor([label for _, label, _ in part])) + lam * prsc(beta, margin, top)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        model.eval()
        held = [row for row in rows if row[2] == "test"]
        with torch.no_grad():
            said = model(torch.stack([test(cache[name]) for name, _, _ in held]))[0].argmax(1).tolist()
        truth = [label for _, label, _ in held]
        right += sum(a == b for a, b in zip(said, truth))
        tp += sum(a == b == 1 for a, b in zip(said, truth))
        positives, guessed, counted = positives + sum(truth), guessed + sum(said), counted + len(truth)
        print(f"{fold}: {sum(a == b for a, b in zip(said, truth))} of {len(truth)}", flush=True)
    print(f"pooled: accuracy {right / counted:.4f}, F1 {2 * tp / max(1, positives + guessed):.4f}, "
          f"{time.perf_counter() - start:.1f} s")


main()
