/* A recipe's network: the model and its numbers. */
#ifndef GR_LEARNERS_NETWORK_H
#define GR_LEARNERS_NETWORK_H

#include "base/base.h"
#include "grimace/models.h"
#include "grimace/plan.h"
#include "grimace/recipe.h"
#include "learners/card.h"
#include "learners/target.h"

typedef struct gr_network {
    gr_model *model;
    gr_params *params; /* NULL when only the graph was asked for */
} gr_network;

/* The model that `recipe` describes for so wide an answer. Borrows the recipe's strings and lists. Never fails. */
gr_model_options gr_network_options(const gr_recipe *recipe, gr_outputs outputs);

/* The model of `recipe` for so wide an answer with what does not train frozen and the loss added; class_weights
 * [outputs.classes] or NULL. It has no numbers yet. Fails: GR_INVALID (named by its place), GR_NOMEM. */
gr_status gr_network_build(const gr_recipe *recipe, gr_outputs outputs, const float *class_weights, gr_network *out,
                           gr_error *err) GR_MUST_CHECK;
/* The same with the numbers of the seed, without pretrained ones. `training`: with gradients.
 * Fails: GR_INVALID (named by its place), GR_NOMEM. */
gr_status gr_network_create(const gr_recipe *recipe, gr_outputs outputs, const float *class_weights, bool training,
                            gr_network *out, gr_error *err) GR_MUST_CHECK;
/* The same for training from values[count], which are copied: nothing is drawn. Fails: as gr_network_create, and GR_INTERNAL
 * (the model has another number of parameters). */
gr_status gr_network_begin(const gr_recipe *recipe, gr_outputs outputs, const float *class_weights, const float *values,
                           size_t count, gr_network *out, gr_error *err) GR_MUST_CHECK;
/* Does nothing of the backbone train? */
bool gr_network_backbone_frozen(const gr_network *network);
/* Says in one sentence what model.freeze froze, when it did. Never fails. */
void gr_network_tell_frozen(const gr_network *network, void (*notice)(void *ctx, const char *sentence), void *ctx);
/* Fills in model.pretrained, if the config has one. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_network_pretrain(const gr_recipe *recipe, gr_network *network, void (*notice)(void *ctx, const char *sentence),
                              void *ctx, gr_error *err) GR_MUST_CHECK;
void gr_network_destroy(gr_network *network);

/* The card of its network: `classes` [outputs.classes], BORROWED, NULL where there are none. Never fails. */
gr_card gr_network_card(const gr_recipe *recipe, gr_outputs outputs, const char *const *classes);
/* The network's numbers in PyTorch's names and layouts with the card as note. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_network_export(const gr_network *network, const gr_card *card, gr_weights **out, gr_error *err) GR_MUST_CHECK;

#endif
