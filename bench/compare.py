"""Runs grimace and PyTorch on the same workloads, one repetition in turn, and prints medians, minima and ratios.

    python3 bench/compare.py BUILD/bench/bench_step BUILD/grimace [--repetitions N] [--threads N] [--rows ROW ...]

"limit" is how much of the processor's arithmetic a row reaches: the time that its multiply-adds would take at the measured peak
of float32 (3 x 3 convolutions by Winograd, factors in bfloat16 at twice the rate), against the median. "-avx2": without wider
vectors on either side. "-low": grimace with train.memory low. The row "busy" puts a busy program beside each side.
"""
import argparse
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import cv
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
ROWS["resnet50-train-bf16"] = ("train", "resnet50", 224, 16, "bf16")
ROWS["resnet18-train-low"] = ("train", "resnet18", 224, 64, "f32")
ROWS["resnet18-train-bf16-low"] = ("train", "resnet18", 224, 64, "bf16")
for name in ("resnet18-train", "resnet50-train", "mobilenet_v3_small-train", "resnet18-infer"):
    ROWS[f"{name}-avx2"] = ROWS[name]
OTHERS = ["end-to-end", "cv", "threads", "busy"]
AVX2 = {"GRIMACE_ISA": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
HERE = pathlib.Path(__file__).parent


def start(command, **settings):
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **settings})


def ask(process, line):
    process.stdin.write(line + "\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        sys.exit(f"{process.args[0]} stopped")
    return float(answer)


def in_turn(processes, repetitions):
    """Seconds of each repetition of each, run in turn; and their peak memory in MB."""
    times = [[] for _ in processes]
    for repetition in range(repetitions + 1):
        for side, process in enumerate(processes):
            seconds = ask(process, "go")
            if repetition > 0:  # the first warms up
                times[side].append(seconds)
    return times, [ask(process, "end") for process in processes]


def sides(row, args):
    """Both sides of a row, started."""
    mode, backbone, size, batch, precision = ROWS[row]
    words = [mode, backbone, str(size), str(batch), str(args.threads), precision]
    settings = AVX2 if row.endswith("-avx2") else {}
    return (start([args.step, *words, *(["low"] if row.endswith("-low") else [])], **settings),
            start([sys.executable, str(HERE / "torch_step.py"), *words], **settings))


def step_row(row, args):
    batch = ROWS[row][3]
    processes = sides(row, args)
    for process in processes:
        ask(process, "go")  # whoever still starts would be in the way of what measures the peak
    limit = ask(processes[0], "limit")
    times, memory = in_turn(processes, args.repetitions)
    a, b = map(statistics.median, times)
    low, high = map(min, times)
    print(f"{row:26} {batch / a:8.1f} /s {batch / b:8.1f} /s {b / a:6.2f}x {batch / low:8.1f} /s {batch / high:8.1f} /s "
          f"{high / low:6.2f}x {100 * limit / a:5.0f} % {memory[0]:6.0f} MB {memory[1]:6.0f} MB {memory[0] / memory[1]:5.2f}x",
          flush=True)


def threads_row(args):
    """One thread against all of them, the first workload, beside what bare multiply-adds gain. One thread is noisier than
    two: four times as many turns. Of each turn the second step counts, which finds its own data in the caches as in a training,
    not the other side's."""
    mode, backbone, size, batch, precision = ROWS["resnet18-train"]
    processes = [start([args.step, mode, backbone, str(size), str(batch), str(n), precision]) for n in (1, args.threads)]
    times, limits = [[], []], [[], []]
    for turn in range(4 * args.repetitions + 1):
        for side, process in enumerate(processes):
            limit, _, seconds = ask(process, "limit"), ask(process, "go"), ask(process, "go")
            if turn > 0:
                times[side].append(seconds)
                limits[side].append(limit)
    one, all_ = map(statistics.median, times)
    alone = statistics.median(limits[0]) / statistics.median(limits[1])
    print(f"resnet18-train, 1 thread {batch / one:.1f} /s, {args.threads} threads {batch / all_:.1f} /s: {one / all_:.2f}x "
          f"(fastest {min(times[0]) / min(times[1]):.2f}x; multiply-adds in registers alone {alone:.2f}x)", flush=True)
    for process in processes:
        ask(process, "end")


def busy_row(args):
    """A step alone, and while another program computes."""
    processes = sides("mobilenet_v3_small-train", args)
    alone, beside = [[], []], [[], []]
    for process in processes:
        ask(process, "go")
    for _ in range(args.repetitions):
        for side, process in enumerate(processes):
            alone[side] += [ask(process, "go") for _ in range(2)]
            other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            time.sleep(0.05)
            beside[side] += [ask(process, "go") for _ in range(3)]
            other.kill()
            other.wait()
    for process in processes:
        ask(process, "end")
    a, b = [statistics.median(y) / statistics.median(x) for x, y in zip(alone, beside)]
    print(f"mobilenet_v3_small-train beside a busy program: {statistics.median(beside[0]) * 1e3:.0f} ms, {a:.2f} times as long as "
          f"alone; PyTorch {statistics.median(beside[1]) * 1e3:.0f} ms, {b:.2f} times", flush=True)


def say_machine(args):
    """What was measured, on what."""
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="ascii", errors="replace")
                  if line.startswith("model name")), platform.machine())
    info = subprocess.run([args.grimace, "info"], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    torch = subprocess.run([sys.executable, "-c", "import torch; print(torch.__version__)"], stdout=subprocess.PIPE, text=True,
                           check=True).stdout.strip()
    print(f"{model}, {os.cpu_count()} cores, {args.threads} threads; grimace {info[0].split()[-1]} "
          f"({info[1].split(maxsplit=2)[2].split()[0]}), PyTorch {torch}, Python {platform.python_version()}; "
          f"{args.repetitions} repetitions in turn", flush=True)


def end_to_end_row(args):
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = end_to_end.measure(args.grimace, pathlib.Path(folder), args.threads)
    print(f"{'end-to-end':26} {ours:8.1f} /s {theirs:8.1f} /s {ours / theirs:6.2f}x", flush=True)


def cv_row(args):
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = cv.measure(args.grimace, pathlib.Path(folder), args.threads, min(args.repetitions, 3))
    print(f"{'cv':26} {ours:8.1f} s  {theirs:8.1f} s  {theirs / ours:6.2f}x", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("step")
    parser.add_argument("grimace")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", nargs="*", default=[*ROWS, *OTHERS], choices=[*ROWS, *OTHERS])
    args = parser.parse_args()
    say_machine(args)
    print(f"{'workload':26} {'grimace':>11} {'PyTorch':>11} {'ratio':>7} {'fastest':>11} {'PyTorch':>11} {'ratio':>7} {'limit':>7} "
          f"{'memory':>9} {'PyTorch':>9} {'ratio':>6}")
    for row in args.rows:
        if row in ROWS:
            step_row(row, args)
    if "end-to-end" in args.rows:
        end_to_end_row(args)
    if "cv" in args.rows:
        cv_row(args)
    if "threads" in args.rows:
        threads_row(args)
    if "busy" in args.rows:
        busy_row(args)


main()
