"""What the makers of network references share: weights from names, images, and a gradient's fingerprint."""
import numpy as np
import torch

from common import numbers


def stream(name):
    """FNV-1a, 32 bits, as tests/support/parity.c."""
    h = 2166136261
    for byte in name.encode():
        h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
    return h


def fill(module):
    """The numbers of every parameter and running statistic, from its name alone, as test_parity_fill. Batch norms give 0.7 with
    deviation 0.4, so that few values lie where a ReLU bends: float32 then keeps the digits of deep networks' gradients."""
    state = module.state_dict()
    with torch.no_grad():
        for name, value in state.items():
            if name.endswith("num_batches_tracked"):
                continue
            layer, _, kind = name.rpartition(".")
            norm = layer + ".running_mean" in state
            u = torch.from_numpy(numbers(stream(name.removeprefix("backbone.")), value.numel())).reshape(value.shape)
            if kind == "running_var":
                value.copy_(1 + 0.5 * u)
            elif value.dim() > 1:
                value.copy_(u * (3.0 / value[0].numel()) ** 0.5)
            elif norm and kind == "weight":
                value.copy_(0.4 + 0.08 * u)
            elif norm and kind == "bias":
                value.copy_(0.7 + 0.1 * u)
            else:
                value.copy_(0.1 * u)


def nchw(stream_number, shape):
    """Numbers of one stream as NHWC, seen as float64 NCHW."""
    count = int(np.prod(shape))
    return torch.from_numpy(numbers(stream_number, count)).reshape(shape).permute(0, 3, 1, 2).double()


def images(batch, size):
    return nchw(1, (batch, size, size, 3))


def fingerprints(module, norms=True):
    """[P, 2] of the parameters in the order of their names' bytes: the gradient's inner product with the numbers of
    stream(name) + 1, and its norm. norms False leaves batch norms' own out."""
    rows, state = [], module.state_dict()
    for name, value in sorted(module.named_parameters(), key=lambda item: item[0].encode()):
        if norms or name.rpartition(".")[0] + ".running_mean" not in state:
            g = value.grad.double().numpy().ravel()
            rows.append([g @ numbers((stream(name) + 1) & 0xFFFFFFFF, g.size).astype(float), np.linalg.norm(g)])
    return rows
