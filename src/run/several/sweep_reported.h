/* The last part of a sweep's table. */
#ifndef GR_TRAIN_SWEEP_REPORTED_H
#define GR_TRAIN_SWEEP_REPORTED_H

#include "base/base.h"
#include "grimace/sweep.h"

/* Appends the paper's numbers beside the run's for the settings that have them; nothing where none has. */
void gr_sweep_reported(const gr_settings *settings, const gr_sweep_results *results, gr_text *out);

#endif
