/* The files of gr_statistics among each other. */
#ifndef GR_EVAL_STATISTICS_PRIVATE_H
#define GR_EVAL_STATISTICS_PRIVATE_H

#include "grimace/statistics.h"
#include "run/write/results.h"

/* Fills s->scored and s->scores from the predictions. Fails: GR_NOMEM. */
gr_status gr_statistics_score(gr_statistics *s, const gr_predictions *predictions, gr_error *err) GR_MUST_CHECK;
/* Of s->scores: as JSON (GIVES a reference, null where there are none; NULL when memory is short), and for a reader. */
json_t *gr_statistics_scores_json(const gr_statistics *s);
void gr_statistics_scores_table(const gr_statistics *s, gr_text *out);

#endif
