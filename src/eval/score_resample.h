/* One column of scores drawn again, and shuffled against chance. */
#ifndef GR_EVAL_SCORE_RESAMPLE_H
#define GR_EVAL_SCORE_RESAMPLE_H

#include "eval/score_results.h"
#include "grimace/clusters.h"
#include "grimace/curves.h"

/* The rows of a column whose truth is known, closed up. */
typedef struct gr_known_scores {
    int64_t count;
    double *truth, *predicted;      /* [count] */
    const char **images, **groups;  /* [count]; of no use where the predictions have none */
    bool has_images, has_groups;
    bool repeated; /* an image has several rows: they are not independent */
} gr_known_scores;

/* Of `column` of `predictions` (BORROWED). GIVES (gr_known_scores_free, also on failure). Fails: GR_NOMEM. */
gr_status gr_known_scores_make(const gr_score_predictions *predictions, const gr_score_column *column, gr_known_scores *out,
                               gr_error *err) GR_MUST_CHECK;
void gr_known_scores_free(gr_known_scores *scores);

/* Percentile intervals of every number. Fails: GR_INVALID (options; by_group without groups), GR_NOMEM. */
gr_status gr_score_bootstrap(const gr_known_scores *scores, const gr_bootstrap_options *options,
                             gr_interval out[GR_SCORE_METRIC_COUNT], gr_error *err) GR_MUST_CHECK;
/* Every number by whole groups: jackknife, and with count above 0 BCa of samples that are those of gr_score_bootstrap by group.
 * Fails: GR_NOMEM. */
gr_status gr_score_by_groups(const gr_known_scores *scores, double level, int count, uint64_t seed, gr_score_group_statistics *out,
                             gr_error *err) GR_MUST_CHECK;
/* p[metric] as in gr_permutation_test, of the numbers that runs can be ranked by; NaN of the others. Fails: likewise. */
gr_status gr_score_permutation(const gr_known_scores *scores, const gr_bootstrap_options *options, double p[GR_SCORE_METRIC_COUNT],
                               gr_error *err) GR_MUST_CHECK;

#endif
