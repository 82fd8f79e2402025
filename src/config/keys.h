/* The one table of config keys: it drives parsing, defaults, ranges, help, `grimace config`, docs/config.md and errors. */
#ifndef GR_CONFIG_KEYS_H
#define GR_CONFIG_KEYS_H

#include "base/base.h"
#include "formats/yaml.h"
#include "grimace/config.h"

/* What a key holds, and the field of gr_config behind it. */
typedef enum gr_key_kind {
    GR_KEY_STRING,     /* const char *; any, or one of the key's names */
    GR_KEY_PATH,       /* const char *, absolute */
    GR_KEY_CHOICE,     /* const char *, one of the key's names */
    GR_KEY_TYPE,       /* gr_type, the position among the key's names */
    GR_KEY_SEED,       /* uint64_t */
    GR_KEY_INT,        /* int */
    GR_KEY_REAL,       /* double; NaN: null */
    GR_KEY_REALS,      /* double[most]; NaN behind the last that was given */
    GR_KEY_INTS,       /* gr_ints: a list of whole numbers */
    GR_KEY_PAIRS,      /* gr_ints: a list of lists of two different whole numbers, none of which comes twice */
    GR_KEY_BOOL,       /* bool */
    GR_KEY_STRINGS,    /* gr_strings */
    GR_KEY_PENALTIES,  /* gr_penalties */
    GR_KEY_WEIGHTS,    /* gr_named_weights */
    GR_KEY_TRANSFORMS, /* gr_transforms; count -1: null */
    GR_KEY_LAYERS,     /* const char *: a plain network on one line */
    GR_KEY_SWEEP,      /* sweep */
    GR_KEY_REPORTED    /* const gr_reported * */
} gr_key_kind;

/* Numbers from low to high; an open end excludes its bound. */
typedef struct gr_range {
    double low, high;
    bool low_open, high_open;
} gr_range;

/* Short texts lie within the record: every pointer in a table costs the start of the program. */
typedef struct gr_key {
    char path[40]; /* "optimizer.lr" */
    gr_key_kind kind;
    size_t offset;     /* of the field in gr_config */
    char standard[16]; /* the default, as YAML; "null" where a rule of its own fills in (the help says which) */
    bool nullable;
    gr_range range;             /* of numbers, and of each number of a list */
    int least, most;            /* items of a list */
    bool counts;                /* a list of texts may also be one whole number, kept as its text */
    bool paths;                 /* a list of texts is one of paths, made absolute */
    const char *const *choices; /* its names, NULL-terminated; of a path: words that are none */
    /* Or the list of another room: name i, NULL behind the last; written to room[GR_KEY_NAME_ROOM] where it is made. */
    const char *(*names)(int i, char *room);
    bool aside; /* results do not follow from it */
    const char *help;
} gr_key;

/* In the order of the resolved config: keys of one section stand together. */
extern const gr_key gr_keys[];
extern const int gr_key_count;

enum { GR_KEYS_MOST = 512, /* keys of the table */ GR_KEY_NAME_ROOM = 64, GR_KEY_PATH_ROOM = 128, GR_KEY_MOST_NAMES = 128 };
/* Name i that the key's value may be, NULL behind the last; room[GR_KEY_NAME_ROOM] may hold it. */
const char *gr_key_name(const gr_key *key, int i, char *room);
/* The index of the key called `path`, or -1. */
int gr_key_find(const char *path);
/* true when some key lies below `path` ("loss", "loss.prsc"). */
bool gr_key_is_section(const char *path);

/* ---- what would be right (hints.c) -------------------------------------------------------------------------------------- */

/* Appends the key's names as one lists them: "f32 or bf16". Returns the nearest to `word`, in room[GR_KEY_NAME_ROOM]; NULL
 * when none is near. `word` NULL: none is looked for. */
const char *gr_key_names(const gr_key *key, const char *word, char *room, gr_text *out);
/* Appends what would be right: "a whole number from 1 to 1000", "one of none, undersample, ...", "... or null". */
void gr_key_expected(const gr_key *key, gr_text *out);
/* The key or section that the unknown key `path` may have meant, in meant[GR_KEY_PATH_ROOM]; false: none is near. */
bool gr_key_meant(const char *path, char *meant);
/* Appends ", did you mean KEY?" or, when nothing is near, ", known in SECTION are A, B and C" for the unknown key `path`. */
void gr_key_hint(const char *path, gr_text *out);
/* Appends the names right below `section`: "lambda, margin and top_k". */
void gr_key_children(const char *section, gr_text *out);

#endif
