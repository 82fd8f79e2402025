"""Maps of relevance by grimace and by zennit (1.0.0) on the same network, one batch in turn, and the ratio of their medians.

    python3 bench/relevance.py BUILD/bench/bench_relevance [--repetitions N] [--threads N] [--batch N]

Needs torch, torchvision and zennit. zennit's batch is its forward, its backward and the reading of the map, as grimace's is.
deep_taylor is alpha 1, beta 0 without biases and z-box in the first layer, with ResNetCanonizer."""
import argparse
import statistics
import subprocess
import sys
import time

SIZE, ROWS = 224, [("resnet18", "deep_taylor"), ("resnet18", "epsilon_gamma_box")]


def composite(rules):
    import torch
    from zennit.composites import EpsilonGammaBox, SpecialFirstLayerMapComposite, layer_map_base
    from zennit.rules import AlphaBeta, ZBox
    from zennit.torchvision import ResNetCanonizer
    from zennit.types import Convolution, Linear

    low, high = -torch.ones(1, 3, 1, 1), torch.ones(1, 3, 1, 1)
    if rules == "epsilon_gamma_box":
        return EpsilonGammaBox(low, high, canonizers=[ResNetCanonizer()])
    rule = AlphaBeta(1, 0, zero_params="bias")
    layers = layer_map_base() + [(Convolution, rule), (Linear, rule)]
    return SpecialFirstLayerMapComposite(layers, [(Convolution, ZBox(low, high))], canonizers=[ResNetCanonizer()])


def peer(rules, backbone, batch, threads):
    """In a process of its own, which answers as bench_relevance does."""
    import resource

    import torch
    import torchvision

    torch.set_num_threads(threads)
    model = getattr(torchvision.models, backbone)(num_classes=2).eval()
    images = (2 * torch.rand(batch, 3, SIZE, SIZE) - 1).requires_grad_()
    with composite(rules).context(model) as changed:
        for line in sys.stdin:
            if line.strip() == "end":
                break
            start = time.perf_counter()
            y = changed(images)
            seed = torch.zeros_like(y)
            seed[:, 0] = y.detach()[:, 0]
            torch.autograd.grad(y, images, grad_outputs=seed)[0].sum().item()
            print(time.perf_counter() - start, flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)


def ask(process, line):
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def measure(program, rules, backbone, args):
    words = [rules, backbone, str(SIZE), str(args.batch), str(args.threads)]
    commands = [[program, *words], [sys.executable, __file__, "--peer", *words]]
    processes = [subprocess.Popen(c, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for c in commands]
    times = [[], []]
    for repetition in range(args.repetitions + 1):
        for side, process in enumerate(processes):
            seconds = ask(process, "go")
            if repetition > 0:  # the first warms up
                times[side].append(seconds)
    a, b = (statistics.median(t) for t in times)
    memory = [ask(process, "end") for process in processes]
    print(f"{backbone} {rules:20} {args.batch / a:8.1f} /s {args.batch / b:8.1f} /s {b / a:6.2f}x {memory[0]:7.0f} MB "
          f"{memory[1]:7.0f} MB", flush=True)


def main():
    if sys.argv[1:2] == ["--peer"]:
        rules, backbone, _, batch, threads = sys.argv[2:]
        peer(rules, backbone, int(batch), int(threads))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=16)
    args = parser.parse_args()
    print(f"{'workload':29} {'grimace':>11} {'zennit':>11} {'ratio':>6} {'memory':>10} {'zennit':>10}")
    for backbone, rules in ROWS:
        measure(args.program, rules, backbone, args)


main()
