"""Writes gradients.safetensors: the gradients of one logit of each image by the image and by the last feature map, in evaluation
mode (running statistics, no dropout), of torchvision's networks in float64, with the weights and images that torch_common makes.
Run it in this folder (torch 1.13, torchvision 0.14):
    python3 make_gradients.py
- NAME.logits [2, 3]; the logit of image i is that of class i + 1;
- NAME.by_image [2, 40, 40, 3], NAME.by_map [2, 2, 2, C]: channels last."""
import torch
import torchvision

from common import save
from torch_common import fill, images

torch.set_num_threads(1)
SIZE = 40
#           name, the layer that makes the last feature map
NETWORKS = [("resnet18", "layer4"), ("mobilenet_v3_small", "features")]


def channels_last(tensor):
    return tensor.permute(0, 2, 3, 1).numpy()


def network(result, name, layer):
    model = getattr(torchvision.models, name)(num_classes=3).double()
    fill(model)
    model.eval()
    maps = []
    getattr(model, layer).register_forward_hook(lambda module, inputs, output: maps.append(output))
    x = images(2, SIZE).requires_grad_()
    logits = model(x)
    by_image, by_map = torch.autograd.grad(logits[0, 1] + logits[1, 2], [x, maps[0]])
    result[name + ".logits"] = logits.detach().numpy()
    result[name + ".by_image"] = channels_last(by_image)
    result[name + ".by_map"] = channels_last(by_map)


def main():
    result = {}
    for name, layer in NETWORKS:
        network(result, name, layer)
    save("gradients.safetensors", result)


main()
