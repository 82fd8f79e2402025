/* A frozen backbone at work: pixels in, what the head reads out. Every image's features are the same bits whatever images
 * are in the batch with it, for the plan has one batch size, and each place of it computes alike. */
#ifndef GR_LEARNERS_EXTRACTOR_H
#define GR_LEARNERS_EXTRACTOR_H

#include "base/base.h"
#include "grimace/models.h"
#include "grimace/plan.h"

enum { GR_EXTRACTOR_BATCH = 32 };

typedef struct gr_extractor gr_extractor;

/* GIVES the extractor of `model` with the numbers of `params` (both BORROWED for its life; the backbone's stay as they are).
 * Fails: GR_NOMEM, GR_INVALID (the images are too small for the backbone). */
gr_status gr_extractor_create(const gr_model *model, gr_params *params, gr_extractor **out, gr_error *err) GR_MUST_CHECK;
/* Writes features[n, width] of pixels[n, size, size, channels]; width: floats of model->head_input for one image.
 * Never fails. */
void gr_extractor_run(gr_extractor *extractor, const float *pixels, int64_t n, float *features);
void gr_extractor_destroy(gr_extractor *extractor);

#endif
