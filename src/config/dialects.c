/* The one table of what differs between PyTorch (2.x), Keras 2 (2.15) and Keras 3 (3.15) in training. docs/keras.md says how. */
#include "config/dialects.h"

#include <stddef.h>

static const char *const names[] = {"torch", "keras2", "keras3"};

static const gr_dialect_default rows[] = {
    /* key, where KEY is VALUE (NULL: is there), torch, keras2, keras3 */
    {"model.init", NULL, NULL, {NULL, "glorot_uniform", "glorot_uniform"}},
    {"model.penalty_frozen", NULL, NULL, {NULL, "true", "false"}},
    {"model.batch_norm.variance", NULL, NULL, {NULL, "images", "biased"}},
    {"model.batch_norm.momentum", "model.layers", NULL, {NULL, "0.99", "0.99"}},
    {"model.batch_norm.eps", "model.layers", NULL, {NULL, "0.001", "0.001"}},
    {"loss.class_weight_mean", NULL, NULL, {NULL, "batch", "batch"}},
    {"loss.class_weight_val", NULL, NULL, {NULL, "false", "false"}},
    {"optimizer.form", NULL, NULL, {NULL, "keras", "keras"}},
    {"optimizer.decoupled", NULL, NULL, {NULL, "true", "true"}},
    {"optimizer.eps", NULL, NULL, {NULL, "1e-7", "1e-7"}},
    {"optimizer.eps", "optimizer.name", "adagrad", {"1e-10", "1e-7", "1e-7"}},
    {"optimizer.lr", "optimizer.name", "sgd", {NULL, "0.01", "0.01"}},
    {"optimizer.weight_decay", "optimizer.name", "adamw", {NULL, "0.004", "0.004"}},
    {"optimizer.rho", NULL, NULL, {NULL, "0.9", "0.9"}},
    {"optimizer.initial_accumulator", NULL, NULL, {NULL, "0.1", "0.1"}},
    {"optimizer.momentum_decay", NULL, NULL, {NULL, "1", "1"}},
    {"optimizer.nadam_product", NULL, NULL, {NULL, "tensors", NULL}},
    {"schedule.per", NULL, NULL, {NULL, "step", "step"}},
    {"schedule.rule", NULL, NULL, {NULL, "keras", "keras"}},
};

const char *gr_dialect_name(int i)
{
    return i >= 0 && i < GR_DIALECTS ? names[i] : NULL;
}

const gr_dialect_default *gr_dialect_row(int i)
{
    return i >= 0 && (size_t)i < sizeof rows / sizeof rows[0] ? &rows[i] : NULL;
}
