/* What Grad-CAM and its kin share: the feature map of a layer, weighted channel by channel by what the gradients there say.
 */
#ifndef GR_EXPLAIN_CAM_H
#define GR_EXPLAIN_CAM_H

#include "explain/method.h"

/* The weight of one channel of one image: `map` and `gradient` are its first numbers, of `cells` each, `step` apart. */
typedef double (*gr_cam_weight)(const float *map, const float *gradient, int64_t cells, int64_t step);

/* gr_method.open with the weights of the method. Fails: GR_INVALID (no such layer), GR_NOMEM. */
gr_status gr_cam_open(gr_subject *subject, const gr_explain_options *options, int64_t batch, gr_cam_weight weight,
                      gr_method_at *at, void **state, gr_error *err) GR_MUST_CHECK;
/* gr_method.close and .run: cells are max(sum over channels of weight * map, 0). */
void gr_cam_close(void *state);
gr_status gr_cam_run(void *state, gr_method_batch *batch, gr_error *err) GR_MUST_CHECK;

#endif
