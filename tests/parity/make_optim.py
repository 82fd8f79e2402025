"""Writes optim_reference.h: what torch.optim makes of a few weights over six steps.

    python3 tests/parity/make_optim.py > tests/parity/optim_reference.h
"""
import torch

STEPS, COUNT = 6, 5
SGD = [  # lr, momentum, dampening, nesterov, weight_decay
    (0.1, 0.0, 0.0, False, 0.0),
    (0.1, 0.0, 0.0, False, 0.05),
    (0.1, 0.9, 0.0, False, 0.0),
    (0.1, 0.9, 0.0, True, 0.01),
    (0.1, 0.9, 0.3, False, 0.01),
]
ADAM = [  # lr, beta1, beta2, eps, weight_decay, decoupled
    (1e-3, 0.9, 0.999, 1e-8, 0.0, False),
    (1e-2, 0.9, 0.999, 1e-8, 0.05, False),
    (1e-2, 0.8, 0.95, 1e-3, 0.0, False),
    (1e-2, 0.9, 0.999, 1e-8, 0.05, True),
]


def start():
    return torch.tensor([0.5, -1.25, 2.0, -0.01, 0.0])


def gradient(step):
    generator = torch.Generator().manual_seed(100 + step)
    return torch.randn(COUNT, generator=generator) * torch.tensor([1.0, 0.1, 3.0, 1e-4, 1.0])


def run(make):
    weight = torch.nn.Parameter(start())
    optimizer = make([weight])
    rows = []
    for step in range(STEPS):
        weight.grad = gradient(step)
        optimizer.step()
        rows.append(weight.detach().clone())
    return rows


def numbers(tensor):
    return "{" + ", ".join("%.9g" % v for v in tensor.tolist()) + "}"


def table(name, rows):
    print("static const float %s[%d][%d] = {" % (name, STEPS, COUNT))
    for row in rows:
        print("    %s," % numbers(row))
    print("};")


def case(fields, rows):
    print("    {%s," % ", ".join(str(f).lower() if isinstance(f, bool) else repr(f) for f in fields))
    print("     {%s}}," % (",\n      ".join(numbers(row) for row in rows)))


def main():
    print("/* Written by make_optim.py with PyTorch %s. Weights after each step. */" % torch.__version__.split("+")[0])
    print("enum { OPTIM_STEPS = %d, OPTIM_COUNT = %d };" % (STEPS, COUNT))
    print("static const float optim_start[OPTIM_COUNT] = %s;" % numbers(start()))
    table("optim_gradients", [gradient(step) for step in range(STEPS)])
    print("static const struct {\n    double lr, momentum, dampening;\n    bool nesterov;\n    double weight_decay;")
    print("    float weights[OPTIM_STEPS][OPTIM_COUNT];\n} optim_sgd[] = {")
    for lr, momentum, dampening, nesterov, decay in SGD:
        case((lr, momentum, dampening, nesterov, decay),
             run(lambda p: torch.optim.SGD(p, lr=lr, momentum=momentum, dampening=dampening, nesterov=nesterov,
                                           weight_decay=decay, foreach=False)))
    print("};\nstatic const struct {\n    double lr, beta1, beta2, eps, weight_decay;\n    bool decoupled;")
    print("    float weights[OPTIM_STEPS][OPTIM_COUNT];\n} optim_adam[] = {")
    for lr, beta1, beta2, eps, decay, decoupled in ADAM:
        kind = torch.optim.AdamW if decoupled else torch.optim.Adam
        case((lr, beta1, beta2, eps, decay, decoupled),
             run(lambda p: kind(p, lr=lr, betas=(beta1, beta2), eps=eps, weight_decay=decay, foreach=False)))
    print("};")


main()
