/* A restricted unpickler: the machine of Python's pickle protocols 2 to 5 without the part that runs code. It builds
 * numbers, texts, bytes, tuples, lists (also of what was a set) and dicts; what a pickle names beyond that, the caller grants one
 * by one or refuses.
 * Opcodes: Python's Lib/pickletools.py. */
#ifndef GR_FORMATS_PICKLE_H
#define GR_FORMATS_PICKLE_H

#include "base/base.h"

typedef enum gr_pickle_kind {
    GR_PICKLE_NONE,
    GR_PICKLE_BOOL,    /* integer */
    GR_PICKLE_INTEGER, /* integer */
    GR_PICKLE_REAL,    /* real; also whole numbers beyond 64 bits */
    GR_PICKLE_TEXT,    /* text[count]; of any bytes, with a NUL behind */
    GR_PICKLE_BYTES,   /* text[count], within the program's bytes or the arena; no NUL behind */
    GR_PICKLE_TUPLE,   /* items[count] */
    GR_PICKLE_LIST,    /* items[count] */
    GR_PICKLE_DICT,    /* items[count]: keys and values in turn; a key may come twice */
    GR_PICKLE_GLOBAL,  /* what: the caller's number of a granted name */
    GR_PICKLE_FOREIGN, /* what, data: made by the caller */
    GR_PICKLE_MARK     /* never in a result */
} gr_pickle_kind;

typedef struct gr_pickle {
    gr_pickle_kind kind;
    int what;
    int64_t integer;
    double real;
    const char *text;
    struct gr_pickle **items;
    size_t count, capacity;
    void *data;
} gr_pickle;

/* Who says what a pickle may name. All objects live in the arena. */
typedef struct gr_unpickler {
    const char *path; /* borrowed; begins every sentence */
    gr_arena *arena;
    /* The number of MODULE.NAME, or -1: refused. */
    int (*global)(const char *module, const char *name);
    /* The call of granted name `what` with `args` (a tuple): gives *out. */
    gr_status (*call)(void *ctx, int what, const gr_pickle *args, gr_pickle **out, gr_error *err);
    /* `object` is given a state, as Python's __setstate__ would be. */
    gr_status (*state)(void *ctx, gr_pickle *object, const gr_pickle *state, gr_error *err);
    /* The object behind a persistent id: gives *out. */
    gr_status (*persistent)(void *ctx, const gr_pickle *id, gr_pickle **out, gr_error *err);
    void *ctx;
} gr_unpickler;

/* A new object; NULL when memory is short. */
gr_pickle *gr_pickle_new(gr_arena *arena, gr_pickle_kind kind) GR_MUST_CHECK;
/* Appends to a list, tuple or dict (there keys and values in turn); false when memory is short. */
bool gr_pickle_append(gr_arena *arena, gr_pickle *to, gr_pickle *item) GR_MUST_CHECK;
/* The value of text key `name` in a dict, or NULL. Never fails. */
const gr_pickle *gr_pickle_get(const gr_pickle *dict, const char *name);

/* Runs one pickle from bytes[*at] to its end, which *at is left behind; *root may contain itself, and points into `bytes`. Memory
 * and time are bounded by `size`. Fails: GR_INVALID (cut off, unknown opcode, a name that is not granted, a program that makes no
 * sense), GR_NOMEM. */
gr_status gr_unpickle(const gr_unpickler *unpickler, const void *bytes, size_t size, size_t *at, gr_pickle **root,
                      gr_error *err) GR_MUST_CHECK;

#endif
