"""Writes schedule_reference.h: learning rates of PyTorch's schedulers, epoch by epoch.

    python3 tests/parity/make_schedule.py > tests/parity/schedule_reference.h
"""
import torch
from torch.optim import lr_scheduler

EPOCHS = 16
LR = 0.04
# A loss that falls, stalls, falls by less than the threshold, rises, and falls again.
LOSSES = [1.0, 0.9, 0.9, 0.89996, 0.95, 0.91, 0.85, 0.86, 0.87, 0.88, 0.89, 0.9, 0.3, 0.31, 0.32, 0.33]


def rates(make, plateau=False):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=LR)
    scheduler = make(optimizer)
    out = []
    for epoch in range(EPOCHS):
        out.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if plateau:
            scheduler.step(LOSSES[epoch])
        else:
            scheduler.step()
    return out


def row(numbers):
    lines = ["%.17g, %.17g, %.17g, %.17g" % tuple(numbers[i:i + 4]) for i in range(0, len(numbers), 4)]
    return "{" + (",\n      ").join(lines) + "}"


def main():
    cases = [
        ("constant", 1, 1.0, 0.0, 0.5, 0, rates(lambda o: lr_scheduler.ConstantLR(o, factor=1.0))),
        ("step", 3, 0.5, 0.0, 0.5, 0, rates(lambda o: lr_scheduler.StepLR(o, 3, 0.5))),
        ("step", 1, 0.9, 0.0, 0.5, 0, rates(lambda o: lr_scheduler.StepLR(o, 1, 0.9))),
        ("cosine", 1, 1.0, 0.0, 0.5, 0, rates(lambda o: lr_scheduler.CosineAnnealingLR(o, EPOCHS))),
        ("cosine", 1, 1.0, 0.01, 0.5, 0, rates(lambda o: lr_scheduler.CosineAnnealingLR(o, EPOCHS, 0.01))),
        ("plateau", 1, 1.0, 0.0, 0.1, 2, rates(lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=0.1, patience=2), True)),
        ("plateau", 1, 1.0, 0.003, 0.25, 0,
         rates(lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=0.25, patience=0, min_lr=0.003), True)),
    ]
    print("/* Written by make_schedule.py with PyTorch %s. The rate of each epoch. */" % torch.__version__.split("+")[0])
    print("enum { SCHEDULE_EPOCHS = %d };" % EPOCHS)
    print("static const double schedule_lr = %g;" % LR)
    print("static const double schedule_losses[SCHEDULE_EPOCHS] = %s;" % row(LOSSES))
    print("static const struct {\n    const char *name;\n    int step_size;\n    double gamma, min_lr, factor;\n    int patience;")
    print("    double rates[SCHEDULE_EPOCHS];\n} schedule_cases[] = {")
    for name, step_size, gamma, min_lr, factor, patience, numbers in cases:
        print('    {"%s", %d, %r, %r, %r, %d,\n     %s},' % (name, step_size, gamma, min_lr, factor, patience, row(numbers)))
    print("};")


main()
