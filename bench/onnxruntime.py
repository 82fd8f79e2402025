"""Inference of one image (or a batch) by grimace and by ONNX Runtime, on the same network: bench_one writes it, with random weights.

    pip install onnxruntime==1.32.0 numpy
    python3 bench/onnxruntime.py build/bench/bench_one [--threads 1] [--batch 1] [--networks resnet18 ...] [--turns 12]

`make build/bench/bench_one` builds the first one. Both run in turn, several times each, so that neither finds the other's data in
cache; a pause lets the threads of the one that has run go to sleep, which ONNX Runtime's do 60 ms after a run (on a Zen 3 of 3 GHz): until
then they take a processor from whoever runs next. ONNX Runtime has all of its optimisations, as many threads,
and its input and output bound. Probabilities of both must agree."""
import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time

NETWORKS = ["resnet18", "resnet50", "mobilenet_v2", "mobilenet_v3_small", "shufflenet_v2", "efficientnet_b0"]
LIMIT = 1e-3  # between two probabilities


def import_peer():
    """This file has the peer's name, and its folder is where Python looks first."""
    here = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [p for p in sys.path if os.path.realpath(p or ".") != here]
    import numpy
    import onnxruntime
    return numpy, onnxruntime


class Peer:
    def __init__(self, path, size, batch, threads):
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        self.session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        count = np.arange(batch * size * size * 3, dtype=np.int64)
        image = ((count * 7919 % 2001 - 1000).astype(np.float32) * np.float32(1e-3)).reshape(batch, size, size, 3)
        self.binding = self.session.io_binding()
        self.image = ort.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(image.transpose(0, 3, 1, 2)))
        self.binding.bind_ortvalue_input("image", self.image)
        self.binding.bind_output("probabilities")

    def probabilities(self):
        self.session.run_with_iobinding(self.binding)
        return self.binding.copy_outputs_to_cpu()[0][0]

    def run(self, times):
        seconds = []
        for _ in range(times):
            start = time.perf_counter()
            self.session.run_with_iobinding(self.binding)
            seconds.append(time.perf_counter() - start)
        return seconds


class Ours:
    def __init__(self, program, *words):
        self.process = subprocess.Popen([program, *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("bench_one stopped")
        return [float(word) for word in line.split()]

    def run(self, times):
        self.process.stdin.write(f"{times}\n")
        self.process.stdin.flush()
        return self.read()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def compare(network, o, path):
    ours = Ours(o.program, network, o.size, o.batch, o.threads, path)
    answer = ours.read()
    peer = Peer(path, o.size, o.batch, o.threads)
    apart = max(abs(a - float(b)) for a, b in zip(answer, peer.probabilities()))
    if not apart <= LIMIT or max(answer) - min(answer) < LIMIT:
        sys.exit(f"{network}: the probabilities differ by {apart:.2g}, or say nothing: {answer}")
    times = [[], []]
    for _ in range(o.turns):
        for side, one in enumerate((ours, peer)):
            time.sleep(o.pause)
            times[side] += one.run(o.runs + o.warm)[o.warm:]
    ours.stop()
    least, middle = [min(t) for t in times], [statistics.median(t) for t in times]
    print(f"{network:20} {1e3 * least[0]:8.2f} {1e3 * middle[0]:8.2f} {1e3 * least[1]:9.2f} {1e3 * middle[1]:8.2f} "
          f"{middle[1] / middle[0]:7.2f}x {apart:9.1e}", flush=True)
    return middle[1] / middle[0]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--networks", nargs="*", default=NETWORKS)
    options.add_argument("--size", type=int, default=224)
    options.add_argument("--batch", type=int, default=1)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--turns", type=int, default=12)
    options.add_argument("--runs", type=int, default=5, help="of one side in a turn")
    options.add_argument("--warm", type=int, default=2, help="runs before, which do not count")
    options.add_argument("--pause", type=float, default=0.2, help="seconds")
    o = options.parse_args()
    print(f"ONNX Runtime {ort.__version__}, {o.size} px, batch {o.batch}, threads {o.threads}; milliseconds, ratio of medians")
    print(f"{'network':20} {'grimace':>8} {'median':>8} {'ONNX R.':>9} {'median':>8} {'ratio':>8} {'apart':>9}")
    with tempfile.TemporaryDirectory() as folder:
        ratios = [compare(network, o, f"{folder}/{network}.onnx") for network in o.networks]
    print(f"geometric mean {math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f}x, least {min(ratios):.2f}x")


np, ort = import_peer()
main()
