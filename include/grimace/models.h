/* Models: a backbone of the papers, a head on it, and the loss. */
#ifndef GRIMACE_MODELS_H
#define GRIMACE_MODELS_H

#include "grimace/graph.h"
#include "grimace/weights.h"

typedef struct gr_model_options {
    const char *backbone; /* a name of gr_backbone_names */
    const char *head;     /* a name of gr_head_names */
    int64_t size;         /* input images are [size, size, channels] */
    int64_t channels;
    int64_t classes;
} gr_model_options;

/* A graph with the values that others ask for. The graph owns the values. */
typedef struct gr_model {
    gr_graph *graph;
    gr_value *image;         /* [N, size, size, channels] */
    gr_value *features;      /* the backbone's last feature map [N, H, W, C] */
    gr_value *beta;          /* head `painseeker`: attention scores [N, K]; else NULL */
    gr_value *logits;        /* [N, classes] */
    gr_value *probabilities; /* [N, classes] */
    /* after gr_model_add_loss: */
    gr_value *labels;        /* [N], GR_I32 */
    gr_value *ce, *prsc, *loss; /* scalars; prsc is NULL when there is none */
} gr_model;

/* NULL-terminated lists of names; static storage. */
const char *const *gr_backbone_names(void);
const char *const *gr_head_names(void);

/* GIVES a model. Backbone parameters are named "backbone." + torchvision's name; the head's "attention.weight", "attention.bias",
 * "classifier.weight", "classifier.bias". Fails: GR_INVALID (unknown name: the nearest known one is named; image too small for
 * the backbone), GR_NOMEM. */
gr_status gr_model_create(const gr_model_options *options, gr_model **out, gr_error *err) GR_MUST_CHECK;
void gr_model_destroy(gr_model *model);

typedef struct gr_loss_options {
    const float *class_weights; /* [classes], BORROWED during the call, or NULL */
    double prsc_lambda, prsc_margin;
    int64_t prsc_top_k;
} gr_loss_options;

/* Adds loss = CE + lambda * PRSC (Liu et al. 2025, equation 6); without attention scores or with lambda 0 the loss is CE and
 * prsc stays NULL, but with head `painseeker` and lambda 0 PRSC is still computed for the log when top_k fits.
 * Fails: GR_INVALID (top_k not below the number of regions), GR_NOMEM. */
gr_status gr_model_add_loss(gr_model *model, const gr_loss_options *options, gr_error *err) GR_MUST_CHECK;

struct gr_params;
/* Copies parameters into named tensors in PyTorch's layouts (GIVES), and back. Loading takes every tensor whose name and shape
 * fit; a bare torchvision name ("layer1.0.conv1.weight") fills "backbone." + name. `report`, when not NULL, is called once for
 * each sentence about what was loaded, left out, missing, or of another shape. Fails: GR_INVALID (nothing fits), GR_NOMEM. */
gr_status gr_model_export(const gr_model *model, const struct gr_params *params, gr_weights **out, gr_error *err) GR_MUST_CHECK;
gr_status gr_model_import(const gr_model *model, struct gr_params *params, const gr_weights *weights,
                          void (*report)(void *ctx, const char *sentence), void *ctx, gr_error *err) GR_MUST_CHECK;

#endif
