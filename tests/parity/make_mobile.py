"""Writes mobile.safetensors: what torchvision's mobile networks get in float64 from the weights and images that common.numbers
makes, and mobile operators' forward and gradients. Run it in this folder:
    python3 make_mobile.py
- NAME.logits [2, 3]: inference of the whole network, 3 classes, 64 x 64;
- NAME.loss [1], NAME.gradients [P, 2]: cross-entropy in training mode (dropout and stochastic depth off) and the fingerprints of its
  gradient by every parameter;
- op.NAME.y, op.NAME.dx: operators and activations on [2, 3, 5, 6], as mobile_ops of test_mobile.c;
  op.prelu.da: the gradient of its slopes, which are 1/4."""
import torch
import torch.nn.functional as F
import torchvision

from common import save
from torch_common import fill, fingerprints, images, nchw

torch.set_num_threads(1)
NETWORKS = {"mobilenet_v2": ("mobilenet_v2", {}), "mobilenet_v2 0.5": ("mobilenet_v2", {"width_mult": 0.5}),
            "mobilenet_v3_large": ("mobilenet_v3_large", {}), "mobilenet_v3_small": ("mobilenet_v3_small", {}),
            "shufflenet_v2 0.5": ("shufflenet_v2_x0_5", {}), "shufflenet_v2": ("shufflenet_v2_x1_0", {}),
            "efficientnet_b0": ("efficientnet_b0", {})}
SIZE = 64


def network(result, key):
    name, options = NETWORKS[key]
    model = getattr(torchvision.models, name)(num_classes=3, **options).double()
    fill(model)
    x = images(2, SIZE)
    model.eval()
    with torch.no_grad():
        result[key + ".logits"] = model(x).numpy()
    model.train()
    for module in model.modules():
        if isinstance(module, (torch.nn.Dropout, torchvision.ops.StochasticDepth)):
            module.p = 0.0
    loss = F.cross_entropy(model(images(8, SIZE)), torch.arange(8) % 3)
    loss.backward()
    result[key + ".loss"] = [loss.item()]
    result[key + ".gradients"] = fingerprints(model)


def operators(result):
    shape = (2, 3, 5, 6)
    shuffle = torchvision.models.shufflenetv2.channel_shuffle
    cases = {"relu6": lambda x, s: F.relu6(x * 8), "hard_sigmoid": lambda x, s: F.hardsigmoid(x * 5),
             "hard_swish": lambda x, s: F.hardswish(x * 5), "silu": lambda x, s: F.silu(x * 5),
             "tanh": lambda x, s: torch.tanh(x * 5), "elu": lambda x, s: F.elu(x * 5), "selu": lambda x, s: F.selu(x * 5),
             "gelu": lambda x, s: F.gelu(x * 5), "softplus": lambda x, s: F.softplus(x * 5), "mish": lambda x, s: F.mish(x * 5),
             "softsign": lambda x, s: F.softsign(x * 5), "leaky_relu": lambda x, s: F.leaky_relu(x * 5, 0.3),
             "steep_sigmoid": lambda x, s: torch.clamp(x * 5 * 0.2 + 0.5, 0, 1), "shuffle": lambda x, s: shuffle(x, 3), "split": lambda x, s: torch.cat([x[:, 4:], x[:, :4]], 1),
             "scale": lambda x, s: x * s.mean((2, 3), keepdim=True)}
    for name, operator in cases.items():
        x, s = nchw(1, shape).requires_grad_(), nchw(2, shape).requires_grad_()
        y = operator(x, s)
        (y * nchw(9, shape)).sum().backward()
        result[f"op.{name}.y"] = y.detach().permute(0, 2, 3, 1).numpy()
        result[f"op.{name}.dx"] = x.grad.permute(0, 2, 3, 1).numpy()
        if s.grad is not None:
            result[f"op.{name}.ds"] = s.grad.permute(0, 2, 3, 1).numpy()
    x, a = nchw(1, shape).requires_grad_(), torch.full((shape[3],), 0.25, dtype=torch.float64, requires_grad=True)
    y = F.prelu(x, a)
    (y * nchw(9, shape)).sum().backward()
    result.update({"op.prelu.y": y.detach().permute(0, 2, 3, 1).numpy(), "op.prelu.dx": x.grad.permute(0, 2, 3, 1).numpy(),
                   "op.prelu.da": a.grad.numpy()})


def main():
    result = {}
    for key in NETWORKS:
        network(result, key)
    operators(result)
    save("mobile.safetensors", result)


main()
