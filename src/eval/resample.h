/* Evaluating the same predictions again and again: with rows counted more or less often, or with other labels. */
#ifndef GR_EVAL_RESAMPLE_H
#define GR_EVAL_RESAMPLE_H

#include "eval/draw.h"
#include "eval/scoring.h"
#include "grimace/curves.h"

/* Everything that one repetition needs, made once. */
typedef struct gr_resample {
    const gr_predictions *p;
    int positive;
    gr_ranking *rankings; /* [class_count] */
    gr_areas *areas;      /* [class_count] */
    gr_draw draw;
    gr_metrics metrics; /* of the last repetition */
} gr_resample;

/* With `groups`, numbers predictions->groups. Fails: GR_INVALID (no groups), GR_NOMEM, GR_INTERNAL (an index out of range).
 */
gr_status gr_resample_make(const gr_predictions *p, int positive, bool groups, gr_resample *out,
                           gr_error *err) GR_MUST_CHECK;
void gr_resample_free(gr_resample *r);
/* Fills r->metrics for these labels, row i counted weights[i] times (NULL: once). Never fails. */
void gr_resample_evaluate(gr_resample *r, const int32_t *labels, const int32_t *weights);

/* Is there something to draw, at a level in (0, 1)? Fails: GR_INVALID. */
gr_status gr_bootstrap_check(const gr_bootstrap_options *options, gr_error *err) GR_MUST_CHECK;
/* From the lowest up. Never fails. */
void gr_sort_numbers(double *values, int64_t count);
/* The value below which `share` of the sorted values lie, between neighbours on a straight line. Never fails. */
double gr_percentile(const double *values, int64_t count, double share);
/* The percentile interval of values[count] that are not NaN; sorts them. NaN where there are none. Never fails. */
gr_interval gr_percentiles(double *values, int64_t count, double level);

#endif
