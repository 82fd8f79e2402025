/* A method of explanation: one record of functions a file, and a line in table.h; nothing else asks which method it is. */
#ifndef GR_EXPLAIN_METHOD_H
#define GR_EXPLAIN_METHOD_H

#include "explain/subject.h"
#include "explain/table.h"
#include "grimace/explain.h"

/* What a model must have. */
typedef enum gr_method_needs {
    GR_NEEDS_ANSWERS,  /* any learner */
    GR_NEEDS_NETWORK,  /* gradients */
    GR_NEEDS_ATTENTION /* the head painseeker's attention scores */
} gr_method_needs;

/* Bits of gr_method.takes: the options that it reads. */
enum {
    GR_TAKES_LAYER = 1,
    GR_TAKES_STEPS = 2,
    GR_TAKES_BASELINE = 4,
    GR_TAKES_SAMPLES = 8,
    GR_TAKES_NOISE = 16,
    GR_TAKES_SEED = 32,
    GR_TAKES_RULES = 64,
    GR_TAKES_EPSILON = 128
};

/* Images to explain, and what is found. */
typedef struct gr_method_batch {
    gr_subject_batch images;
    float *maps;  /* [images.n, S, S], zeros; methods with cells leave them alone */
    float *cells; /* [images.n, rows, columns] */
    double *sums; /* [images.n], of methods without cells: over all pixels and channels */
    double *gaps; /* [images.n], NaN; what the sum misses */
} gr_method_batch;

typedef struct gr_method {
    const char *name, *summary;
    gr_method_needs needs;
    unsigned takes;
    bool cells;     /* the map is of cells, which the caller draws to the input's size */
    bool is_signed; /* numbers below 0 mean something */

    /* Gets ready to explain at most `batch` images at once; whatever can be checked is checked here. *layer is set to the
     * name of the layer that it looks at, and *rows, *columns to the cells', where it has them. GIVES *state (close). Fails:
     * GR_INVALID, GR_NOMEM. */
    gr_status (*open)(gr_subject *subject, const gr_explain_options *options, int64_t batch, gr_method_at *at, void **state,
                      gr_error *err);
    void (*close)(void *state);
    /* Explains a batch: runs the model, has gr_subject_choose say what is explained of each image, and writes the maps or
     * cells. Fails: GR_NOMEM, GR_INVALID. */
    gr_status (*run)(void *state, gr_method_batch *batch, gr_error *err);
} gr_method;

#define GR_DECLARE(method, name) extern const gr_method method;
GR_METHODS(GR_DECLARE)
#undef GR_DECLARE

/* The method called `name`; NULL: there is none. Never fails. */
const gr_method *gr_method_find(const char *name);
/* Can the model have it? Fails: GR_INVALID (no; the sentence names those that it can). */
gr_status gr_method_check(const gr_method *method, const gr_subject *subject, gr_error *err) GR_MUST_CHECK;
/* Does each option that is set belong to one of methods[count]? Fails: GR_INVALID (no). */
gr_status gr_method_check_options(const gr_method *const *methods, int count, const gr_explain_options *options,
                                  gr_error *err) GR_MUST_CHECK;

#endif
