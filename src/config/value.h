/* One value of the config: from a YAML node into its field, and back to YAML. Four kinds are small languages of their own:
 * transforms, plain networks, sweeps, and what a paper reports. */
#ifndef GR_CONFIG_VALUE_H
#define GR_CONFIG_VALUE_H

#include "config/errors.h"
#include "config/keys.h"

/* Where a value is read from and what reading needs. */
typedef struct gr_value_source {
    gr_arena *arena;
    const char *file;         /* of the config, as given: sentences begin "FILE:LINE: KEY: " with the node's line */
    const char *place;        /* not NULL: they begin "PLACE: KEY: " instead */
    const char *folder;       /* the config's, absolute: relative paths begin here */
    int layer;                /* 0: the file; else the number of the override */
    gr_config_errors *errors; /* where a value of many parts notes what is wrong with each; NULL: nowhere */
    gr_error *err;
} gr_value_source;

/* ---- scalar.c: what every value is read with ------------------------------------------------------------------------------ */

/* "FILE:LINE" or the place, for a value on `line`; in the arena, NULL when memory is short. */
const char *gr_value_place(const gr_value_source *source, int line);
/* Records "PLACE: KEY: fmt...". Fails: GR_INVALID, always. */
gr_status gr_value_refuse(const gr_value_source *source, int line, const char *key, const char *fmt, ...) GR_PRINTF(4, 5);
/* Records that there is none. Fails: GR_NOMEM, always. */
gr_status gr_value_no_memory(const gr_value_source *source);
/* What `node` is, in a few words; text[64] may hold them. */
const char *gr_value_describe(const gr_yaml *node, char text[64]);
/* Records "is 0, expected a whole number from 1 to 65536". Fails: GR_INVALID, always. */
gr_status gr_value_mistyped(const gr_value_source *source, const gr_key *key, const gr_yaml *node);
/* The number or truth value that a plain scalar is; false: it is none, or out of range. */
bool gr_value_real(const gr_yaml *node, const gr_range *range, double *value);
bool gr_value_int(const gr_yaml *node, const gr_range *range, int64_t *value);
bool gr_value_bool(const gr_yaml *node, bool *value);

/* ---- small languages ------------------------------------------------------------------------------------------------------ */

gr_status gr_transforms_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node,
                             gr_transforms *list) GR_MUST_CHECK;
void gr_transforms_put(const gr_transforms *list, gr_text *out);
gr_status gr_layers_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node,
                         const char **layers) GR_MUST_CHECK;
void gr_layers_put(const char *layers, gr_text *out);
gr_status gr_penalties_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node,
                            gr_penalties *list) GR_MUST_CHECK;
void gr_penalties_put(const gr_penalties *list, gr_text *out);
gr_status gr_named_weights_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node,
                                gr_named_weights *list) GR_MUST_CHECK;
void gr_named_weights_put(const gr_named_weights *list, gr_text *out);
gr_status gr_reported_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node,
                           gr_config *config) GR_MUST_CHECK;
void gr_reported_put(const gr_reported *reported, gr_text *out);
gr_status gr_sweep_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node,
                        gr_config *config) GR_MUST_CHECK;
void gr_sweep_put(const gr_config *config, gr_text *out);

/* ---- plain.c: any key but the sweep ---------------------------------------------------------------------------------------- */

gr_status gr_plain_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node,
                        gr_config *config) GR_MUST_CHECK;
void gr_plain_put(const gr_key *key, const gr_config *config, gr_text *out);
/* Is the value in `config` of a text that must be one of the key's names such a name? `place` begins the sentence. Fails:
 * GR_INVALID. */
gr_status gr_value_check_name(const gr_key *key, const gr_config *config, const char *place, gr_error *err) GR_MUST_CHECK;

/* ---- kinds.c: any key ------------------------------------------------------------------------------------------------------ */

/* Reads `node` into the key's field of `config`. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_value_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node,
                        gr_config *config) GR_MUST_CHECK;
/* Appends the key's value in `config` as YAML on one line. */
void gr_value_put(const gr_key *key, const gr_config *config, gr_text *out);

#endif
