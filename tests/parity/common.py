"""What the reference makers share: the tests' numbers, and safetensors files."""
import json
import struct

import numpy as np


def numbers(stream, count):
    """Numbers in [-1, 1), the same as test_number of tests/support/support.c."""
    with np.errstate(over="ignore"):
        h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1)
        h = h + np.uint32((stream * 0x85EBCA77 + 0x165667B1) & 0xFFFFFFFF)
        h ^= h >> np.uint32(15)
        h = h * np.uint32(0x2C1B3C6D)
        h ^= h >> np.uint32(12)
        h = h * np.uint32(0x297A2D39)
        h ^= h >> np.uint32(15)
    return ((h >> np.uint32(8)).astype(np.float64) * 2.0**-23 - 1.0).astype(np.float32)


def save(path, tensors):
    """Writes {name: float32 array} as a safetensors file."""
    header, data = {}, b""
    for name, array in tensors.items():
        array = np.ascontiguousarray(array, dtype="<f4")
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def load(path):
    """{name: float32 array} of such a file."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    return {name: np.frombuffer(data[slice(*e["data_offsets"])], "<f4").reshape(e["shape"]) for name, e in header.items()}
