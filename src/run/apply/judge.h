/* gr_evaluate and gr_predict of one run, or of all models of a cross study. */
#ifndef GR_RUN_JUDGE_H
#define GR_RUN_JUDGE_H

#include "grimace/evaluate.h"

gr_status gr_evaluate_run(const gr_evaluate_options *options, gr_evaluation *out, gr_error *err) GR_MUST_CHECK;
gr_status gr_predict_run(const gr_predict_options *options, gr_predicted *out, gr_error *err) GR_MUST_CHECK;
/* May DIR be written? Fails: GR_INVALID (it holds a run; an evaluation, without options->force). */
gr_status gr_evaluation_may_write(const gr_evaluate_options *options, gr_error *err) GR_MUST_CHECK;

#endif
