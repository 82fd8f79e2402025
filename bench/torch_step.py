"""The same workload as bench_step.c on PyTorch with oneDNN: one repetition a line on stdin.

    torch_step.py train|infer BACKBONE SIZE BATCH THREADS [f32|bf16]
"""
import pathlib
import resource
import sys
import time

import torch
import torchvision

mode, backbone, size, batch, threads = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
bf16 = len(sys.argv) > 6 and sys.argv[6] == "bf16"
torch.set_num_threads(threads)


NAMES = {"shufflenet_v2": "shufflenet_v2_x1_0"}
OPTIONS = {"inception_v3": {"aux_logits": False, "transform_input": False, "init_weights": False}}


class BlackMice(torch.nn.Sequential):
    def __init__(self):
        layers, c = [], 3
        for out in (32, 32, 64):
            layers += [torch.nn.Conv2d(c, out, 3, padding=1), torch.nn.ReLU(inplace=True), torch.nn.MaxPool2d(2)]
            c = out
        layers += [torch.nn.Flatten(), torch.nn.Linear(64 * (size // 8) ** 2, 128), torch.nn.ReLU(inplace=True),
                   torch.nn.Linear(128, 128), torch.nn.ReLU(inplace=True), torch.nn.Linear(128, 2)]
        super().__init__(*layers)


def make():
    if backbone == "blackmice_cnn":
        return BlackMice()
    if backbone == "nasnet_mobile":  # torchvision has none
        sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests" / "parity"))
        import nasnet_reference
        return nasnet_reference.Network(2, size)
    return getattr(torchvision.models, NAMES.get(backbone, backbone))(num_classes=2, **OPTIONS.get(backbone, {}))


model = make()
model = model.to(memory_format=torch.channels_last).train(mode == "train")
optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
x = torch.rand(batch, 3, size, size).to(memory_format=torch.channels_last)
labels = torch.arange(batch) % 2


def step():
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        if mode != "train":
            with torch.no_grad():
                return model(x)
        loss = torch.nn.functional.cross_entropy(model(x).float(), labels)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


for line in sys.stdin:
    if line.strip() == "end":
        break
    start = time.perf_counter()
    step()
    print(f"{time.perf_counter() - start:.6f}", flush=True)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
