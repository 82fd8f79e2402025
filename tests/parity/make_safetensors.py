#!/usr/bin/python3
"""Writes tests/parity/formats/types.safetensors: one small tensor of every type, laid out as the safetensors library does
(wider types first, then by name; the header padded with spaces to a multiple of 8), with torch's bytes.

Run from the repository's root: /usr/bin/python3 tests/parity/make_safetensors.py
Each tensor "x.TYPE" holds the values 0, 1, -2.5 (cut to what the type can hold), 100 in the shape [2, 2]; the float32
expected of each is the tensor "y.TYPE" of F32. "scalar" has no dimensions, "empty" no elements.
"""
import json
import os
import struct

import torch

VALUES = [0.0, 1.0, -2.5, 100.0]
TYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}
SIZE = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}


def raw(tensor):
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.view(torch.int16)
    return tensor.numpy().tobytes()


tensors = {"scalar": ("F32", [], raw(torch.tensor(3.0))), "empty": ("F32", [0, 5], b"")}
for name, dtype in TYPES.items():
    values = torch.tensor([v if v >= 0 or name != "U8" else 2 for v in VALUES], dtype=torch.float64).to(dtype)
    tensors["x." + name] = (name, [2, 2], raw(values))
    tensors["y." + name] = ("F32", [2, 2], raw(values.to(torch.float32)))

header, data = {"__metadata__": {"format": "pt", "note": "caf\u00e9"}}, b""
for name, (dtype, shape, content) in sorted(tensors.items(), key=lambda t: (-SIZE[t[1][0]], t[0])):
    header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
    data += content
text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
text += b" " * (-len(text) % 8)
folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "formats")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "types.safetensors"), "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
