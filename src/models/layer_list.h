/* Plain networks: a list of layers in a config (`model.layers`), one after the other. */
#ifndef GR_MODELS_LAYER_LIST_H
#define GR_MODELS_LAYER_LIST_H

#include "formats/yaml.h"
#include "models/models.h"

/* How the border of a map is met: as many zeros as `pad` has, or as few as keep the size (divided by the stride, rounded
 * up). */
typedef struct gr_stack_pad {
    bool same;
    int64_t zeros[2];
} gr_stack_pad;

/* One layer: its kind, the value beside it, and the options that it has; 0 or NULL where an option is not given. */
typedef struct gr_stack_layer {
    const struct gr_stack_kind *kind;
    int64_t count;                                    /* conv: filters; dense: units */
    double rate;                                      /* dropout */
    const char *word;                                 /* pool, global_pool: max or avg; act: its name */
    int64_t sides[2], stride[2], dilation[2], groups; /* sides: of the kernel, or of a pool's window */
    gr_stack_pad pad;
    const char *act, *init;
    bool bias;
    double slope; /* of the activation */
    double eps, momentum;
    unsigned given; /* bit i: option i of the table */
} gr_stack_layer;

/* A row of the table of kinds (stack_kinds.c). */
typedef struct gr_stack_kind {
    const char *name;
    const char *value; /* the option's name in stack_read.c that says what stands behind it; NULL: an empty map or nothing */
    const char *options; /* those that it may have, with blanks between */
    int rank;            /* of what it reads: 4 a map, 2 a vector, 0 any */
    gr_value *(*build)(gr_graph *g, gr_value *x, const char *name, const gr_stack_layer *layer);
} gr_stack_kind;

extern const gr_stack_kind gr_stack_kinds[]; /* ends in a row without a name */

/* NULL-terminated lists of names; static storage. */
const char *const *gr_stack_act_names(void);
const char *const *gr_stack_init_names(void);
/* May the activation have a slope of its own, and has it to be said? `name` is one of gr_stack_act_names. */
bool gr_stack_act_slopes(const char *name, bool *needed);

enum { GR_STACK_MOST = 200 };
/* Reads a list of layers into layers[GR_STACK_MOST], whose texts are static; *line is where the mistake stands. Fails:
 * GR_INVALID
 * ("layer 3 (pool): ..."). */
gr_status gr_stack_read(const gr_yaml *list, gr_stack_layer *layers, int *count, int *line, gr_error *err) GR_MUST_CHECK;
/* Appends the list on one line, as gr_stack_read takes it. */
void gr_stack_put(const gr_stack_layer *layers, int count, gr_text *out);
/* Marks as given what is other than left out, so that gr_stack_put tells it; a kernel's and a window's sides always. */
void gr_stack_give(gr_stack_layer *layer);
/* Zeros before and behind a map of `size` along axis 0 (rows) or 1: "same" divides them as Keras does, the smaller half before. */
void gr_stack_zeros(const gr_stack_layer *layer, int axis, int64_t size, int64_t *before, int64_t *behind);

/* The backbone `layers`. Builds options->layers; what is wrong with it is recorded in the graph, with the layer's number. */
gr_backbone_builder gr_build_stack;

#endif
