/* Folds without a network: histograms of local binary patterns and a linear support vector machine (model.classic). */
#ifndef GR_TRAIN_CLASSIC_H
#define GR_TRAIN_CLASSIC_H

#include "grimace/svm.h"
#include "learners/trainer.h"

/* The vectors of all images that a fold uses, made once and read by every fold. */
struct gr_classic {
    size_t features;
    float *vectors; /* [manifest.rows, features] */
};

/* The vector of an image, pixels[side, side] of one grey channel / 255; grey[side * side] is scratch, vector
 * [gr_lbp_features(lbp)]. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_classic_vector(const float *pixels, int side, const gr_lbp *lbp, uint8_t *grey, float *vector,
                            gr_error *err) GR_MUST_CHECK;
/* p of the second class is the logistic of the decision value, on the decision's side of one half; p of the first is 1 - p.
 * Never fails. */
void gr_classic_probabilities(const gr_svm *svm, const float *vector, float p[2]);

/* Does `config` ask for it? Never fails. */
bool gr_classic_wanted(const gr_config *config);
/* Fails: GR_INVALID (more than two classes, more cells than pixels, vectors too long), by the config's line. */
gr_status gr_classic_check(const gr_cohort *experiment, gr_error *err) GR_MUST_CHECK;
/* Reads the images through data.eval_transforms, as grey bytes, and makes their vectors; images are told as they are
 * checked. Gives *out (gr_classic_free). Fails: GR_INVALID (the image or the config's line is named), GR_INTERRUPTED,
 * GR_NOMEM, GR_IO. */
gr_status gr_classic_open(const gr_cohort *experiment, const gr_run_options *options, gr_classic *out,
                          gr_error *err) GR_MUST_CHECK;
void gr_classic_free(gr_classic *classic);
/* Trains, tests and writes down fold `fold` of job->classic, as gr_fold_run. Fails: as gr_run. */
gr_status gr_classic_fold(const gr_fold_job *job, int fold, gr_error *err) GR_MUST_CHECK;

#endif
