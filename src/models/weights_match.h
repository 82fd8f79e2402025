/* Which tensor of a file is for which parameter, whatever stands in front of the names. */
#ifndef GR_MODELS_WEIGHTS_MATCH_H
#define GR_MODELS_WEIGHTS_MATCH_H

#include "base/base.h"
#include "grimace/models.h"

typedef struct gr_match {
    int *parameter;      /* [tensors of the file]: the parameter's index, GR_MATCH_NONE or GR_MATCH_RIVAL */
    const char *prefix;  /* what stands in front of the names that are taken; "": nothing */
    const char *rival;   /* what stands in front of another set of tensors that would fit; NULL: there is none */
    const char *wrapper; /* a part of names that a wrapper put among them and that was passed over, or NULL */
    gr_arena *arena;     /* holds the texts */
} gr_match;

enum {
    GR_MATCH_NONE = -1, /* the model has no such parameter */
    GR_MATCH_RIVAL = -2 /* of the set that was not taken */
};

/* Matches the tensors of `weights` (names of grimace or of torchvision) with the parameters of `model`. Of a teacher and its
 * student, or a moving average and what it is the average of, the first is taken. GIVES *out (gr_match_free). Fails: GR_INVALID
 * (two sets fit and nothing tells which is meant), GR_NOMEM. */
gr_status gr_match_names(const gr_model *model, const gr_weights *weights, gr_match *out, gr_error *err) GR_MUST_CHECK;
void gr_match_free(gr_match *match);

/* The parameter's shape in a file: [OC, C, KH, KW] for a convolution. Never fails. */
gr_shape gr_parameter_file_shape(const gr_parameter *param);
/* Is `shape` that of a convolution over three colours where the model has one channel? Then its kernels can be summed. Never fails.
 */
bool gr_parameter_takes_sum(const gr_parameter *param, const gr_shape *shape);

#endif
