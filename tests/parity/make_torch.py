#!/usr/bin/python3
"""Writes small PyTorch files to tests/parity/formats, all of the same tensors:

    zip.pth       torch.save's zip form             deflated.pth  the same entries, deflated
    legacy.pth    its form before 1.6               wrapped.pth   a checkpoint: epoch, optimiser, "state_dict" of "module." names
    old.pth       the older form as Python 2 and PyTorch 0.3 wrote it: OrderedDict from a list of pairs, _rebuild_tensor, views
    protocol4.pth pickle protocol 4 in the zip form

For each case "x.CASE" is the odd tensor and "y.CASE" the dense float32 of the same values.
Run from the repository's root: /usr/bin/python3 tests/parity/make_torch.py
"""
import io
import os
import pickle
import struct
import zipfile
from collections import OrderedDict

import torch

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "formats")
TYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
         "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool}


def cases():
    base = torch.arange(24, dtype=torch.float32) / 8 - 1
    out = OrderedDict()
    for name, dtype in TYPES.items():
        out[name] = torch.tensor([0.0, 1.0, 2.0 if name == "U8" else -2.5, 100.0]).to(dtype).reshape(2, 2)
    out["transposed"] = base.reshape(4, 6).t()
    out["sliced"] = base.reshape(4, 6)[1:, 2::3]
    out["shared"] = base[5:9]
    out["permuted"] = base.reshape(2, 3, 4).permute(2, 0, 1)
    out["half_strided"] = base.half().reshape(4, 6)[:, ::2]
    out["parameter"] = torch.nn.Parameter(base[:3].clone())
    out["scalar"] = torch.tensor(3.5)
    out["empty"] = torch.zeros(0, 5)
    out["expanded"] = torch.tensor([7.0]).expand(3, 2)
    return out


def state():
    out = OrderedDict()
    for name, tensor in cases().items():
        out["x." + name] = tensor
        out["y." + name] = tensor.detach().to(torch.float32).contiguous().clone()
    out["bn.num_batches_tracked"] = torch.tensor(12)
    return out


def path(name):
    return os.path.join(FOLDER, name)


def repack(source, target):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0)), old.read(info), zipfile.ZIP_DEFLATED)


class OldStorage:
    def __init__(self, tensor, key):
        self.raw = tensor.contiguous().flatten().numpy().tobytes()
        self.key, self.count = key, tensor.numel()


class OldTensor:
    """A tensor as PyTorch 0.3 wrote it: a view of a part of a storage."""

    def __init__(self, storage, part, offset, size, stride):
        self.storage, self.part, self.offset, self.size, self.stride = storage, part, offset, size, stride


class Part:
    def __init__(self, storage, at, count):
        self.storage, self.at, self.count = storage, at, count


class OldPickler(pickle._Pickler):
    def persistent_id(self, thing):
        if isinstance(thing, Part):
            view = (str(hash((thing.at, thing.count)) & 0xFFFF), thing.at, thing.count)
            return ("storage", torch.FloatStorage, thing.storage.key, "cpu", thing.storage.count, view)
        if isinstance(thing, OldStorage):
            return ("storage", torch.FloatStorage, thing.key, "cuda:0", thing.count, None)
        return None

    def reducer_override(self, thing):
        if isinstance(thing, OldTensor):
            storage = Part(thing.storage, *thing.part) if thing.part else thing.storage
            return torch._utils._rebuild_tensor, (storage, thing.offset, thing.size, thing.stride)
        if isinstance(thing, OrderedDict):
            return OrderedDict, ([[k, v] for k, v in thing.items()],)
        return NotImplemented


def write_old(name):
    base = torch.arange(24, dtype=torch.float32) / 8 - 1
    storage = OldStorage(base, "94")
    dense = OldStorage(base.reshape(4, 6).t(), "95")
    things = OrderedDict()
    things["x.transposed"] = OldTensor(storage, None, 0, (6, 4), (1, 6))
    things["y.transposed"] = OldTensor(dense, None, 0, (6, 4), (4, 1))
    things["x.part"] = OldTensor(storage, (4, 10), 1, (4,), (2,))
    things["y.part"] = OldTensor(OldStorage(base[5:13:2], "96"), None, 0, (4,), (1,))
    out = io.BytesIO()
    for part in (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True}):
        pickle.dump(part, out, protocol=2)
    OldPickler(out, protocol=2).dump(things)
    pickle.dump(["95", "94", "96"], out, protocol=2)
    for one in (dense, storage, things["y.part"].storage):
        out.write(struct.pack("<q", one.count) + one.raw)
    with open(path(name), "wb") as file:
        file.write(out.getvalue())


torch.save(state(), path("zip.pth"))
repack(path("zip.pth"), path("deflated.pth"))
torch.save(state(), path("legacy.pth"), _use_new_zipfile_serialization=False)
torch.save(state(), path("protocol4.pth"), pickle_protocol=4)
layer = torch.nn.Linear(3, 2)
with torch.no_grad():
    layer.weight.copy_(torch.arange(6.0).reshape(2, 3))
    layer.bias.zero_()
sgd = torch.optim.SGD(layer.parameters(), 0.1, momentum=0.9)
layer(torch.ones(1, 3)).sum().backward()
sgd.step()
torch.save({"epoch": 3, "best": 0.5, "arch": "linear", "optimizer": sgd.state_dict(),
            "state_dict": torch.nn.DataParallel(layer).state_dict()}, path("wrapped.pth"))
write_old("old.pth")
for name in ("zip.pth", "deflated.pth", "legacy.pth", "protocol4.pth", "wrapped.pth", "old.pth"):
    print(name, os.path.getsize(path(name)))
