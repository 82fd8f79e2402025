/* What trained networks say of images. */
#ifndef GR_LEARNERS_NETWORK_PREDICT_H
#define GR_LEARNERS_NETWORK_PREDICT_H

#include <signal.h>

#include "grimace/loader.h"
#include "learners/model_files.h"
#include "learners/target.h"

/* As gr_learner.predict. */
gr_status gr_network_predict(const gr_model_files *files, const gr_target *target, gr_loader *loader, const int64_t *order,
                             int64_t count, float *predictions, const volatile sig_atomic_t *stop,
                             gr_error *err) GR_MUST_CHECK;

#endif
