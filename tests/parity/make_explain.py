"""Writes explain.safetensors: heat maps of torchvision's ResNet-18, MobileNetV2 and VGG-16 (3 classes, weights and one image of 48 pixels from
torch_common, float64) by pytorch-grad-cam 1.5.7 and captum 0.9.0, on PyTorch 2.15.0. Run it in this folder:
    python3 make_explain.py
For each network, of the class with the largest logit:
- NET.logits [3];
- NET.gradcam.LAYER and NET.gradcam++.LAYER [48, 48]: pytorch-grad-cam's maps of the last layer and of one in the middle, before it
  scales them to 0..1, which would blow up the rounding of flat ones, but after its ReLU and its resizing (OpenCV's);
- NET.saliency [48, 48]: captum's Saliency with signs, summed over the colours;
- NET.integrated_gradients [48, 48]: captum's, Gauss-Legendre with 32 steps from a baseline of -1, summed over the colours;
- resnet18.occlusion [48, 48]: captum's Occlusion, windows of 6 pixels 3 apart, filled with 0. Of the others the logits do not change
  enough in float32.
All is computed in float64. Of the same captum in float32 it prints how far each attribution is from that, of its largest number: what
float32 itself costs."""
import cv2
import numpy as np
import torch
import torchvision
from captum.attr import IntegratedGradients, Occlusion, Saliency
from pytorch_grad_cam import GradCAM, GradCAMPlusPlus
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from common import save
from torch_common import fill, images

torch.set_num_threads(1)
SIZE, STEPS = 48, 32
NETWORKS = {
    "resnet18": {"layer4": lambda m: m.layer4[-1], "layer3": lambda m: m.layer3[-1]},
    "mobilenet_v2": {"features.18": lambda m: m.features[18], "features.13": lambda m: m.features[13]},
    "vgg16": {"features.29": lambda m: m.features[29], "features.22": lambda m: m.features[22]},
}


def summed(attribution):
    return attribution.sum(1)[0].detach().numpy().astype(np.float64)


def attributions(model, x, target, occlusion):
    """Maps by captum's methods, in float64."""
    result = {"saliency": summed(Saliency(model).attribute(x.clone().requires_grad_(), target=target, abs=False))}
    path = IntegratedGradients(model).attribute(x, baselines=-1.0, target=target, n_steps=STEPS, method="gausslegendre")
    result["integrated_gradients"] = summed(path)
    if occlusion:
        drops = Occlusion(model).attribute(x, sliding_window_shapes=(3, 6, 6), strides=(3, 3, 3), baselines=0, target=target)
        result["occlusion"] = drops[0, 0].numpy().astype(np.float64)
    return result


def explain(name, layers, result):
    model = getattr(torchvision.models, name)(num_classes=3).double()
    fill(model)
    model.eval()
    x = images(1, SIZE).contiguous()
    logits = model(x)[0].detach()
    target = int(logits.argmax())
    result[f"{name}.logits"] = logits.numpy()
    for layer, find in layers.items():
        for method, cam in (("gradcam", GradCAM), ("gradcam++", GradCAMPlusPlus)):
            targets = [ClassifierOutputTarget(target)]
            with cam(model=model, target_layers=[find(model)]) as made:
                made(input_tensor=x, targets=targets)
                seen = made.activations_and_grads
                maps, gradients = (pair[0].detach().numpy() for pair in (seen.activations, seen.gradients))
                cells = made.get_cam_image(x, find(model), targets, maps, gradients, False)[0]
            drawn = cv2.resize(np.maximum(cells, 0), (SIZE, SIZE))
            result[f"{name}.{method}.{layer}"] = drawn.astype(np.float32)
    exact, single = (attributions(kind(model), kind(x), target, name == "resnet18") for kind in (lambda m: m, lambda m: m.float()))
    for method, values in exact.items():
        result[f"{name}.{method}"] = values.astype(np.float32)
        print(f"{name}.{method}: float32 {np.abs(single[method] - values).max() / np.abs(values).max():.1e}", flush=True)


def main():
    result = {}
    for name, layers in NETWORKS.items():
        explain(name, layers, result)
    save("explain.safetensors", result)


main()
