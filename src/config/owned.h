/* Keys that mean something beside one choice alone: which optimiser, which schedule has them. */
#ifndef GR_CONFIG_OWNED_H
#define GR_CONFIG_OWNED_H

#include "config/config.h"

typedef struct gr_owned_key {
    const char *key, *chooser, *owners; /* `key` is read where `chooser` has one of the values in `owners` */
} gr_owned_key;

/* The table's row i; NULL behind the last. */
const gr_owned_key *gr_owned_row(int i);
/* Has the row's key another value than any default of it, where nothing reads it? */
bool gr_owned_in_vain(const gr_config *config, const gr_owned_key *row);
/* Does the sweep of `config` vary the row's chooser? Its settings may then need keys of several choices. */
bool gr_owned_is_swept(const gr_config *config, const gr_owned_key *row);
/* "PLACE: KEY: means nothing for adam; sgd and rmsprop have it" for the first such key of `chooser`, unless the sweep of
 * `config` varies that. Fails: GR_INVALID. */
gr_status gr_owned_check(const gr_config *config, const char *chooser, gr_error *err) GR_MUST_CHECK;

#endif
