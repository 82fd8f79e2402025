/* Evaluating the same predictions again and again: with rows counted more or less often, or with other labels. */
#ifndef GR_EVAL_RESAMPLE_H
#define GR_EVAL_RESAMPLE_H

#include "eval/scoring.h"
#include "grimace/curves.h"

/* Everything that one repetition needs, made once. */
typedef struct gr_resample {
    const gr_predictions *p;
    int positive;
    gr_ranking *rankings; /* [class_count] */
    gr_areas *areas;      /* [class_count] */
    int64_t *group;       /* [count], numbered from 0 in the order of appearance; NULL unless asked for */
    int64_t group_count;
    /* Where images have several predictions (repeated cross-validation) of one label each: [count], numbered likewise, since
     * predictions of one image are not independent; else NULL, and each row is on its own. */
    int64_t *image;
    int64_t image_count;
    gr_metrics metrics; /* of the last repetition */
} gr_resample;

/* With `groups`, numbers predictions->groups. Fails: GR_INVALID (no groups), GR_NOMEM, GR_INTERNAL (an index out of range).
 */
gr_status gr_resample_make(const gr_predictions *p, int positive, bool groups, gr_resample *out,
                           gr_error *err) GR_MUST_CHECK;
void gr_resample_free(gr_resample *r);
/* Fills r->metrics for these labels, row i counted weights[i] times (NULL: once). Never fails. */
void gr_resample_evaluate(gr_resample *r, const int32_t *labels, const int32_t *weights);
/* Draws weights[count] with replacement: whole groups where they are numbered, else images with all their rows. draws[count]
 * is scratch. The stream is that of (seed, GR_FOR_BOOTSTRAP, 0, sample). Never fails. */
void gr_resample_draw(const gr_resample *r, uint64_t seed, uint64_t sample, int32_t *draws, int32_t *weights);

/* The percentile interval of values[count] that are not NaN; sorts them. NaN where there are none. Never fails. */
gr_interval gr_percentiles(double *values, int64_t count, double level);

#endif
