/* What the safetensors reader and writer see of a set of weights beyond the public header. */
#ifndef GR_FORMATS_WEIGHTS_H
#define GR_FORMATS_WEIGHTS_H

#include "grimace/weights.h"

typedef struct gr_note {
    char *key, *text;
} gr_note;

/* All notes in the order in which they were set. */
const gr_note *gr_weights_notes(const gr_weights *weights, int *count);

#endif
