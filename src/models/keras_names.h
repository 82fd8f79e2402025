/* Files of Keras: which of its layers is which of ours (keras_names.c), and their numbers in our layouts (keras.c). */
#ifndef GR_MODELS_KERAS_NAMES_H
#define GR_MODELS_KERAS_NAMES_H

#include "models/models.h"

enum { GR_KERAS_NAME = 64 };

/* LAYER.steeper: an export's Rescaling in front of a hard_sigmoid that has another slope than Keras's own. */
#define GR_KERAS_STEEPER "steeper"

/* Where Keras keeps the numbers of one of our layers. */
typedef struct gr_keras_layer {
    char name[GR_KERAS_NAME];
    char
        biased[GR_KERAS_NAME]; /* of a batch norm: the convolution in front, whose bias our network does not have; else "" */
    const char *kernel;        /* NULL: "kernel", or "depthwise_kernel" where there is none */
    int64_t flattened;         /* of a dense layer behind a flattened map: its channels; else 0 */
} gr_keras_layer;

/* The layers that Keras numbers instead of naming them ("conv2d_3"), in the order of their making: numbers[count]. */
typedef struct gr_keras_numbers {
    int64_t *convs, *norms;
    int conv_count, norm_count;
} gr_keras_numbers;

/* What is otherwise in a network of Keras's: a layer `normalization` in front; its last dense layers are 1x1 convolutions; sums
 * name the shortcut first; batch norms have no gamma, and of a concat of six the second and third, and the fourth and fifth, are
 * concats (Inception). */
enum { GR_KERAS_NORMALISES = 1, GR_KERAS_DENSE_AS_CONV = 2, GR_KERAS_SHORTCUT_FIRST = 4, GR_KERAS_INCEPTION = 8 };

/* One network of Keras's in one generation of names. */
typedef struct gr_keras_network {
    const char *backbone;
    const char *first;      /* our name of its first layer, by which a file is known */
    const char *top;        /* names of the layer that gives the logits, with a space around each */
    const char *difference; /* from torchvision's, as gr_backbone_keras_difference; or NULL */
    const char
        *trained_on; /* how images were prepared, as a sentence goes on behind "trained on "; NULL: as the file says */
    double more_eps; /* eps of its batch norms above that of the variant keras */
    const char *folders; /* words in front of a slash in names of Keras 2 whose members have names that layers outside of
                            them have too, a space around each; NULL: there are none */
    unsigned traits;
    /* The layer that Keras has for ours, called `ours` without "backbone."; false: it has none. */
    bool (*layer)(const gr_keras_numbers *numbers, const char *ours, gr_keras_layer *out);
} gr_keras_network;

/* All of them; the table ends in a backbone NULL. */
extern const gr_keras_network gr_keras_networks[];

/* Is a tensor of a file, "model/layer/weight:0", of the layer called so? Keras 2 has slashes in names of some networks
 * ("Conv_1/BatchNorm"), and is met by Keras 3's names of them ("conv_1_bn"). folders: as above. */
bool gr_keras_in_layer(const char *tensor, const char *layer, const char *folders);

#endif
