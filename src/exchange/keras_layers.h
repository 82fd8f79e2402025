/* A network as Keras's layers: each operator is one or more of them. */
#ifndef GR_EXCHANGE_KERAS_LAYERS_H
#define GR_EXCHANGE_KERAS_LAYERS_H

#include <jansson.h>

#include "graph/op.h"
#include "grimace/weights.h"

enum { GR_KERAS_INPUTS = GR_MAX_INPUTS, GR_KERAS_VARIABLES = 4 };

typedef struct gr_keras_node {
    const char *name, *kind; /* kind: the class, "Conv2D" */
    json_t *config;          /* without the name; owned */
    gr_shape shape;          /* of what comes out, [1, ...] */
    int in[GR_KERAS_INPUTS], in_count;
    const char *variables[GR_KERAS_VARIABLES]; /* "kernel", in Keras's order */
    gr_tensor tensors[GR_KERAS_VARIABLES];     /* owned, in Keras's layouts */
    int variable_count;
    bool one_list; /* reads a list of values, not one */
} gr_keras_node;

/* A network in the making. Failures stick in `status`. */
typedef struct gr_keras_net {
    const gr_graph *graph;
    const gr_weights *weights; /* in the names and layouts of gr_model_export */
    gr_arena *arena;
    gr_keras_node *nodes;
    int count, capacity;
    int *made;       /* [values of the graph]: the node; -1: none */
    int64_t *mapped; /* [values]: a flattened map's channels, whose order is Keras's [H, W, C] and not ours; else 0 */
    gr_status status;
    gr_error *err;
    const char *(*name_of)(void *ctx, const gr_op *op); /* of the layer with an operator's numbers */
    void *ctx;
} gr_keras_net;

/* Adds the layers of one operator, whose inputs are there. Fails: GR_INVALID (no layer of Keras does the same), GR_NOMEM. */
void gr_keras_add(gr_keras_net *net, const gr_op *op);
/* Adds a layer, TAKES config; gives its number. */
int gr_keras_node_add(gr_keras_net *net, const char *name, const char *kind, json_t *config, gr_shape shape, const int *in,
                      int in_count);

#endif
