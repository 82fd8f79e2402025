"""Runs grimace and PyTorch on the same workloads, one repetition in turn, and prints medians and ratios.

    python3 bench/compare.py BUILD/bench/bench_step BUILD/grimace [--repetitions N] [--threads N] [--rows ROW ...]
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile

import end_to_end

ROWS = {
    "resnet18-train": ("train", "resnet18", 224, 64, "f32"),
    "resnet18-train-bf16": ("train", "resnet18", 224, 64, "bf16"),
    "blackmice-train": ("train", "blackmice_cnn", 224, 100, "f32"),
    "resnet18-infer": ("infer", "resnet18", 224, 32, "f32"),
    "resnet50-infer": ("infer", "resnet50", 224, 32, "f32"),
    "resnet50-infer-bf16": ("infer", "resnet50", 224, 32, "bf16"),
}
for name in ("resnet34", "resnet101", "vgg16", "nasnet_mobile", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small",
             "shufflenet_v2", "efficientnet_b0"):
    ROWS[f"{name}-train"] = ("train", name, 224, 16, "f32")
    ROWS[f"{name}-infer"] = ("infer", name, 224, 32, "f32")
ROWS["resnet50-train"] = ("train", "resnet50", 224, 16, "f32")
ROWS["blackmice-infer"] = ("infer", "blackmice_cnn", 224, 32, "f32")
ROWS["inception_v3-train"] = ("train", "inception_v3", 299, 16, "f32")
ROWS["inception_v3-infer"] = ("infer", "inception_v3", 299, 32, "f32")
OTHERS = ["end-to-end", "threads"]
HERE = pathlib.Path(__file__).parent


def start(command):
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask(process, line):
    process.stdin.write(line + "\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        sys.exit(f"{process.args[0]} stopped")
    return float(answer)


def medians(processes, repetitions):
    """Seconds of one repetition of each, run in turn; and their peak memory in MB."""
    times = [[] for _ in processes]
    for repetition in range(repetitions + 1):
        for side, process in enumerate(processes):
            seconds = ask(process, "go")
            if repetition > 0:  # the first warms up
                times[side].append(seconds)
    return [statistics.median(t) for t in times], [ask(process, "end") for process in processes]


def step_row(row, args):
    mode, backbone, size, batch, precision = ROWS[row]
    words = [mode, backbone, str(size), str(batch), str(args.threads), precision]
    ours = start([args.step, *words])
    theirs = start([sys.executable, str(HERE / "torch_step.py"), *words])
    (a, b), memory = medians((ours, theirs), args.repetitions)
    print(f"{row:24} {batch / a:8.1f} /s {batch / b:9.1f} /s {b / a:6.2f}x {memory[0]:6.0f} MB {memory[1]:6.0f} MB "
          f"{memory[0] / memory[1]:5.2f}x", flush=True)


def threads_row(args):
    """One thread against all of them, the first workload."""
    mode, backbone, size, batch, precision = ROWS["resnet18-train"]
    processes = [start([args.step, mode, backbone, str(size), str(batch), str(n), precision]) for n in (1, args.threads)]
    (one, all_), _ = medians(processes, args.repetitions)
    print(f"resnet18-train, 1 thread {batch / one:.1f} /s, {args.threads} threads {batch / all_:.1f} /s: {one / all_:.2f}x",
          flush=True)


def end_to_end_row(args):
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = end_to_end.measure(args.grimace, pathlib.Path(folder), args.threads)
    print(f"{'end-to-end':24} {ours:8.1f} /s {theirs:9.1f} /s {ours / theirs:6.2f}x", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("step")
    parser.add_argument("grimace")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", nargs="*", default=[*ROWS, *OTHERS], choices=[*ROWS, *OTHERS])
    args = parser.parse_args()
    print(f"{'workload':24} {'grimace':>11} {'PyTorch':>12} {'ratio':>7} {'memory':>9} {'PyTorch':>9} {'ratio':>6}")
    for row in args.rows:
        if row in ROWS:
            step_row(row, args)
    if "end-to-end" in args.rows:
        end_to_end_row(args)
    if "threads" in args.rows:
        threads_row(args)


main()
