#!/usr/bin/env bash
# Keras 2.15.0: Nadam's running product of betas takes in the beta of a step once for each tensor in fit, and once in a loop written by
# hand or with run_eagerly=True: whether it is already in is asked of a counter that is a Python number, which tf.function freezes when
# it traces the step. Expected: once a step, as in the paper and in Keras 3.15.1; the same data then give the same weights either way.
. "$(dirname "$0")/common.sh"
export TF_CPP_MIN_LOG_LEVEL=3
cat >nadam.py <<'PY'
import keras
import numpy
import tensorflow as tf

STEPS = 6
x = numpy.linspace(-1, 1, 24, dtype="float32").reshape(8, 3)
y = x @ numpy.array([[1], [-2], [3]], "float32") + 1


def network():
    return keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2, kernel_initializer="ones"),
                             keras.layers.Dense(1, kernel_initializer="ones")]), keras.optimizers.Nadam(0.01)


def state(model, optimizer):
    return float(optimizer._u_product), numpy.concatenate([w.numpy().ravel() for w in model.trainable_variables])


def fit(eagerly):
    model, optimizer = network()
    model.compile(optimizer, "mse", run_eagerly=eagerly)
    model.fit(x, y, batch_size=8, epochs=STEPS, verbose=0)
    return state(model, optimizer)


def loop():
    model, optimizer = network()
    for _ in range(STEPS):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x, training=True) - y) ** 2)
        weights = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
    return state(model, optimizer)


paper = numpy.prod([0.9 * (1 - 0.5 * 0.96 ** t) for t in range(1, STEPS + 1)])
(product, weights), (eager, _), (own, expected) = fit(False), fit(True), loop()
print(f"{keras.__version__} after {STEPS} steps: paper {paper:.2e}, loop {own:.2e}, eager fit {eager:.2e}, fit {product:.2e},",
      f"whose weights are off by up to {abs(weights - expected).max():.3f}")
PY
with tensorflow-cpu==2.15.1 keras==2.15.0 numpy==1.26.4
old=$(python/bin/python nadam.py 2>/dev/null)
rm -rf python
with tensorflow-cpu==2.21.0 keras==3.15.1 numpy==2.4.6
seen "2.15.0 after 6 steps: paper 1.72e-02, loop 1.72e-02, eager fit 1.72e-02, fit 5.83e-07, whose weights are off by up to 0.007; \
3.15.1 after 6 steps: paper 1.72e-02, loop 1.72e-02, eager fit 1.72e-02, fit 1.72e-02, whose weights are off by up to 0.000" \
    "$old; $(python/bin/python nadam.py 2>/dev/null)"
