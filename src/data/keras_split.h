/* The four meanings of Keras's validation_split. */
#ifndef GR_DATA_KERAS_SPLIT_H
#define GR_DATA_KERAS_SPLIT_H

#include "grimace/split.h"

/* Is the scheme one of them? Never fails. */
bool gr_split_is_keras(gr_split_scheme scheme);
/* Moves the rows that it takes by `share` to GR_PART_TEST in parts[rows]. Fails: GR_NOMEM. */
gr_status gr_split_take_keras(const gr_manifest *manifest, gr_split_scheme scheme, double share, uint8_t *parts,
                              gr_error *err) GR_MUST_CHECK;

#endif
