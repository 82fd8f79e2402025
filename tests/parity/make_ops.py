"""Writes ops.safetensors: PyTorch's forward and gradients for every line of ops.txt. Run it in this folder:
    python3 make_ops.py
Only outputs are stored; inputs, weights and upstream gradients come from common.numbers on both sides."""
import math

import torch
import torch.nn.functional as F

from common import numbers, save

torch.set_num_threads(1)


def tensor(stream, shape, scale=1.0, offset=0.0):
    count = 1
    for extent in shape:
        count *= extent
    return torch.from_numpy(numbers(stream, count) * scale + offset).reshape(shape)


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1).contiguous() if x.dim() == 4 else x


def parameters(op, a):
    """Parameters in PyTorch's layouts: {suffix: tensor}."""
    c, out = a["c"], a.get("out", 0)
    if op == "conv2d":
        p = {"weight": tensor(11, (out, c // a["groups"], a["kh"], a["kw"]), 0.5)}
        if a["bias"]:
            p["bias"] = tensor(12, (out,))
        return p
    if op == "dense":
        return {"weight": tensor(11, (out, a["h"] * a["w"] * c), 0.5), "bias": tensor(12, (out,))}
    if op in ("odds", "odds_loss"):
        return {"weight": tensor(11, (1, c), 0.5), "thresholds": tensor(12, (out - 1,))}
    if op == "attention":
        return {"weight": tensor(11, (1, c), 0.5), "bias": tensor(12, (1,))}
    if op == "batch_norm":
        return {"weight": tensor(11, (c,)), "bias": tensor(12, (c,)), "running_mean": tensor(13, (c,)),
                "running_var": tensor(14, (c,), 0.5, 1.0)}
    return {}


def labels_of(a, classes):
    """Labels of all columns in a row; -1 is missing."""
    i = torch.arange(a["n"] * a["labels"])
    labels = i * 3 % classes
    if a["missing"]:
        labels[i % a["missing"] == 1] = -1
    return labels


def class_weights(a, classes):
    return tensor(15, (classes,), 0.4, 1.0) if a["weighted"] else None


def log_odds(a, x, p):
    """Logarithms of the probabilities of ordered classes (McCullagh 1980), as differences of cumulative ones."""
    a_1, steps = p["thresholds"][:1], p["thresholds"][1:].exp()
    below = torch.sigmoid(torch.cat([a_1, steps]).cumsum(0) - F.linear(x.reshape(a["n"], a["c"]), p["weight"]))
    ends = below.new_zeros(a["n"], 1), below.new_ones(a["n"], 1)
    return (torch.cat([below, ends[1]], 1) - torch.cat([ends[0], below], 1)).log()


def forward_in_double(op, a, x, x2, p):
    """What has several labels or missing ones, scores, and proportional odds."""
    c, weight = a["c"], class_weights(a, a.get("out", a["c"] // a["labels"]))
    weight = weight.double() if weight is not None else None
    if op == "softmax":
        return torch.softmax(x.reshape(a["n"], a["labels"], -1), 2).reshape(a["n"], c)
    if op == "cross_entropy":
        classes = c // a["labels"]
        return F.cross_entropy(x.reshape(-1, classes), labels_of(a, classes), weight, ignore_index=-1).reshape(1)
    if op == "odds":
        return log_odds(a, x, p)
    if op == "odds_loss":
        return F.nll_loss(log_odds(a, x, p), labels_of(a, a["out"]), weight, ignore_index=-1).reshape(1)
    x, x2 = x.reshape(-1), x2.reshape(-1)
    if a["missing"]:
        known = torch.arange(len(x)) % a["missing"] != 1
        x, x2 = x[known], x2[known]
    return {"mse": F.mse_loss, "mae": F.l1_loss,
            "huber": lambda x, y: F.huber_loss(x, y, delta=a["delta"])}[op](x, x2).reshape(1)


def forward(op, a, x, x2, p):
    """List of outputs; the first is joined with the upstream gradient."""
    c = a["c"]
    if op in ("mae", "huber", "odds", "odds_loss") or a["labels"] > 1 or a["missing"]:
        return [forward_in_double(op, a, x.double(), x2.double(), {key: value.double() for key, value in p.items()})]
    if op == "conv2d":
        return [nhwc(F.conv2d(nchw(x), p["weight"], p.get("bias"), (a["sh"], a["sw"]), (a["ph"], a["pw"]),
                              (a["dh"], a["dw"]), a["groups"]))]
    if op == "batch_norm":
        return [nhwc(F.batch_norm(nchw(x), p["running_mean"], p["running_var"], p["weight"], p["bias"],
                                  training=not a["frozen"], eps=a.get("eps", 1e-5), momentum=a.get("momentum", 0.1)))]
    if op == "adaptive_avg_pool":
        return [nhwc(F.adaptive_avg_pool2d(nchw(x), (a["oh"], a["ow"])))]
    if op == "mse":
        return [F.mse_loss(x.reshape(a["n"], c), x2.reshape(a["n"], c)).reshape(1)]
    if op == "wing":
        d = (a["unit"] * (x - x2)).abs()
        offset = a["width"] - a["width"] * math.log(1 + a["width"] / a["epsilon"])
        return [torch.where(d < a["width"], a["width"] * torch.log(1 + d / a["epsilon"]), d - offset).mean().reshape(1)]
    if op in ("max_pool", "avg_pool"):
        kernel, stride, pad = (a["kh"], a["kw"]), (a["sh"], a["sw"]), (a["ph"], a["pw"])
        if op == "max_pool":
            return [nhwc(F.max_pool2d(nchw(x), kernel, stride, pad, ceil_mode=bool(a["ceil"])))]
        return [nhwc(F.avg_pool2d(nchw(x), kernel, stride, pad, count_include_pad=not a["exclude_pad"]))]
    if op == "dense":
        return [F.linear(nchw(x).flatten(1), p["weight"], p["bias"])]
    if op == "attention":
        regions = x.reshape(a["n"], -1, c)
        score = torch.sigmoid(F.linear(regions, p["weight"], p["bias"]))
        beta = score / score.sum(1, keepdim=True)
        return [torch.cat([(beta * regions).sum(1), beta.squeeze(2)], 1)]
    if op == "cross_entropy":
        return [F.cross_entropy(x.reshape(a["n"], c), labels_of(a, c), class_weights(a, c)).reshape(1)]
    if op == "prsc":
        beta, top = torch.softmax(x.reshape(a["n"], c), 1), a["top"]
        high, _ = torch.topk(beta, top, 1)
        rest = (beta.sum(1) - high.sum(1)) / (c - top)
        return [torch.clamp(a["margin"] - (high - rest[:, None]), min=0).mean(1).mean().reshape(1)]
    return [{"relu": lambda: torch.relu(x), "sigmoid": lambda: torch.sigmoid(x),
             "softmax": lambda: torch.softmax(x.reshape(a["n"], c), 1), "add": lambda: x + x2,
             "concat": lambda: torch.cat([x, x2], 3), "flatten": lambda: nchw(x).flatten(1),
             "global_avg_pool": lambda: x.mean((1, 2)), "global_max_pool": lambda: x.amax((1, 2))}[op]()]


def main():
    result = {}
    for line in open("ops.txt"):
        if line.startswith("#") or not line.strip():
            continue
        name, op, *words = line.split()
        a = dict(sh=1, sw=1, ph=0, pw=0, dh=1, dw=1, groups=1, bias=0, frozen=0, ceil=0, exclude_pad=0, weighted=0,
                 labels=1, missing=0)
        if op in ("max_pool", "avg_pool") and "sh=" not in line:
            a["sh"], a["sw"] = 2, 2
        a.update({key: float(value) if "." in value else int(value) for key, value in (word.split("=") for word in words)})
        shape = (a["n"], a["h"], a["w"], a["c"])
        x = tensor(1, shape, a.get("scale", 1), a.get("offset", 0)).requires_grad_()
        x2 = tensor(2, shape).requires_grad_()
        p = parameters(op, a)
        for suffix, value in p.items():
            value.requires_grad_(not suffix.startswith("running"))
        y = forward(op, a, x, x2, p)[0]
        (y * tensor(9, y.shape)).sum().backward()
        result[name + ".y"] = y.detach().numpy()
        result[name + ".dx"] = x.grad.numpy()
        for suffix, value in p.items():
            result[f"{name}.{suffix}"] = (value.grad if value.requires_grad else value).numpy()
    save("ops.safetensors", result)


main()
