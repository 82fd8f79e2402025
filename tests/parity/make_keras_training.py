"""Writes keras2_training.h or keras3_training.h: what Keras's optimisers, schedules, callbacks, batch norm and initialisers do.

    python3 tests/parity/make_keras_training.py keras2 > tests/parity/keras2_training.h    # with Keras 2.15.0, TensorFlow 2.15.0
    python3 tests/parity/make_keras_training.py keras3 > tests/parity/keras3_training.h    # with Keras 3.15.1, TensorFlow 2.21.0
"""
import os
import sys
import textwrap

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
import keras

PREFIX = sys.argv[1]
OPT = keras.optimizers
STEPS, SIZES = 8, (1, 2, 2)
START = np.array([0.5, -1.25, 2.0, -0.01, 0.0], np.float32)
SCALE = np.array([1.0, 0.1, 3.0, 1e-7, 1.0], np.float32)


def gradient(step):
    return (np.random.RandomState(100 + step).randn(5).astype(np.float32) * SCALE).astype(np.float32)


def parts(flat):
    return np.split(flat, np.cumsum(SIZES)[:-1])


def floats(values):
    return "{" + ", ".join("%.9g" % v for v in np.asarray(values).ravel()) + "}"


def run(optimizer):
    """The rate is halved in the middle."""
    variables = [tf.Variable(p) for p in parts(START)]
    optimizer.build(variables)
    rows = []
    for step in range(STEPS):
        if step == STEPS // 2:
            optimizer.learning_rate.assign(float(optimizer.learning_rate.numpy()) / 2)
        optimizer.apply_gradients(zip([tf.constant(p) for p in parts(gradient(step))], variables))
        rows.append(np.concatenate([v.numpy() for v in variables]))
    return rows


ADAM = ".betas = {0.9, 0.999}, .eps = 1e-7"
OPTIMISERS = [  # rate, our options, Keras's optimiser
    (0.1, '.name = "sgd"', lambda: OPT.SGD(0.1)),
    (0.1, '.name = "sgd", .momentum = 0.9', lambda: OPT.SGD(0.1, momentum=0.9)),
    (0.1, '.name = "sgd", .momentum = 0.9, .nesterov = true', lambda: OPT.SGD(0.1, momentum=0.9, nesterov=True)),
    (0.1, '.name = "sgd", .momentum = 0.9, .weight_decay = 0.05, .decoupled = true',
     lambda: OPT.SGD(0.1, momentum=0.9, weight_decay=0.05)),
    (0.1, '.name = "sgd", .clip_norm = 0.5', lambda: OPT.SGD(0.1, clipnorm=0.5)),
    (0.1, '.name = "sgd", .clip_global_norm = 0.5', lambda: OPT.SGD(0.1, global_clipnorm=0.5)),
    (0.1, '.name = "sgd", .clip_value = 0.5', lambda: OPT.SGD(0.1, clipvalue=0.5)),
    (0.01, '.name = "adam", ' + ADAM, lambda: OPT.Adam(0.01)),
    (0.01, '.name = "adam", .amsgrad = true, ' + ADAM, lambda: OPT.Adam(0.01, amsgrad=True)),
    (0.01, '.name = "adam", .weight_decay = 0.05, .decoupled = true, ' + ADAM, lambda: OPT.Adam(0.01, weight_decay=0.05)),
    (0.01, '.name = "adamw", .weight_decay = 0.004, .decoupled = true, ' + ADAM, lambda: OPT.AdamW(0.01)),
    (0.01, '.name = "nadam", .momentum_decay = 1, ' + ADAM, lambda: OPT.Nadam(0.01)),
    (0.01, '.name = "adamax", ' + ADAM, lambda: OPT.Adamax(0.01)),
    (0.1, '.name = "adagrad", .eps = 1e-7, .initial_accumulator = 0.1', lambda: OPT.Adagrad(0.1)),
    (0.01, '.name = "rmsprop", .eps = 1e-7, .rho = 0.9', lambda: OPT.RMSprop(0.01)),
    (0.01, '.name = "rmsprop", .eps = 1e-7, .rho = 0.9, .momentum = 0.8', lambda: OPT.RMSprop(0.01, momentum=0.8)),
    (0.01, '.name = "rmsprop", .eps = 1e-7, .rho = 0.9, .momentum = 0.8, .centered = true',
     lambda: OPT.RMSprop(0.01, momentum=0.8, centered=True)),
]

TIMES = 24
S = OPT.schedules
SCHEDULES = [
    ('.name = "inverse_time", .decay_steps = 1, .decay_rate = 0.25', S.InverseTimeDecay(0.1, 1, 0.25)),
    ('.name = "inverse_time", .decay_steps = 5, .decay_rate = 0.5, .staircase = true',
     S.InverseTimeDecay(0.1, 5, 0.5, staircase=True)),
    ('.name = "exponential", .decay_steps = 5, .decay_rate = 0.5', S.ExponentialDecay(0.1, 5, 0.5)),
    ('.name = "exponential", .decay_steps = 5, .decay_rate = 0.5, .staircase = true',
     S.ExponentialDecay(0.1, 5, 0.5, staircase=True)),
    ('.name = "piecewise", .boundaries = (const int[]){3, 10}, .boundary_count = 2, .values = (const double[]){0.1, 0.05, 0.2}',
     S.PiecewiseConstantDecay([3, 10], [0.1, 0.05, 0.2])),
    ('.name = "polynomial", .decay_steps = 10, .min_lr = 0.01, .power = 2', S.PolynomialDecay(0.1, 10, 0.01, power=2.0)),
    ('.name = "polynomial", .decay_steps = 10, .min_lr = 0.01, .power = 1, .cycle = true',
     S.PolynomialDecay(0.1, 10, 0.01, cycle=True)),
    ('.name = "cosine", .decay_steps = 15, .min_lr = 0.01', S.CosineDecay(0.1, 15, alpha=0.1)),
    ('.name = "cosine", .decay_steps = 15, .min_lr = 0.01, .warmup = 4, .warmup_from = 0.02',
     S.CosineDecay(0.02, 15, alpha=0.1, warmup_target=0.1, warmup_steps=4)),
    ('.name = "cosine_restarts", .decay_steps = 4, .t_mul = 2, .m_mul = 0.9, .min_lr = 0.01',
     S.CosineDecayRestarts(0.1, 4, t_mul=2.0, m_mul=0.9, alpha=0.1)),
    ('.name = "cosine_restarts", .decay_steps = 5, .t_mul = 1, .m_mul = 0.5, .min_lr = 0',
     S.CosineDecayRestarts(0.1, 5, t_mul=1.0, m_mul=0.5)),
]

LOSSES = [1.0, 0.9, 0.9, 0.89996, 0.95, 0.91, 0.85, 0.86, 0.87, 0.88, 0.89, 0.9, 0.3, 0.31, 0.32, 0.33, 0.34, 0.35, 0.36, 0.37,
          0.1, 0.2, 0.3, 0.4]
PLATEAUS = [(2, 0, 1e-4, 0.0), (0, 0, 1e-4, 0.0), (1, 1, 1e-4, 0.0), (1, 3, 0.02, 0.0), (2, 2, 1e-4, 0.005)]


def small_model(optimizer):
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer, loss="mse")
    return model


def plateau(patience, cooldown, min_delta, min_lr):
    model = small_model(OPT.SGD(0.1))
    callback = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=patience, cooldown=cooldown, min_delta=min_delta,
                                                 min_lr=min_lr)
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, loss in enumerate(LOSSES):
        rates.append(float(np.asarray(model.optimizer.learning_rate)))
        callback.on_epoch_end(epoch, {"val_loss": loss})
    return rates


STOPS = [[1.0, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96], [1.0, 0.9, 0.8, 0.7, 0.75, 0.74, 0.73, 0.72]]


def stopping(losses, patience, better):
    """Epochs done, and whose weights (by number from 1) are there in the end."""
    model = small_model(OPT.SGD(0.1))
    model.build((None, 1))
    callback = keras.callbacks.EarlyStopping(patience=patience, min_delta=better, restore_best_weights=True)
    callback.set_model(model)
    callback.on_train_begin()
    model.stop_training = False
    done = 0
    for epoch, loss in enumerate(losses):
        model.set_weights([np.full((1, 1), epoch + 1.0), np.zeros(1)])
        callback.on_epoch_end(epoch, {"val_loss": loss})
        done = epoch + 1
        if model.stop_training:
            break
    callback.on_train_end()
    return done, int(model.get_weights()[0][0, 0])


def moving(shape, axes):
    layer = keras.layers.BatchNormalization()
    x = np.arange(int(np.prod(shape)), dtype=np.float32).reshape(shape) % 7
    layer(x, training=True)
    return float(np.asarray(layer.moving_mean)[0]), float(np.asarray(layer.moving_variance)[0])


def put(text):
    """Prints C, no line longer than 120."""
    for line in text.split("\n"):
        print("\n".join(textwrap.wrap(line, 120, subsequent_indent="      ", break_long_words=False, break_on_hyphens=False))
              if len(line) > 120 else line)


def main():
    put("/* Written by make_keras_training.py with Keras %s on TensorFlow %s. */" % (keras.__version__, tf.__version__))
    put("enum { %s_STEPS = %d, %s_TIMES = %d };" % (PREFIX.upper(), STEPS, PREFIX.upper(), TIMES))
    put("static const float %s_start[5] = %s;" % (PREFIX, floats(START)))
    put("static const float %s_gradients[%d][5] = {" % (PREFIX, STEPS))
    for step in range(STEPS):
        put("    %s," % floats(gradient(step)))
    put("};\nstatic const struct {\n    double lr;\n    gr_optim_options options;\n    float weights[%d][5];\n} %s_optim[] = {"
          % (STEPS, PREFIX))
    for lr, options, make in OPTIMISERS:
        put("    {%g,\n     {%s, .keras = true},\n     {%s}}," % (lr, options, ",\n      ".join(floats(r) for r in run(make()))))
    put("};\nstatic const struct {\n    gr_schedule_options options;\n    double rates[%d];\n} %s_schedules[] = {" % (TIMES, PREFIX))
    for options, schedule in SCHEDULES:
        rates = [float(np.asarray(schedule(np.float32(t) if PREFIX == "keras2" else t))) for t in range(TIMES)]
        put("    {{%s, .lr = 0.1, .per_step = true, .epochs = 100},\n     %s}," % (options, floats(rates)))
    put("};\nstatic const double %s_losses[%d] = %s;" % (PREFIX, TIMES, floats(LOSSES)))
    put("static const struct {\n    int patience, cooldown;\n    double min_delta, min_lr, rates[%d];\n} %s_plateaus[] = {"
          % (TIMES, PREFIX))
    for case in PLATEAUS:
        put("    {%d, %d, %g, %g,\n     %s}," % (*case, floats(plateau(*case))))
    put("};\nstatic const struct {\n    double losses[8];\n    double min_delta;\n    int patience, epochs, kept;\n} %s_stops[] = {" % PREFIX)
    for losses, patience, better in ((STOPS[0], 4, 0), (STOPS[1], 10, 0), (STOPS[1], 4, 0), (STOPS[0], 4, 0.15), (STOPS[1], 10, 0.15),
                                     (STOPS[1], 5, 0.15)):
        put("    {%s, %g, %d, %d, %d}," % (floats(losses), better, patience, *stopping(losses, patience, better)))
    put("};\n/* Moving mean and variance of channel 0 after a batch of i %% 7: maps [2,3,3,4] and rows [9,4]. */")
    put("static const double %s_moving[2][2] = {%s, %s};"
          % (PREFIX, floats(moving((2, 3, 3, 4), (0, 1, 2))), floats(moving((9, 4), (0,)))))
    put("/* Standard deviation and largest size of many first weights: dense 300 to 200, convolution 3x3 of 20 to 30, depthwise 3x3 of "
          "700. */")
    put("static const struct {\n    const char *name;\n    double numbers[3][2];\n} %s_inits[] = {" % PREFIX)
    for name in ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal"):
        row = []
        for shape in ((300, 200), (3, 3, 20, 30), (3, 3, 700, 1)):
            w = np.concatenate([np.asarray(getattr(keras.initializers, name)(seed=s)(shape)).ravel() for s in range(40)])
            row.append(floats((w.std(), np.abs(w).max())))
        put('    {"%s", {%s}},' % (name, ", ".join(row)))
    put("};")


main()
