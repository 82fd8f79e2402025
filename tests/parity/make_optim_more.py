"""Writes optim_more_reference.h: what torch.optim's NAdam, Adamax, Adagrad, RMSprop, AMSGrad and the clipping functions make of the
weights of make_optim.py over six steps, and ReduceLROnPlateau with a cooldown.

    python3 tests/parity/make_optim_more.py > tests/parity/optim_more_reference.h
"""
import textwrap

import torch
from torch import optim
from torch.nn import utils

STEPS, SIZES = 6, (1, 2, 2)
BETAS = ".betas = {0.9, 0.999}, "
CASES = [  # rate, our options, torch's optimiser, what is done to gradients
    (0.01, '.name = "nadam", .eps = 1e-8, .momentum_decay = 0.004, ' + BETAS, lambda p: optim.NAdam(p, lr=0.01, foreach=False), None),
    (0.01, '.name = "nadam", .eps = 1e-8, .momentum_decay = 0.004, .weight_decay = 0.05, ' + BETAS,
     lambda p: optim.NAdam(p, lr=0.01, weight_decay=0.05, foreach=False), None),
    (0.01, '.name = "adamax", .eps = 1e-8, ' + BETAS, lambda p: optim.Adamax(p, lr=0.01, foreach=False), None),
    (0.1, '.name = "adagrad", .eps = 1e-10', lambda p: optim.Adagrad(p, lr=0.1, foreach=False), None),
    (0.1, '.name = "adagrad", .eps = 1e-10, .initial_accumulator = 0.5, .weight_decay = 0.05',
     lambda p: optim.Adagrad(p, lr=0.1, initial_accumulator_value=0.5, weight_decay=0.05, foreach=False), None),
    (0.01, '.name = "rmsprop", .eps = 1e-8, .rho = 0.99', lambda p: optim.RMSprop(p, lr=0.01, foreach=False), None),
    (0.01, '.name = "rmsprop", .eps = 1e-8, .rho = 0.9, .momentum = 0.8, .centered = true',
     lambda p: optim.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.8, centered=True, foreach=False), None),
    (0.01, '.name = "adam", .eps = 1e-8, .amsgrad = true, ' + BETAS, lambda p: optim.Adam(p, lr=0.01, amsgrad=True, foreach=False),
     None),
    (0.01, '.name = "adamw", .eps = 1e-8, .amsgrad = true, .weight_decay = 0.05, ' + BETAS,
     lambda p: optim.AdamW(p, lr=0.01, amsgrad=True, weight_decay=0.05, foreach=False), None),
    (0.1, '.name = "sgd", .clip_global_norm = 0.5', lambda p: optim.SGD(p, lr=0.1, foreach=False),
     lambda p: utils.clip_grad_norm_(p, 0.5)),
    (0.1, '.name = "sgd", .clip_value = 0.5', lambda p: optim.SGD(p, lr=0.1, foreach=False),
     lambda p: utils.clip_grad_value_(p, 0.5)),
]
LOSSES = [1.0, 0.9, 0.9, 0.89996, 0.95, 0.91, 0.85, 0.86, 0.87, 0.88, 0.89, 0.9, 0.3, 0.31, 0.32, 0.33]


def gradient(step):
    generator = torch.Generator().manual_seed(100 + step)
    return torch.randn(5, generator=generator) * torch.tensor([1.0, 0.1, 3.0, 1e-4, 1.0])


def floats(values):
    return "{" + ", ".join("%.9g" % v for v in values) + "}"


def run(make, clip):
    start = torch.tensor([0.5, -1.25, 2.0, -0.01, 0.0])
    weights = [torch.nn.Parameter(p.clone()) for p in start.split(SIZES)]
    optimizer = make(weights)
    rows = []
    for step in range(STEPS):
        for weight, part in zip(weights, gradient(step).split(SIZES)):
            weight.grad = part.clone()
        if clip:
            clip(weights)
        optimizer.step()
        rows.append(torch.cat([w.detach() for w in weights]).tolist())
    return rows


def cooled():
    optimizer = optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.04)
    scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, cooldown=2)
    rates = []
    for loss in LOSSES:
        rates.append(optimizer.param_groups[0]["lr"])
        scheduler.step(loss)
    return rates


def put(text):
    """Prints C, no line longer than 120."""
    for line in text.split("\n"):
        print("\n".join(textwrap.wrap(line, 120, subsequent_indent="      ", break_long_words=False, break_on_hyphens=False))
              if len(line) > 120 else line)


def main():
    put("/* Written by make_optim_more.py with PyTorch %s. Weights after each step; gradients are those of optim_reference.h. */"
          % torch.__version__.split("+")[0])
    put("static const struct {\n    double lr;\n    gr_optim_options options;\n    float weights[%d][5];\n} optim_more[] = {" % STEPS)
    for lr, options, make, clip in CASES:
        put("    {%g,\n     {%s},\n     {%s}}," % (lr, options.rstrip(", "), ",\n      ".join(floats(r) for r in run(make, clip))))
    put("};\nstatic const double cooled_losses[16] = %s;" % floats(LOSSES))
    put("static const double cooled_rates[16] = %s;" % floats(cooled()))


main()
