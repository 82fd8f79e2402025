/* Gradients held back before a step. */
#ifndef GR_OPTIM_CLIP_H
#define GR_OPTIM_CLIP_H

#include "grimace/optim.h"

/* Shortens gradients in place by what the options ask for; spans[count] are the tensors that train. The sums are taken in fixed
 * blocks and in order. */
void gr_optim_clip(const gr_optim_options *options, const gr_span *spans, int count, float *gradients);

#endif
