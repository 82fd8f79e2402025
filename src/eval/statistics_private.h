/* The files of gr_statistics among each other. */
#ifndef GR_EVAL_STATISTICS_PRIVATE_H
#define GR_EVAL_STATISTICS_PRIVATE_H

#include "eval/score_results.h"
#include "grimace/statistics.h"

/* Begins *out of predictions of images[count] (NULL: each is its own). Fails: GR_INVALID (the level), GR_NOMEM;
 * gr_statistics_free then frees what was made. */
gr_status gr_statistics_begin(const char *const *images, int64_t count, const gr_statistics_options *options,
                              gr_statistics *out, gr_error *err) GR_MUST_CHECK;

/* Fills s->scored and s->scores from the predictions. Fails: GR_NOMEM. */
gr_status gr_statistics_score(gr_statistics *s, const gr_predictions *predictions, gr_error *err) GR_MUST_CHECK;

/* How closely one column of scores (BORROWED, as the images and groups of `predictions`) agrees; where a bootstrap is asked
 * for, *bootstrap becomes its intervals (GIVES, also on failure). Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_statistics_agree(const gr_score_predictions *predictions, const gr_score_column *column,
                              const gr_statistics_options *options, gr_score_agreement *out, gr_interval **bootstrap,
                              gr_error *err) GR_MUST_CHECK;

/* The values of a column as folds. */
typedef struct gr_parted {
    const char *names[GR_MOST_VALUES];
    int count;
    int32_t *of_row;
} gr_parted;

/* Numbers values[rows] in the order of their bytes, and makes room for one more of s->by. Whatever comes of it,
 * gr_statistics_parted follows. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_statistics_part(gr_statistics *s, const char *column, const char *const *values, int64_t rows, gr_parted *out,
                             gr_error *err) GR_MUST_CHECK;
/* Counts the results that were put there, where `status` is GR_OK, and returns it. */
gr_status gr_statistics_parted(gr_statistics *s, gr_parted *parted, gr_status status);

#endif
