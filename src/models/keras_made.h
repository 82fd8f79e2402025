/* How a model of Keras's is made, as a plain list of layers: its configuration is a chain of layers (keras_chain.c), each of
 * which is one of ours (keras_kinds.c). */
#ifndef GR_MODELS_KERAS_MADE_H
#define GR_MODELS_KERAS_MADE_H

#include "formats/json.h"
#include "models/layer_list.h"

/* The layers of a list that a chain of Keras's means, one for each of its own or two (a separable convolution); activations
 * that a layer has stand beside it. A softmax, which no list has, is an `act` "softmax". */
typedef struct gr_keras_made {
    gr_stack_layer *layers; /* [count] */
    const char **names;     /* [count]: "block1/conv2d_1 (Conv2D)" */
    double (*penalties)[2]; /* [count]: l1 and l2 of the kernel */
    int count;
    int64_t image[3]; /* height, width, channels; 0: any */
    /* What its first layers make of a pixel x from 0 to 255: scale x + offset, by channel; rescaler: the last of them, or NULL. */
    double scale[3], offset[3];
    const char *rescaler;
    const char *aside; /* names of layers that act in training only and are not among `layers`, with ", " between; "": none */
    int64_t groups;    /* of numbers that a softmax at the end takes by itself; 1: all together */
    int major;         /* of Keras's version; 0: not known */
} gr_keras_made;

/* Reads a configuration (Keras's JSON: config.json, or the attribute model_config) into *made, whose texts live in `arena`.
 * *known: false where it is not a model whose layers it has (made by a class of the user's own, or by Keras before 2): *made
 * is empty then. Fails: GR_INVALID ("has a layer lambda (Lambda), ...": no plain sequence of layers that model.layers has),
 * GR_NOMEM. */
gr_status gr_keras_made_read(const char *config, const char *version, gr_arena *arena, gr_keras_made *made, bool *known,
                             gr_error *err) GR_MUST_CHECK;

/* The chain under way, and its layer at hand. */
typedef struct gr_keras_reader {
    gr_keras_made *made;
    gr_arena *arena;
    gr_error *err;
    const json_t *config; /* of the layer at hand */
    const char *name, *class_name;
    int capacity;
    int64_t size[3];      /* of what comes to it; of a vector {0, 0, numbers}; 0: not known */
    int rank;             /* 4: a map; 2: a vector */
    int64_t border[2][2]; /* zeros that a layer before has put around it: [rows, columns][before, behind] */
    const char *bordered; /* that layer, or NULL */
    double steep;         /* what a layer before multiplies by; only a hard_sigmoid may come then */
    const char *steeper;  /* that layer, or NULL */
} gr_keras_reader;

/* Adds the layer at hand. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_keras_made_add(gr_keras_reader *reader) GR_MUST_CHECK;

#endif
