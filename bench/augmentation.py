#!/usr/bin/env python3
"""What FelineGrimace's augmentation costs of a ResNet-18 training: the same run with and without it, in turns.

    python3 bench/augmentation.py [PROGRAM]        PROGRAM: build/grimace (default)

Pictures of 224 x 224, batches of 32, all cores; the loader's threads change the pictures while the network trains. Images a second of
the last epoch, in which every picture is in the cache. Needs nothing but Python.
"""
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONFIG = """data:
  manifest: data/manifest.csv
  label: pain
  group: animal
  image: {{size: 224}}
  train_transforms: [{{resize: 224}}{more}]
  eval_transforms: [{{resize: 224}}]
split: {{scheme: holdout, test: 0.2}}
model: {{backbone: resnet18, head: linear}}
train: {{epochs: 2, batch_size: 32}}
"""


def rate(program, folder, name):
    run = folder / f"run-{name}"
    shutil.rmtree(run, ignore_errors=True)
    subprocess.run([program, "train", folder / f"{name}.yaml", "--out", run], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return json.loads((run / "fold-0" / "metrics.jsonl").read_text().splitlines()[-1])["images_per_second"]


def main():
    program = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/grimace").resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([program, "data", "synth", "--preset", "mini", "--animals", "5", "--images", "32", "--size", "224", "--out",
                        folder / "data"], check=True, stdout=subprocess.DEVNULL)
        use = f", {{use: {ROOT}/configs/felinegrimace/augmentation.yaml}}"
        for kind, more in {"plain": "", "augmented": use, "filtered": use + ", bilateral, laplacian"}.items():
            (folder / f"{kind}.yaml").write_text(CONFIG.format(more=more))
        rates = {"plain": [], "augmented": [], "filtered": []}
        for _ in range(2):
            for kind, found in rates.items():
                found.append(rate(program, folder, kind))
        plain = statistics.median(rates["plain"])
        for kind, found in rates.items():
            median = statistics.median(found)
            print(f"{kind:10} {median:6.1f} images/s, {100 * (plain / median - 1):5.1f} % more time than plain")


if __name__ == "__main__":
    main()
