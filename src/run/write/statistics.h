/* The parts of statistics.json and of its table that have files of their own. */
#ifndef GR_RUN_WRITE_STATISTICS_H
#define GR_RUN_WRITE_STATISTICS_H

#include "grimace/results.h"
#include "run/write/pieces.h"

/* Of s->scores: as JSON (GIVES a reference, null where there are none; NULL when memory is short), and for a reader. */
json_t *gr_statistics_scores_json(const gr_statistics *s);
void gr_statistics_scores_table(const gr_statistics *s, gr_text *out);

#endif
