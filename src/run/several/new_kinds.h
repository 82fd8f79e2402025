/* New images and a study: what each kind of it does with them. */
#ifndef GR_RUN_NEW_KINDS_H
#define GR_RUN_NEW_KINDS_H

#include "grimace/evaluate.h"

/* gr_evaluate and gr_predict of a label study, and gr_evaluate of a cross study, whose models are listed like those of a run. Fail:
 * likewise. */
gr_status gr_evaluate_labels(const gr_evaluate_options *options, gr_evaluation *out, gr_error *err) GR_MUST_CHECK;
gr_status gr_evaluate_cross(const gr_evaluate_options *options, gr_evaluation *out, gr_error *err) GR_MUST_CHECK;
gr_status gr_predict_labels(const gr_predict_options *options, gr_predicted *out, gr_error *err) GR_MUST_CHECK;

#endif
