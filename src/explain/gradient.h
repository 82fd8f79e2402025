/* The gradient of what is explained by the pixels, of a few pictures at once. */
#ifndef GR_EXPLAIN_GRADIENT_H
#define GR_EXPLAIN_GRADIENT_H

#include "explain/subject.h"

enum { GR_GRADIENT_BATCH = 16 };

typedef struct gr_gradient {
    gr_subject *subject;
    gr_plan *plan;
    int64_t batch;
    float *seeds; /* [batch, values] */
} gr_gradient;

/* Gets ready for pictures `batch` at a time. Gives *out (gr_gradient_close, also when it fails). Fails: GR_NOMEM,
 * GR_INVALID. */
gr_status gr_gradient_open(gr_subject *subject, int64_t batch, gr_gradient *out, gr_error *err) GR_MUST_CHECK;
void gr_gradient_close(gr_gradient *gradient);
/* Where pictures [batch, S, S, C] are written. Never fails. */
float *gr_gradient_pixels(const gr_gradient *gradient);
/* Runs the first n of them; the seed of picture i is seeds[i * step], of subject->values numbers, which `step` 0 takes for
 * all. Gives the gradients [n, S, S, C], BORROWED until the model is run again. Never fails. */
const float *gr_gradient_of(gr_gradient *gradient, int64_t n, const float *seeds, int64_t step);

/* What is explained, of values [values]: those that the seed [values] names, added up. Never fails. */
double gr_gradient_value(const gr_subject *subject, const float *seed, const double *values);
/* Has gr_subject_choose say what is explained of the images of a batch, with seeds [n, values] (NULL:
 * not wanted) for it. Fails: as
 * gr_subject_values. */
gr_status gr_gradient_choose(gr_subject *subject, gr_subject_way way, gr_subject_batch *images, float *seeds,
                             gr_error *err) GR_MUST_CHECK;

#endif
