"""Runs grimace and PyTorch on the same workloads, one repetition in turn, and prints medians and ratios.

    python3 bench/compare.py BUILD/bench/bench_step [--repetitions N] [--threads N] [ROW ...]
"""
import argparse
import pathlib
import statistics
import subprocess
import sys

ROWS = {
    "resnet18-train": ("train", "resnet18", 224, 64),
    "blackmice-train": ("train", "blackmice_cnn", 224, 100),
    "resnet18-infer": ("infer", "resnet18", 224, 32),
    "resnet50-infer": ("infer", "resnet50", 224, 32),
}
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("rows", nargs="*", default=list(ROWS))
    args = parser.parse_args()
    print(f"{'workload':20} {'grimace':>12} {'PyTorch':>12} {'ratio':>7} {'memory':>9} {'PyTorch':>9} {'ratio':>6}")
    for row in args.rows:
        mode, backbone, size, batch = ROWS[row]
        words = [mode, backbone, str(size), str(batch), str(args.threads)]
        ours = start([args.program, *words])
        theirs = start([sys.executable, str(HERE / "torch_step.py"), *words])
        times = ([], [])
        for repetition in range(args.repetitions + 1):
            for side, process in enumerate((ours, theirs)):
                seconds = ask(process, "go")
                if repetition > 0:  # the first warms up
                    times[side].append(seconds)
        a, b = (statistics.median(t) for t in times)
        memory = [ask(process, "end") for process in (ours, theirs)]
        print(f"{row:20} {batch / a:8.1f} /s {batch / b:9.1f} /s {b / a:6.2f}x {memory[0]:6.0f} MB {memory[1]:6.0f} MB "
              f"{memory[0] / memory[1]:5.2f}x", flush=True)


main()
