/* A config's network: the model, its numbers, and the card that lets a model file stand alone. */
#ifndef GR_TRAIN_NETWORK_H
#define GR_TRAIN_NETWORK_H

#include "base/base.h"
#include "grimace/config.h"
#include "grimace/image.h"
#include "grimace/lbp.h"
#include "grimace/models.h"
#include "grimace/plan.h"

/* Puts "FILE:LINE: key" of the config in front of a failure that is the input's fault. Returns `status`. */
gr_status gr_blame(const gr_config *config, const char *key, gr_status status, gr_error *err);

typedef struct gr_network {
    gr_model *model;
    gr_params *params; /* NULL when only the graph was asked for */
} gr_network;

/* The model that `config` describes for so many outputs: classes, or landmarks with the head `landmarks`. Borrows the config's
 * strings and lists. Never fails. */
gr_model_options gr_network_options(const gr_config *config, int outputs);

/* The model of `config` for so many outputs with what does not train frozen and the loss added; class_weights [outputs] or
 * NULL. It has no numbers yet. Fails: GR_INVALID (named by the config's line), GR_NOMEM. */
gr_status gr_network_build(const gr_config *config, int outputs, const float *class_weights, gr_network *out,
                           gr_error *err) GR_MUST_CHECK;
/* The same with the numbers of the seed, without pretrained ones. `training`: with gradients.
 * Fails: GR_INVALID (named by the config's line), GR_NOMEM. */
gr_status gr_network_create(const gr_config *config, int outputs, const float *class_weights, bool training,
                            gr_network *out, gr_error *err) GR_MUST_CHECK;
/* The same for training from values[count], which are copied: nothing is drawn. Fails: as gr_network_create, and GR_INTERNAL
 * (the model has another number of parameters). */
gr_status gr_network_begin(const gr_config *config, int outputs, const float *class_weights, const float *values, size_t count,
                           gr_network *out, gr_error *err) GR_MUST_CHECK;
/* Does nothing of the backbone train? */
bool gr_network_backbone_frozen(const gr_network *network);
/* Says in one sentence what model.freeze froze, when it did. Never fails. */
void gr_network_tell_frozen(const gr_network *network, void (*notice)(void *ctx, const char *sentence), void *ctx);
/* Fills in model.pretrained, if the config has one. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_network_pretrain(const gr_config *config, gr_network *network,
                              void (*notice)(void *ctx, const char *sentence), void *ctx, gr_error *err) GR_MUST_CHECK;
void gr_network_destroy(gr_network *network);

/* What a model file says of itself, so that it suffices for predictions. Strings and arrays are borrowed when made from a
 * config, and belong to `arena` when read from a file. */
typedef struct gr_card {
    const gr_lbp *lbp; /* NULL: a network; else model.classic lbp_svm, and `model` is no more than size, channels and classes */
    gr_model_options model;
    const char *const *classes; /* [model.classes]; none with the head `landmarks` */
    double mean[3], std[3];
    const gr_transform *transforms; /* how an image is prepared */
    int transform_count;
    gr_arena *arena;
} gr_card;

gr_card gr_card_of_config(const gr_config *config, const char *const *classes, int class_count);
/* Sets the card as a note of `weights`. Fails: GR_INVALID (a class that is no UTF-8), GR_NOMEM. */
gr_status gr_card_write(const gr_card *card, gr_weights *weights, gr_error *err) GR_MUST_CHECK;
/* Reads it back; `path` is for sentences. Gives *card (gr_card_free). Fails: GR_INVALID (none, damaged), GR_NOMEM. */
gr_status gr_card_read(const gr_weights *weights, const char *path, gr_card *card, gr_error *err) GR_MUST_CHECK;
void gr_card_free(gr_card *card);

/* The network's numbers in PyTorch's names and layouts with the card as note. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_network_export(const gr_network *network, const gr_card *card, gr_weights **out, gr_error *err) GR_MUST_CHECK;

#endif
