#!/usr/bin/env bash
# Keras 3.15.1: NAME.weights.h5 keeps a layer's arrays by number, so a batch norm without gamma (scale=False) and one without beta
# (center=False) leave the same file. load_weights of the one takes the other's beta as its gamma: no error, no warning, other
# answers. Expected: an error, as where the number of arrays differs.
. "$(dirname "$0")/common.sh"
with keras==3.15.1 numpy==2.2.6 jax==0.6.2 jaxlib==0.6.2
export KERAS_BACKEND=jax
cat >norms.py <<'PY'
import warnings

import keras
import numpy

warnings.simplefilter("error", UserWarning)


def network(**without):
    return keras.Sequential([keras.Input((4,)), keras.layers.BatchNormalization(epsilon=0.0, **without)])


x = numpy.ones((1, 4), "float32")
saved, asked = network(scale=False), network(center=False)
saved.layers[0].set_weights([numpy.full(4, v, "float32") for v in (0.5, 2.0, 4.0)])  # beta, mean, variance
saved.save_weights("a.weights.h5")
asked.load_weights("a.weights.h5")
answers = [float(numpy.asarray(net(x, training=False))[0, 0]) for net in (saved, asked)]
print("gamma", float(numpy.asarray(asked.layers[0].gamma)[0]), "beta", asked.layers[0].beta, "answers", answers)
PY
seen "gamma 0.5 beta None answers [0.0, -0.25]" "$(python/bin/python norms.py 2>&1 | tail -n 1)"
