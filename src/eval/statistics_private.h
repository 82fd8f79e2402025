/* The files of gr_statistics among each other. */
#ifndef GR_EVAL_STATISTICS_PRIVATE_H
#define GR_EVAL_STATISTICS_PRIVATE_H

#include "grimace/statistics.h"

/* Fills s->scored and s->scores from the predictions. Fails: GR_NOMEM. */
gr_status gr_statistics_score(gr_statistics *s, const gr_predictions *predictions, gr_error *err) GR_MUST_CHECK;

#endif
