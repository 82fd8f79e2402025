#!/usr/bin/env bash
# OpenCV 5.0.0's dnn, AveragePool of ONNX with count_include_pad=1, which is what PyTorch's AvgPool2d becomes: its two engines are
# wrong in different places, without a word. The new one, which readNetFromONNX takes, divides a last window of ceil_mode that
# reaches past the borders by the whole window; ENGINE_CLASSIC leaves borders uncounted. Expected: ONNX Runtime's answer, which is
# PyTorch's and that of ONNX's reference: pixels and borders count, what lies behind them does not.
. "$(dirname "$0")/common.sh"
with opencv-python-headless==5.0.0.93 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.2.6
cat >pool.py <<'PY'
import cv2
import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper


def last(size, pads, ceil_mode):
    """The last number of a mean over 2 x 2 ones at stride 2, by each."""
    node = helper.make_node("AveragePool", ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 2], pads=pads, ceil_mode=ceil_mode,
                            count_include_pad=1)
    graph = helper.make_graph([node], "pool", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, size, size])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 2, 2])])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), "pool.onnx")
    x = numpy.ones((1, 1, size, size), "float32")
    answers = [onnxruntime.InferenceSession("pool.onnx").run(None, {"x": x})[0]]
    for engine in (cv2.dnn.ENGINE_AUTO, cv2.dnn.ENGINE_CLASSIC):
        net = cv2.dnn.readNetFromONNX("pool.onnx", engine)
        net.setInput(x)
        answers.append(net.forward())
    return " ".join(f"{a.flat[-1]:g}" for a in answers)


print("ceil_mode:", last(3, [0, 0, 0, 0], 1), "borders:", last(2, [1, 1, 1, 1], 0))
PY
seen "ceil_mode: 1 0.25 1 borders: 0.25 0.25 1" "$(python/bin/python pool.py 2>&1 | tail -n 1)"
