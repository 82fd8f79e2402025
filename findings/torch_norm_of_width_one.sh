#!/usr/bin/env bash
# PyTorch 2.15.0 on a CPU: behind a BatchNorm2d whose map is one wide, [N, C, T, 1], squeeze(-1).transpose(1, 2) and a Linear (a
# sequence after a convolution over all features) make its gradients wrong, those of weight, bias and input, in float64 too, in
# training and evaluation, without a word; so for BatchNorm3d with [N, C, T, 1, 1]. BatchNorm1d over [N, C, T], or a contiguous()
# on the gradient, gives the right ones. Expected: the derivative of the loss, which differences of the loss tell here.
. "$(dirname "$0")/common.sh"
with torch==2.15.0 numpy==2.2.6
cat >norm.py <<'PY'
import torch
from torch import nn


def gradients(kind, training, mended=False):
    """Those of autograd for weight, bias and input, and the same from differences of the loss."""
    torch.manual_seed(1)
    norm, dense = kind(8).double().train(training), nn.Linear(8, 3).double()
    x = torch.randn(4, 8, 20, dtype=torch.float64)
    for _ in range({nn.BatchNorm1d: 0, nn.BatchNorm2d: 1, nn.BatchNorm3d: 2}[kind]):
        x = x.unsqueeze(-1)
    x.requires_grad_()

    def loss():
        y = norm(x)
        if mended and y.requires_grad:
            y.register_hook(lambda gradient: gradient.contiguous())
        while y.dim() > 3:
            y = y.squeeze(-1)
        return dense(y.transpose(1, 2)).square().sum()

    loss().backward()
    told, slopes = [], []
    with torch.no_grad():
        for tensor in (norm.weight, norm.bias, x):
            flat = tensor.view(-1)
            for i in range(8):
                value = flat[i].item()
                flat[i] = value + 1e-6
                above = loss().item()
                flat[i] = value - 1e-6
                slopes.append((above - loss().item()) / 2e-6)
                flat[i] = value
            told.append(tensor.grad.reshape(-1)[:8])
    return told, torch.tensor(slopes, dtype=torch.float64).split(8)


def verdict(*case, **options):
    return ["wrong" if (a - b).abs().max() > 0.01 * b.abs().max() else "right" for a, b in zip(*gradients(*case, **options))]


answers = []
for name, kind in (("1d", nn.BatchNorm1d), ("2d", nn.BatchNorm2d), ("3d", nn.BatchNorm3d)):
    answers += [f"{name} {' '.join(verdict(kind, training))}" for training in (True, False)]
print("; ".join([*answers, f"2d, contiguous {' '.join(verdict(nn.BatchNorm2d, True, mended=True))}"]))
PY
right="right right right" wrong="wrong wrong wrong"
seen "1d $right; 1d $right; 2d $wrong; 2d $wrong; 3d $wrong; 3d $wrong; 2d, contiguous $right" "$(python/bin/python norm.py 2>&1 | tail -n 1)"
