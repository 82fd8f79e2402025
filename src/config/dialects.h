/* What `semantics` sets: the defaults of keys whose meaning differs between PyTorch, Keras 2 and Keras 3. */
#ifndef GR_CONFIG_DIALECTS_H
#define GR_CONFIG_DIALECTS_H

enum { GR_DIALECTS = 3 };

/* A default that follows from the semantics: of `key`, in force where `when_key` (NULL: always) has the value `when` (NULL:
 * any but null). Of several rows of one key the last that is in force holds. NULL among the values: the key's own default in
 * that dialect. */
typedef struct gr_dialect_default {
    const char *key, *when_key, *when;
    const char *values[GR_DIALECTS]; /* torch, keras2, keras3; YAML */
} gr_dialect_default;

/* Dialect i: torch, keras2, keras3; NULL behind the last. */
const char *gr_dialect_name(int i);
/* The table's row i; NULL behind the last. */
const gr_dialect_default *gr_dialect_row(int i);

#endif
