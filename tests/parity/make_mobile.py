"""Writes mobile.safetensors: what torchvision's mobile networks get in float64 from the weights and images that common.numbers
makes, and mobile operators' forward and gradients. Run it in this folder:
    python3 make_mobile.py
- NAME.logits [2, 3]: inference of the whole network, 3 classes, 64 x 64;
- NAME.loss [1], NAME.first [..]: cross-entropy in training mode (dropout and stochastic depth off) and its gradient by the first
  convolution's weights; NAME.last [3]: by the last layer's bias;
- op.NAME.y, op.NAME.dx: operators on [2, 3, 5, 6], as mobile_ops of test_mobile.c."""
import torch
import torch.nn.functional as F
import torchvision

from common import numbers, save

torch.set_num_threads(1)
NETWORKS = {"mobilenet_v2": ("mobilenet_v2", {}), "mobilenet_v2 0.5": ("mobilenet_v2", {"width_mult": 0.5}),
            "mobilenet_v3_large": ("mobilenet_v3_large", {}), "mobilenet_v3_small": ("mobilenet_v3_small", {}),
            "shufflenet_v2 0.5": ("shufflenet_v2_x0_5", {}), "shufflenet_v2": ("shufflenet_v2_x1_0", {}),
            "efficientnet_b0": ("efficientnet_b0", {})}
SIZE = 64


def stream(name):
    """FNV-1a, 32 bits."""
    h = 2166136261
    for byte in name.encode():
        h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
    return h


def fill(module):
    """The numbers of every parameter and running statistic, from its name alone."""
    with torch.no_grad():
        for name, value in module.state_dict().items():
            if name.endswith("num_batches_tracked"):
                continue
            u = torch.from_numpy(numbers(stream(name), value.numel())).reshape(value.shape)
            if name.endswith("running_var"):
                value.copy_(1 + 0.5 * u)
            elif value.dim() > 1:
                value.copy_(u * (3.0 / value[0].numel()) ** 0.5)
            elif name.endswith("weight"):
                value.copy_(1 + 0.2 * u)
            else:
                value.copy_(0.1 * u)


def nchw(stream_number, shape):
    count = 1
    for extent in shape:
        count *= extent
    return torch.from_numpy(numbers(stream_number, count)).reshape(shape).permute(0, 3, 1, 2).double()


def network(result, key):
    name, options = NETWORKS[key]
    model = getattr(torchvision.models, name)(num_classes=3, **options).double()
    fill(model)
    x = nchw(1, (2, SIZE, SIZE, 3))
    model.eval()
    with torch.no_grad():
        result[key + ".logits"] = model(x).numpy()
    model.train()
    for module in model.modules():
        if isinstance(module, (torch.nn.Dropout, torchvision.ops.StochasticDepth)):
            module.p = 0.0
    loss = F.cross_entropy(model(nchw(1, (8, SIZE, SIZE, 3))), torch.arange(8) % 3)
    loss.backward()
    weights = list(model.parameters())
    result[key + ".loss"] = [loss.item()]
    result[key + ".first"] = weights[0].grad.numpy()
    result[key + ".last"] = weights[-1].grad.numpy()


def operators(result):
    shape = (2, 3, 5, 6)
    shuffle = torchvision.models.shufflenetv2.channel_shuffle
    cases = {"relu6": lambda x, s: F.relu6(x * 8), "hard_sigmoid": lambda x, s: F.hardsigmoid(x * 5),
             "hard_swish": lambda x, s: F.hardswish(x * 5), "silu": lambda x, s: F.silu(x * 5),
             "shuffle": lambda x, s: shuffle(x, 3), "split": lambda x, s: torch.cat([x[:, 4:], x[:, :4]], 1),
             "scale": lambda x, s: x * s.mean((2, 3), keepdim=True)}
    for name, operator in cases.items():
        x, s = nchw(1, shape).requires_grad_(), nchw(2, shape).requires_grad_()
        y = operator(x, s)
        (y * nchw(9, shape)).sum().backward()
        result[f"op.{name}.y"] = y.detach().permute(0, 2, 3, 1).numpy()
        result[f"op.{name}.dx"] = x.grad.permute(0, 2, 3, 1).numpy()
        if s.grad is not None:
            result[f"op.{name}.ds"] = s.grad.permute(0, 2, 3, 1).numpy()


def main():
    result = {}
    for key in NETWORKS:
        network(result, key)
    operators(result)
    save("mobile.safetensors", result)


main()
