"""Training from PNG files: `grimace train` against a PyTorch DataLoader and loop with the same transforms. Images a second of
the second epoch, decoding (the cache holds next to nothing) and augmentation included; the first one warms up."""
import json
import subprocess
import sys

CONFIG = """data:
  manifest: {data}/manifest.csv
  label: pain
  group: animal
  image: {{size: 224}}
  train_transforms: [{{resize: 256}}, {{random_crop: 224}}, {{hflip: 0.5}}]
  eval_transforms: [{{resize: 224}}]
  cache_mb: 1
split: {{scheme: holdout, test: 0.17}}
model: {{backbone: resnet18, head: linear}}
optimizer: {{lr: 1.0e-4}}
threads: {threads}
train: {{epochs: 2, batch_size: 64}}
"""


def grimace_rate(program, folder, run):
    subprocess.run([program, "train", folder / "config.yaml", "--out", run], check=True, stdout=subprocess.DEVNULL)
    with open(run / "fold-0" / "metrics.jsonl") as lines:
        return json.loads(lines.readlines()[-1])["images_per_second"]


def torch_rate(folder, threads):
    """In a process of its own, which this module is when it is run."""
    out = subprocess.run([sys.executable, __file__, folder, str(threads)], check=True, stdout=subprocess.PIPE, text=True)
    return float(out.stdout)


def measure(program, folder, threads, repetitions=3):
    data = folder / "data"
    subprocess.run([program, "data", "synth", "--preset", "mini", "--size", "320", "--out", data], check=True,
                   stdout=subprocess.DEVNULL)
    (folder / "config.yaml").write_text(CONFIG.format(data=data, threads=threads))
    rates = [(grimace_rate(program, folder, folder / f"run{i}"), torch_rate(data, threads)) for i in range(repetitions)]
    return [sorted(side)[repetitions // 2] for side in zip(*rates)]


def torch_loop(folder, threads):
    import csv
    import time

    import torch
    import torchvision
    from PIL import Image
    from torchvision import transforms as T

    class Faces(torch.utils.data.Dataset):
        def __init__(self):
            self.rows = list(csv.DictReader(open(f"{folder}/manifest.csv")))[:200]
            self.transform = T.Compose([T.Resize((256, 256)), T.RandomCrop(224), T.RandomHorizontalFlip(), T.ToTensor(),
                                        T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, i):
            row = self.rows[i]
            return self.transform(Image.open(f"{folder}/{row['image']}").convert("RGB")), int(row["pain"])

    torch.set_num_threads(threads)
    model = torchvision.models.resnet18(num_classes=2).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    loader = torch.utils.data.DataLoader(Faces(), batch_size=64, shuffle=True, num_workers=threads, persistent_workers=True)
    for _ in range(2):
        start, seen = time.perf_counter(), 0
        for x, labels in loader:
            loss = torch.nn.functional.cross_entropy(model(x.to(memory_format=torch.channels_last)), labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            seen += len(labels)
        rate = seen / (time.perf_counter() - start)
    print(rate)


if __name__ == "__main__":
    torch_loop(sys.argv[1], int(sys.argv[2]))
