#!/usr/bin/python3
"""Writes small Keras files to tests/parity/formats through h5py, laid out as keras/engine/saving.py and, for names,
keras_applications do:

    keras_weights.h5  model.save_weights: fixed-length names, contiguous float32; half, double, big-endian and deflated tensors
    keras_model.h5    model.save: under model_weights, with names of variable length, as newer versions write, and
                      layer_names in two parts
    other.h5          an HDF5 file of something else

Run from the repository's root: /usr/bin/python3 tests/parity/make_keras.py (python3-h5py, python3-numpy)
"""
import os

import h5py
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "formats")


def values(*shape, dtype="<f4"):
    """0, 1/8, 2/8, ... : exact in every type."""
    return (np.arange(int(np.prod(shape))) / 8).reshape(shape).astype(dtype)


LAYERS = {
    "input_1": {},
    "block1_conv1": {"block1_conv1/kernel:0": values(3, 3, 2, 4), "block1_conv1/bias:0": values(4)},
    "dense": {"kernel:0": values(5, 3, dtype="<f2"), "bias:0": values(3, dtype=">f8")},
    "nested": {"nested/inner/gamma:0": values(64)},
    "counted": {"counted/scalar:0": values(), "counted/iterations:0": np.arange(3, dtype="<i8")},
}


def write(group, strings, parts):
    names = [name.encode() for name in LAYERS]
    if parts:
        group.attrs["layer_names0"] = strings(names[:2])
        group.attrs["layer_names1"] = strings(names[2:])
    else:
        group.attrs["layer_names"] = strings(names)
    for layer, weights in LAYERS.items():
        sub = group.create_group(layer)
        sub.attrs["weight_names"] = strings([name.encode() for name in weights])
        for name, value in weights.items():
            deflated = {"compression": "gzip", "shuffle": True} if name.endswith("gamma:0") else {}
            sub.create_dataset(name, data=value, **deflated)


def variable(names):
    return np.array([name.decode() for name in names], dtype=h5py.string_dtype()) if names else np.array([])


def path(name):
    return os.path.join(FOLDER, name)


with h5py.File(path("keras_weights.h5"), "w", track_order=False) as file:
    file.attrs["backend"] = b"tensorflow"
    write(file, lambda names: np.array(names) if names else np.array([]), False)
with h5py.File(path("keras_model.h5"), "w") as file:
    file.attrs["model_config"] = "{}"
    write(file.create_group("model_weights"), variable, True)
with h5py.File(path("other.h5"), "w") as file:
    file["data"] = values(3)
