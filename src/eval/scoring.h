/* The arithmetic of metrics, shared by one evaluation and by thousands of resampled ones: rows are ranked once, then counted
 * with weights. */
#ifndef GR_EVAL_SCORING_H
#define GR_EVAL_SCORING_H

#include <stdbool.h>

#include "eval/formulas.h"
#include "grimace/eval.h"

/* Rows by decreasing score of one class. */
typedef struct gr_ranking {
    int64_t n;      /* 0 where a score is NaN: no areas */
    int64_t *rows;  /* [n] */
    double *scores; /* [n], of those rows */
} gr_ranking;

/* Of scores[i * stride] for i in [0, n); GIVES (gr_ranking_free). Fails: GR_NOMEM. */
gr_status gr_ranking_make(const float *scores, int64_t n, int stride, gr_ranking *out, gr_error *err) GR_MUST_CHECK;
gr_status gr_ranking_make_double(const double *scores, int64_t n, gr_ranking *out, gr_error *err) GR_MUST_CHECK;
void gr_ranking_free(gr_ranking *ranking);

/* The areas where row i counts weights[i] times (NULL: once) and is positive when labels[i] == positive. NaN where all are
 * positive or none is. Never fails. */
gr_areas gr_ranked_areas(const gr_ranking *ranking, const int32_t *labels, int positive, const int32_t *weights);

/* Counts confusion[class_count, class_count] with weights as above; indices are in range. Never fails. */
void gr_count_confusion(const int32_t *labels, const int32_t *predicted, const int32_t *weights, int64_t n, int class_count,
                        int64_t *confusion);
/* What the numbers of a confusion matrix [classes, classes] follow from, where `about` has the counts of the class in question.
 * Never fails. */
gr_evidence gr_evidence_of(const int64_t *confusion, int classes, const gr_class_metrics *about);
/* Fills *m from its confusion matrix: its values and those of its classes, areas set to NaN. Never fails. */
void gr_metrics_from_counts(gr_metrics *m, int positive);
/* Fills the areas of *m from areas[class_count]. Never fails. */
void gr_metrics_put_areas(gr_metrics *m, const gr_areas *areas, int positive);
/* Room for one evaluation. Fails: GR_NOMEM. */
gr_status gr_metrics_make(int64_t n, int class_count, gr_metrics *out, gr_error *err) GR_MUST_CHECK;

#endif
