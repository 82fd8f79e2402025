/* One image for model.classic lbp_svm: its vector, and what a machine says of it. */
#ifndef GR_LEARNERS_LBP_SVM_VECTOR_H
#define GR_LEARNERS_LBP_SVM_VECTOR_H

#include "base/base.h"
#include "grimace/lbp.h"
#include "grimace/svm.h"

/* The vector of an image, pixels[side, side] of one grey channel / 255; grey[side * side] is scratch, vector
 * [gr_lbp_features(lbp)]. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_lbp_svm_vector(const float *pixels, int side, const gr_lbp *lbp, uint8_t *grey, float *vector,
                            gr_error *err) GR_MUST_CHECK;
/* p of the second class is the logistic of the decision value, on the decision's side of one half; p of the first is 1 - p.
 * Never fails. */
void gr_lbp_svm_probabilities(const gr_svm *svm, const float *vector, float p[2]);

#endif
