/* Predictions and exports of models without a network: model.classic. */
#ifndef GR_LEARNERS_CLASSIC_PREDICT_H
#define GR_LEARNERS_CLASSIC_PREDICT_H

#include <signal.h>

#include "grimace/loader.h"
#include "grimace/svm.h"
#include "learners/model_files.h"
#include "learners/target.h"

/* GIVES (gr_svm_free) the machine of model `index`. Fails: GR_INVALID (damaged, incomplete, of another kind than the first),
 * GR_NOMEM. */
gr_status gr_lbp_svm_load(const gr_model_files *files, int index, gr_svm *out, gr_error *err) GR_MUST_CHECK;

/* As gr_learner.predict: writes probabilities[count, 2], the mean over all models. `loader` gives the images as
 * gr_loader_options of files->card ask for, order[count] are its samples. Fails: GR_INVALID, GR_NOMEM, GR_IO, GR_INTERRUPTED
 * (`stop`, may be NULL). */
gr_status gr_lbp_svm_predict(const gr_model_files *files, const gr_target *target, gr_loader *loader, const int64_t *order,
                             int64_t count, float *probabilities, const volatile sig_atomic_t *stop,
                             gr_error *err) GR_MUST_CHECK;

/* Writes the only model of `files` in LIBSVM's own format to `out`, and a sentence about it into `summary`. Labels are
 * indices of classes. Fails: GR_INVALID (several models), GR_IO, GR_NOMEM. */
gr_status gr_lbp_svm_export(const gr_model_files *files, const char *path, const char *out, gr_text *summary,
                            gr_error *err) GR_MUST_CHECK;

#endif
