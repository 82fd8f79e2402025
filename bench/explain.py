"""Times Grad-CAM of a table of pictures: grimace predict, grimace explain --method gradcam, and pytorch-grad-cam 1.5.7 (PyTorch 2.15.0) on
the same torchvision ResNet-18, decoding included; only grimace writes maps and pictures. Interleaved, medians:
    python3 bench/explain.py build/grimace [IMAGES=1000] [REPETITIONS=3] [THREADS=2]"""
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import torch
import torchvision
from PIL import Image
from pytorch_grad_cam import GradCAM

CONFIG = """data:
  manifest: data/manifest.csv
  label: pain
  group: animal
  image: {size: 224}
model: {backbone: resnet18, head: linear}
"""


def peer(paths):
    model = torchvision.models.resnet18(num_classes=2).eval()
    prepare = torchvision.models.ResNet18_Weights.DEFAULT.transforms(crop_size=224, resize_size=224)
    with GradCAM(model=model, target_layers=[model.layer4[-1]]) as cam:
        for i in range(0, len(paths), 32):
            cam(input_tensor=torch.stack([prepare(Image.open(p).convert("RGB")) for p in paths[i : i + 32]]))


def main():
    grimace = str(pathlib.Path(sys.argv[1]).resolve())
    images, repetitions, threads = (int(a) for a in (sys.argv[2:] + ["1000", "3", "2"][len(sys.argv) - 2 :]))
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as folder:
        def run(*words):
            subprocess.run([grimace, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)

        run("data", "synth", "--preset", "mini", "--size", "224", "--animals", "10", "--images", str(images // 10), "--out", "data")
        pathlib.Path(folder, "config.yaml").write_text(CONFIG)
        run("init", "config.yaml", "--out", "m.safetensors")
        paths = sorted(pathlib.Path(folder, "data/images").iterdir())
        table = ["m.safetensors", "--manifest", "data/manifest.csv", "--force", "--out"]
        work = {
            "predict": lambda: run("predict", *table, "p.csv"),
            "explain": lambda: run("explain", *table, "maps", "--method", "gradcam"),
            "pytorch-grad-cam": lambda: peer(paths),
        }
        seconds = {name: [] for name in work}
        for _ in range(repetitions):
            for name, do in work.items():
                start = time.perf_counter()
                do()
                seconds[name].append(time.perf_counter() - start)
    median = {name: statistics.median(all_of) for name, all_of in seconds.items()}
    for name, value in median.items():
        print(f"{name:18} {value:7.2f} s  {len(paths) / value:7.1f} images/s")
    print(f"explain / predict {median['explain'] / median['predict']:.2f}, "
          f"pytorch-grad-cam / explain {median['pytorch-grad-cam'] / median['explain']:.2f}")


main()
