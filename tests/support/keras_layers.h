/* Tensors as a Keras file has them, of the networks in tests/parity/keras/layers.txt (make_keras_models.py) and applications.txt
 * (make_keras_applications.py). */
#ifndef GR_KERAS_LAYERS_H
#define GR_KERAS_LAYERS_H

#include "grimace/models.h"
#include "grimace/weights.h"

typedef struct keras_network {
    char name[40], backbone[40];
    double width, gain; /* gain: of the numbers in kernels */
    int size;           /* of its images */
    const char *layers; /* where its lines begin */
    const char *names2; /* applications2.txt: the file has Keras 2's names; NULL: those of the listing */
} keras_network;

typedef enum keras_numbers { KERAS_EMPTY, KERAS_FILLED } keras_numbers; /* zeros, or make_keras_models.py's */

/* The text of tests/parity/keras/NAME; GIVES it (gr_free), and fails the test when it cannot be read. */
char *keras_listing(const char *name);
/* The network called so in the listing, which must live as long. Fails the test when there is none. */
keras_network keras_find(const char *listing, const char *name);
/* GIVES what gr_weights_read gives for a file with its layers; `old`: with the names of Keras 1. */
gr_weights *keras_weights(const keras_network *n, bool old, keras_numbers numbers);
/* The same tensors, each under a name of one more component in front: "PREFIX/conv1/kernel:0". Takes the storage of
 * `weights` and destroys it. */
gr_weights *keras_within(gr_weights *weights, const char *prefix);
/* Options of a model that such a file fills: head linear with 3 classes, variant keras. Borrows n's strings. */
gr_model_options keras_options(const keras_network *n);

enum { KERAS_CLASSES = 3 };

#endif
