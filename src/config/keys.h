/* The one table of config keys: it drives parsing, defaults, ranges, help, `grimace config`, docs/config.md and errors. */
#ifndef GR_FORMATS_CONFIG_KEYS_H
#define GR_FORMATS_CONFIG_KEYS_H

#include "base/base.h"
#include "formats/yaml.h"
#include "grimace/config.h"

/* What a key holds, and the field of gr_config behind it. */
typedef enum gr_key_kind {
    GR_KEY_STRING,     /* const char * */
    GR_KEY_PATH,       /* const char *, absolute */
    GR_KEY_CHOICE,     /* const char *, one of `choices` */
    GR_KEY_TYPE,       /* gr_type, the position in `choices` */
    GR_KEY_SEED,       /* uint64_t */
    GR_KEY_INT,        /* int */
    GR_KEY_REAL,       /* double */
    GR_KEY_REALS,      /* double[most]; NaN behind the last that was given */
    GR_KEY_INTS,       /* gr_ints: a list of whole numbers */
    GR_KEY_PAIRS,      /* gr_ints: a list of lists of two different whole numbers, none of which comes twice */
    GR_KEY_BOOL,       /* bool */
    GR_KEY_STRINGS,    /* gr_strings */
    GR_KEY_TRANSFORMS, /* gr_transforms; count -1: null */
    GR_KEY_SWEEP,      /* sweep */
    GR_KEY_REPORTED    /* const gr_reported * */
} gr_key_kind;

/* Numbers from low to high; an open end excludes its bound. */
typedef struct gr_range {
    double low, high;
    bool low_open, high_open;
} gr_range;

typedef struct gr_key {
    const char *path; /* "optimizer.lr" */
    gr_key_kind kind;
    size_t offset;        /* of the field in gr_config */
    const char *standard; /* the default, as YAML; "null" where a rule of its own fills in (the help says which) */
    bool nullable;
    gr_range range;             /* of numbers, and of each number of a list */
    int least, most;            /* items of a list */
    bool counts;                /* a list of texts may also be one whole number, kept as its text */
    bool paths;                 /* a list of texts is one of paths, made absolute */
    const char *const *choices; /* NULL-terminated; of a path: words that are none */
    bool aside;                 /* results do not follow from it */
    const char *help;
} gr_key;

/* In the order of the resolved config: keys of one section stand together. */
extern const gr_key gr_keys[];
extern const int gr_key_count;

/* The index of the key called `path`, or -1. */
int gr_key_find(const char *path);
/* true when some key lies below `path` ("loss", "loss.prsc"). */
bool gr_key_is_section(const char *path);
/* Appends what would be right: "a whole number from 1 to 1000", "one of none, undersample, ...", "... or null". */
void gr_key_expected(const gr_key *key, gr_text *out);
/* Appends ", did you mean KEY?" or, when nothing is near, ", known in SECTION are A, B and C" for the unknown key `path`. */
void gr_key_hint(const char *path, gr_text *out);
/* Appends the names right below `section`: "lambda, margin and top_k". */
void gr_key_children(const char *section, gr_text *out);

/* ---- one value (config_value.c) -------------------------------------------------------------------------------------- */

/* Where a value is read from and what reading needs. */
typedef struct gr_value_source {
    gr_arena *arena;
    const char *file;   /* of the config, as given: sentences begin "FILE:LINE: KEY: " with the node's line */
    const char *place;  /* not NULL: they begin "PLACE: KEY: " instead */
    const char *folder; /* the config's, absolute: relative paths begin here */
    gr_error *err;
} gr_value_source;

/* "FILE:LINE" or the place, for a value on `line`; in the arena, NULL when memory is short. */
const char *gr_value_place(const gr_value_source *source, int line);
/* Records "PLACE: KEY: fmt...". Fails: GR_INVALID, always. */
gr_status gr_value_refuse(const gr_value_source *source, int line, const char *key, const char *fmt, ...) GR_PRINTF(4, 5);
/* Reads `node` into the key's field of `config`. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_value_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node,
                        gr_config *config) GR_MUST_CHECK;
/* Appends the key's value in `config` as YAML on one line. */
void gr_value_put(const gr_key *key, const gr_config *config, gr_text *out);
/* The same for the sweep, which is a small language of its own (config_sweep.c). */
gr_status gr_sweep_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node,
                        gr_config *config) GR_MUST_CHECK;
void gr_sweep_put(const gr_config *config, gr_text *out);
/* The same for what a paper reports (config_reported.c). */
gr_status gr_reported_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node,
                           gr_config *config) GR_MUST_CHECK;
void gr_reported_put(const gr_reported *reported, gr_text *out);

#endif
