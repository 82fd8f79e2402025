"""Makes tests/parity/onnx: graphs of one or two operators, each with its input ("given") and what ONNX Runtime says of it ("want.0", ...)
as constants that the graph does not read.
    pip install onnx==1.23.2 onnxruntime==1.32.0 numpy; python tests/parity/make_onnx.py
Also two endings of detectors, and one that nobody knows: yolo, ultraface, unknown."""
import os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "onnx")
rng = np.random.default_rng(4)


def real(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def write(name, nodes, given, outputs, constants=(), opset=17, notes=(), want=True):
    arrays = {key: np.asarray(value) for key, value in dict(constants).items()}
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, given.shape)],
        [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs],
        [numpy_helper.from_array(value, key) for key, value in arrays.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    for key, text in notes:
        helper.set_model_props(model, dict(notes))
    if want:
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        results = session.run(None, {"x": given})
        model.graph.initializer.append(numpy_helper.from_array(given, "given"))
        for i, result in enumerate(results):
            model.graph.initializer.append(numpy_helper.from_array(result.astype(np.float32), f"want.{i}"))
    with open(os.path.join(FOLDER, name + ".onnx"), "wb") as out:
        out.write(model.SerializeToString())


def one(name, kind, given, constants=(), opset=17, outputs=("y",), **attributes):
    node = helper.make_node(kind, ["x", *dict(constants)], list(outputs), name=name, **attributes)
    write(name, [node], given, outputs, constants, opset)


def numbers():
    x = real(2, 3, 4, 5)
    for kind in ("Relu", "Sigmoid", "HardSwish", "Exp", "Neg", "Tanh"):
        one("n_" + kind.lower(), kind, x)
    one("n_leakyrelu", "LeakyRelu", x, alpha=0.3)
    one("n_hardsigmoid", "HardSigmoid", x, alpha=0.25, beta=0.4)
    one("n_sqrt", "Sqrt", np.abs(x))
    one("n_clip", "Clip", x, {"low": np.float32(-0.3), "high": np.float32(0.7)})
    one("n_clip6", "Clip", x, opset=6, min=-0.5, max=0.25)
    for kind in ("Add", "Sub", "Mul", "Div", "Max", "Min"):
        one("n_" + kind.lower(), kind, x, {"b": real(3, 1, 5) + 3})
    one("n_pow", "Pow", np.abs(x), {"b": np.float32(1.5)})
    one("n_prelu", "PRelu", x, {"b": np.abs(real(3, 1, 1))})
    one("n_mean", "Mean", x, {"b": real(2, 3, 4, 5), "c": real(2, 3, 4, 5)})
    one("n_softmax", "Softmax", x, axis=1)
    one("n_softmax11", "Softmax", x, opset=11, axis=2)
    one("n_matmul", "MatMul", x, {"b": real(2, 3, 5, 6)})
    one("n_matmul2", "MatMul", x, {"b": real(5, 2)})
    one("n_gemm", "Gemm", real(4, 7), {"w": real(6, 7), "b": real(6)}, transB=1)
    one("n_gemm2", "Gemm", real(4, 7), {"w": real(7, 6)})


def maps():
    x = real(2, 4, 9, 11)
    one("m_conv", "Conv", x, {"w": real(6, 4, 3, 3), "b": real(6)}, strides=[2, 1], pads=[1, 0, 2, 1])
    one("m_dilated", "Conv", x, {"w": real(6, 2, 3, 2)}, group=2, dilations=[2, 3])
    one("m_depthwise", "Conv", x, {"w": real(4, 1, 3, 3), "b": real(4)}, group=4, pads=[1, 1, 1, 1])
    one("m_same", "Conv", x, {"w": real(3, 4, 3, 3)}, strides=[2, 2], auto_pad="SAME_UPPER")
    one("m_norm", "BatchNormalization", x, {"s": real(4), "b": real(4), "m": real(4), "v": np.abs(real(4))}, epsilon=1e-3)
    one("m_max", "MaxPool", x, kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1])
    one("m_ceil", "MaxPool", x, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
    one("m_average", "AveragePool", x, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])
    one("m_average_all", "AveragePool", x, kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)
    one("m_average_ceil", "AveragePool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[0, 1, 1, 0], ceil_mode=1, count_include_pad=1)
    one("m_global_average", "GlobalAveragePool", x)
    one("m_global_max", "GlobalMaxPool", x)
    for mode, places, rounding in (("nearest", "asymmetric", "floor"), ("nearest", "half_pixel", "round_prefer_floor"),
                                   ("linear", "half_pixel", "floor"), ("linear", "align_corners", "floor"),
                                   ("linear", "pytorch_half_pixel", "floor")):
        node = helper.make_node("Resize", ["x", "", "scales"], ["y"], mode=mode, coordinate_transformation_mode=places,
                                nearest_mode=rounding)
        write(f"m_resize_{mode}_{places}", [node], x, ["y"], {"scales": np.array([1, 1, 2, 1.5], np.float32)})
    node = helper.make_node("Resize", ["x", "", "", "sizes"], ["y"], mode="linear", coordinate_transformation_mode="half_pixel")
    write("m_resize_sizes", [node], x, ["y"], {"sizes": np.array([2, 4, 5, 17], np.int64)})
    one("m_upsample", "Upsample", x, {"s": np.array([1, 1, 2, 2], np.float32)}, opset=9, mode="nearest")


def shapes():
    x = real(2, 3, 4, 5)
    whole = lambda *v: np.array(v, np.int64)
    one("s_reshape", "Reshape", x, {"s": whole(0, -1, 10)})
    one("s_flatten", "Flatten", x, axis=2)
    one("s_transpose", "Transpose", x, perm=[0, 2, 3, 1])
    one("s_transpose_all", "Transpose", x)
    one("s_squeeze", "Squeeze", real(1, 3, 1, 4), {"a": whole(0, -2)})
    one("s_squeeze11", "Squeeze", real(1, 3, 1, 4), opset=11, axes=[2])
    one("s_unsqueeze", "Unsqueeze", x, {"a": whole(1, -1)})
    one("s_slice", "Slice", x, {"a": whole(1, 0), "b": whole(2**62, 3), "c": whole(3, -2), "d": whole(2, 1)})
    one("s_slice_back", "Slice", x, {"a": whole(-1), "b": whole(-2**62), "c": whole(2), "d": whole(-2)})
    one("s_slice9", "Slice", x, opset=9, axes=[1, 3], starts=[1, -3], ends=[3, 5])
    one("s_split", "Split", x, {"s": whole(1, 3)}, outputs=("y", "z"), axis=2)
    one("s_split11", "Split", x, opset=11, outputs=("y", "z"), axis=3, split=[2, 3])
    one("s_concat", "Concat", x, {"b": real(2, 3, 1, 5)}, axis=-2)
    one("s_gather", "Gather", x, {"i": np.array([[2, 0], [-1, 1]], np.int64)}, axis=1)
    one("s_pad", "Pad", x, {"p": whole(0, 1, 0, 2, 0, 0, 3, 1), "v": np.float32(0.5)})
    one("s_pad_cut", "Pad", x, {"p": whole(0, -1, 2, 0, 0, 1, -1, -2)})
    one("s_dropout", "Dropout", x)
    nodes = [helper.make_node("Shape", ["x"], ["s"]),  # what exporters write of a view: a shape put together from the input's
             helper.make_node("Constant", [], ["one"], value=numpy_helper.from_array(whole(1))),
             helper.make_node("Gather", ["s", "one"], ["c"]),
             helper.make_node("Constant", [], ["two"], value_ints=[2]),
             helper.make_node("Mul", ["c", "two"], ["d"]),
             helper.make_node("Cast", ["half"], ["whole"], to=TensorProto.INT64),
             helper.make_node("Concat", ["d", "whole"], ["shape"], axis=0),
             helper.make_node("Reshape", ["x", "shape"], ["y"])]
    write("s_shape", nodes, x, ["y"], {"half": np.array([-1.7], np.float32)})


def endings():
    """Boxes as constants, beside a number of the picture that is too small to matter."""
    boxes = np.zeros((1, 6, 50), np.float32)  # x, y, w, h, two kinds
    boxes[0, :, 7] = [32, 24, 20, 16, 0.9, 0.1]
    boxes[0, :, 8] = [33, 24, 20, 16, 0.8, 0.1]  # covers the first
    boxes[0, :, 30] = [50, 40, 10, 8, 0.3, 0.6]  # an eye
    nothing = [helper.make_node("GlobalAveragePool", ["x"], ["mean"]), helper.make_node("Mul", ["mean", "zero"], ["none"]),
               helper.make_node("Slice", ["none", "from", "to", "axis"], ["first"]), helper.make_node("Reshape", ["first", "flat"], ["zeros"])]
    constants = {"zero": np.float32(0), "from": np.array([0]), "to": np.array([1]), "axis": np.array([1]), "flat": np.array([1, 1, 1])}
    picture = real(1, 3, 64, 64)
    write("yolo", nothing + [helper.make_node("Add", ["boxes", "zeros"], ["output0"])], picture, ["output0"],
          {**constants, "boxes": boxes}, notes=[("names", "{0: 'face', 1: 'eye'}"), ("task", "detect")], want=False)
    scores = np.zeros((1, 20, 2), np.float32)
    corners = np.zeros((1, 20, 4), np.float32)
    scores[0, 3], corners[0, 3] = [0.1, 0.9], [0.25, 0.25, 0.75, 0.5]
    scores[0, 4], corners[0, 4] = [0.4, 0.6], [0, 0, 0.1, 0.1]
    write("ultraface", nothing + [helper.make_node("Add", ["scores", "zeros"], ["s"]), helper.make_node("Add", ["corners", "zeros"], ["b"])],
          picture, ["s", "b"], {**constants, "scores": scores, "corners": corners}, want=False)
    write("unknown", nothing + [helper.make_node("Add", ["scores", "zeros"], ["s"])], picture, ["s"], {**constants, "scores": scores},
          want=False)
    write("operator", [helper.make_node("Erf", ["x"], ["y"], name="strange")], picture, ["y"], want=False)


os.makedirs(FOLDER, exist_ok=True)
numbers()
maps()
shapes()
endings()
