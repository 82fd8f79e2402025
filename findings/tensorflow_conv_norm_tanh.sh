#!/usr/bin/env bash
# TensorFlow 2.15.1 on a CPU: a convolution without bias, a batch norm and tanh train, and then evaluate and predict end in
# UnimplementedError "Fusion is not implemented: [FusedBatchNorm,Tanh]": with oneDNN on, which is the default on processors for it, the
# remapper makes one operation of the three, which has no code. Expected: as with the remapper or oneDNN off, a number.
. "$(dirname "$0")/common.sh"
with tensorflow-cpu==2.15.1 keras==2.15.0 numpy==1.26.4
export TF_CPP_MIN_LOG_LEVEL=3
cat >tanh.py <<'PY'
import sys

import numpy
import tensorflow as tf
from tensorflow.keras import Sequential, layers

tf.config.optimizer.set_experimental_options({"remapping": sys.argv[1] == "on"})
model = Sequential([layers.Input((8, 8, 3)), layers.Conv2D(4, 3, use_bias=False), layers.BatchNormalization(),
                    layers.Activation("tanh"), layers.Flatten(), layers.Dense(1)])
model.compile("sgd", "mse")
x, y = numpy.ones((8, 8, 8, 3), "float32"), numpy.ones((8, 1), "float32")


def outcome(run):
    try:
        run()
        return "runs"
    except tf.errors.UnimplementedError as error:
        return "[FusedBatchNorm,Tanh]" if "Fusion is not implemented: [FusedBatchNorm,Tanh]" in str(error) else "another error"


print("fit", outcome(lambda: model.fit(x, y, verbose=0)) + ", evaluate", outcome(lambda: model.evaluate(x, y, verbose=0)) + ", predict",
      outcome(lambda: model.predict(x, verbose=0)))
PY
outcome() { TF_ENABLE_ONEDNN_OPTS=$1 python/bin/python tanh.py "$2" 2>/dev/null; }
seen "both on: fit runs, evaluate [FusedBatchNorm,Tanh], predict [FusedBatchNorm,Tanh]; \
remapper off: fit runs, evaluate runs, predict runs; oneDNN off: fit runs, evaluate runs, predict runs" \
    "both on: $(outcome 1 on); remapper off: $(outcome 1 off); oneDNN off: $(outcome 0 on)"
