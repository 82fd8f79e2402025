/* How many animals are enough: a finished run trained again with fewer of its training groups, and what more might bring. */
#ifndef GRIMACE_LEARNING_CURVE_H
#define GRIMACE_LEARNING_CURVE_H

#include "grimace/text.h"
#include "grimace/train.h"

/* Trains the run `run` again with 25, 50 and 75 % of each fold's training groups (of its rows, where there are no groups),
 * tested on the same test parts, as settings of a sweep in RUN/learning-curve, or goes on with that; its own numbers are
 * those of 100 %. Fits number = a + b n^-c (an inverse power law: Figueroa et al. 2012, BMC Medical Informatics and Decision
 * Making 12, 8) to each number of a table of settings by n, the mean of training groups over folds, and says what it would
 * be with half as many more and with twice as many, with the range of that when each point in turn is left out. Writes
 * RUN/learning-curve.csv and .json, and adds the table to `out`. Of `options` folder and resume are not read.
 * Fails: as gr_run, and GR_INVALID (no finished run of one training a fold). */
gr_status gr_learning_curve(const char *run, const gr_run_options *options, gr_text *out, gr_error *err) GR_MUST_CHECK;

#endif
