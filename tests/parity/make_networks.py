"""Writes networks.safetensors: what VGG-16, Inception v3, DenseNet-121, two ResNets (torchvision's) and NASNet-A mobile
(nasnet_reference.py) get in float64 from the weights and images that torch_common makes. Run it in this folder:
    python3 make_networks.py [KEY...]    KEY: only these; what the file has of others stays
Each network has 3 classes. KEY is its name in grimace, with " aux" behind it for Inception with its auxiliary classifier.
- KEY.logits [2, 3]: inference;
- KEY.loss [1], KEY.gradients [P, 2]: cross-entropy in training mode, dropout off, plus 0.4 of the auxiliary classifier's, and the
  fingerprints of its gradient by every parameter. In Inception and DenseNet batch norms use their running statistics there and have no
  fingerprints: float32 loses the digits of gradients through their hundred batch norms of few rows;
- inception_v3.batch_loss [1]: Inception's loss with statistics of the batch."""
import sys

import torch
import torch.nn.functional as F
import torchvision

from common import load, save
from nasnet_reference import Network
from torch_common import fill, fingerprints, images

torch.set_num_threads(1)
MODELS = torchvision.models
#           name, size, images in training, batch norms see the batch
NETWORKS = [("resnet18", 64, 8, True), ("resnet50", 64, 8, True), ("vgg16", 32, 2, True), ("inception_v3", 75, 8, False),
            ("inception_v3 aux", 299, 2, False), ("nasnet_mobile", 75, 4, True),
            ("densenet121", 64, 4, False)]


def make(key):
    if key == "nasnet_mobile":
        return Network(3)
    if key.startswith("inception_v3"):
        return MODELS.inception_v3(num_classes=3, aux_logits="aux" in key, init_weights=False)
    return getattr(MODELS, key)(num_classes=3)


def set_training(model, norms):
    model.train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if isinstance(module, torch.nn.BatchNorm2d):
            module.train(norms)


def loss_of(model, size, batch):
    logits, labels = model(images(batch, size)), torch.arange(batch) % 3
    if torch.is_tensor(logits):
        return F.cross_entropy(logits, labels)
    return F.cross_entropy(logits.logits, labels) + 0.4 * F.cross_entropy(logits.aux_logits, labels)


def main():
    asked = sys.argv[1:]
    result = load("networks.safetensors") if asked else {}
    for key, size, batch, norms in NETWORKS:
        if asked and key not in asked:
            continue
        model = make(key).double()
        fill(model)
        model.eval()
        with torch.no_grad():
            result[key + ".logits"] = model(images(2, size)).numpy()
        set_training(model, norms)
        loss = loss_of(model, size, batch)
        loss.backward()
        result[key + ".loss"] = [loss.item()]
        result[key + ".gradients"] = fingerprints(model, norms)
        if key == "inception_v3":
            set_training(model, True)
            with torch.no_grad():
                result[key + ".batch_loss"] = [loss_of(model, size, batch).item()]
    save("networks.safetensors", result)


main()
