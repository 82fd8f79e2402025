"""Writes relevance.safetensors: maps that zennit makes on torchvision's networks in float64, with the weights and images that
torch_common makes (Python 3.11, torch 2.15, torchvision 0.29, zennit 1.0.0). Run it in this folder:
    python3 make_relevance.py
KEY.RULES [1, SIZE, SIZE, 3]: relevance of class 1 of 3, which starts as its logit, under zennit's composite of that name or, for
"epsilon:0.01", "gamma", "alpha_beta" and "w2", with that rule in every convolution and dense layer. Batch norms are folded (VGGCanonizer,
ResNetCanonizer), sums and means get zennit's Norm, activations pass. Pixels lie in [-1, 1)."""
import torch
import torchvision
from zennit.composites import COMPOSITES, LayerMapComposite, layer_map_base
from zennit.rules import AlphaBeta, Epsilon, Gamma, WSquare
from zennit.torchvision import ResNetCanonizer, VGGCanonizer
from zennit.types import Convolution, Linear

from common import save
from torch_common import fill, images

torch.set_num_threads(1)
#           name, size, canonizer, rules
NETWORKS = [("resnet18", 64, ResNetCanonizer, ["epsilon_gamma_box"]),
            ("resnet18", 32, ResNetCanonizer, ["epsilon_plus", "epsilon_alpha2_beta1_flat", "gamma", "w2"]),
            ("resnet50", 32, ResNetCanonizer, ["epsilon_gamma_box"]),
            ("vgg16", 32, VGGCanonizer, ["epsilon_gamma_box", "epsilon:0.01", "alpha_beta"])]
EVERYWHERE = {"epsilon:0.01": lambda: Epsilon(epsilon=0.01), "gamma": Gamma, "alpha_beta": AlphaBeta, "w2": WSquare}
CLASS = 1


def composite(rules, canonizer):
    if rules in EVERYWHERE:
        layers = layer_map_base() + [(Convolution, EVERYWHERE[rules]()), (Linear, EVERYWHERE[rules]())]
        return LayerMapComposite(layers, canonizers=[canonizer()])
    box = {"low": -torch.ones(1, 3, 1, 1).double(), "high": torch.ones(1, 3, 1, 1).double()} if rules.endswith("box") else {}
    return COMPOSITES[rules](canonizers=[canonizer()], **box)


def relevance(model, size, rules, canonizer):
    x = images(1, size).requires_grad_()
    with composite(rules, canonizer).context(model) as changed:
        y = changed(x)
        start = torch.zeros_like(y)
        start[0, CLASS] = y[0, CLASS].item()
        (r,) = torch.autograd.grad(y, x, grad_outputs=start)
    print(f"{rules}: logit {y[0, CLASS].item():.6f}, sum {r.sum().item():.6f}")
    return r.permute(0, 2, 3, 1).numpy()


def main():
    result = {}
    for key, size, canonizer, rules in NETWORKS:
        model = getattr(torchvision.models, key)(num_classes=3).double()
        fill(model)
        model.eval()
        for name in rules:
            result[f"{key}.{name}"] = relevance(model, size, name, canonizer)
    save("relevance.safetensors", result)


main()
