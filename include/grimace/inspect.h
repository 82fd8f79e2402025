/* What a model is and how a plan runs it, as text for people. */
#ifndef GRIMACE_INSPECT_H
#define GRIMACE_INSPECT_H

#include "grimace/config.h"
#include "grimace/models.h"

/* Compiles the training plan of `config`'s model for its batch size, runs `steps` steps on numbers that stand for images, and
 * GIVES (gr_free of src/base; plain free) one line for each operator and pass: shape, FLOPs, least bytes touched, milliseconds
 * and share of the last step, GFLOP/s, algorithm and blocking and why preferred ones were refused; then the memory plan and the
 * largest batch that fits in what is free. The
 * number of classes is the manifest's or, when it cannot be read, that of data.classes, or 2.
 * Fails: GR_INVALID (as training would), GR_NOMEM. */
gr_status gr_inspect_plan(const gr_config *config, int steps, char **text, gr_error *err) GR_MUST_CHECK;

/* GIVES a table of the layers of a model of `options` (BORROWED): name, operator, output shape for one image, parameters and
 * multiply-adds; then the sums. Fails: as gr_model_create. */
gr_status gr_inspect_model(const gr_model_options *options, char **text, gr_error *err) GR_MUST_CHECK;

/* GIVES a config that moves a plain network of Keras's here: gr_keras_listing of the file. Fails: GR_INVALID, GR_NOMEM, GR_IO. */
gr_status gr_inspect_keras(const char *path, char **text, gr_error *err) GR_MUST_CHECK;

/* The library number `index` that this program runs with, from 0: its name, and what it says of its version; NULL behind the last.
 * Never fails. */
enum { GR_LIBRARY_ROOM = 200 };
const char *gr_library(int index, char version[GR_LIBRARY_ROOM]);

#endif
