#include "learners/lbp_svm_vector.h"

#include <math.h>

gr_status gr_lbp_svm_vector(const float *pixels, int side, const gr_lbp *lbp, uint8_t *grey, float *vector, gr_error *err)
{
    for (int64_t i = 0; i < (int64_t)side * side; i++)
        grey[i] = (uint8_t)lrintf(pixels[i] * 255);
    return gr_lbp_histograms(grey, side, side, lbp, vector, err);
}

void gr_lbp_svm_probabilities(const gr_svm *svm, const float *vector, float p[2])
{
    double decision = gr_svm_decide(svm, vector);
    p[1] = (float)(1 / (1 + exp(-decision)));
    if (decision > 0 && p[1] <= 0.5f)
        p[1] = nextafterf(0.5f, 1);
    p[0] = 1 - p[1];
}
