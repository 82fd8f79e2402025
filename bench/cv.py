"""PainSeeker's leave-one-animal-out cross-validation from PNG files: the whole of `grimace cv`, tables and all, against the loop of
torch_cv.py (which counts neither Python's start nor its imports), decoding included on both sides. Three animals, ten epochs (the paper's
runs have thirty), minutes a turn. Seconds of either."""
import os
import re
import subprocess
import sys
import time

CONFIG = """data:
  manifest: {data}/manifest.csv
  label: pain
  classes: ["0", "1"]
  positive: "1"
  group: animal
  image: {{size: 224}}
  train_transforms: [{{resize: 256}}, {{random_crop: 224}}, {{hflip: 0.5}}]
  eval_transforms: [{{resize: 224}}]
split: {{scheme: leave_one_group_out}}
model: {{backbone: resnet18, head: painseeker}}
loss: {{prsc: {{lambda: 0.1, margin: 0.2, top_k: 5}}}}
optimizer: {{name: adam, lr: 1.0e-4, weight_decay: 0.01}}
threads: {threads}
train: {{epochs: 10, batch_size: 64}}
"""


def grimace_seconds(program, folder, run):
    start = time.perf_counter()
    subprocess.run([program, "cv", folder / "config.yaml", "--out", run], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def torch_seconds(run, threads):
    out = subprocess.run([sys.executable, os.path.join(os.path.dirname(__file__), "torch_cv.py"), run / "config.yaml",
                          run / "splits.csv"], check=True, stdout=subprocess.PIPE, text=True,
                         env={**os.environ, "OMP_NUM_THREADS": str(threads)})
    return float(re.search(r"([\d.]+) s$", out.stdout.strip()).group(1))


def measure(program, folder, threads, repetitions=1):
    """Medians of the seconds of both."""
    data = folder / "data"
    subprocess.run([program, "data", "synth", "--preset", "mini", "--size", "320", "--animals", "3", "--images", "40", "--out", data], check=True,
                   stdout=subprocess.DEVNULL)
    (folder / "config.yaml").write_text(CONFIG.format(data=data, threads=threads))
    times = []
    for i in range(repetitions):
        run = folder / f"run{i}"
        times.append((grimace_seconds(program, folder, run), torch_seconds(run, threads)))
    return [sorted(side)[repetitions // 2] for side in zip(*times)]
