/* Are two classifiers different on the same images? What is undefined is NaN. */
#ifndef GRIMACE_COMPARISON_H
#define GRIMACE_COMPARISON_H

#include "grimace/eval.h"

/* McNemar 1947 (Psychometrika 12, 153-157), from the images of which only one classifier is right. */
typedef struct gr_mcnemar {
    int64_t only_first, only_second;
    double exact_p;    /* two-sided binomial; 1 when neither count is above 0 */
    double chi_square; /* max(0, |b - c| - 1)^2 / (b + c): with the continuity correction; NaN when b + c is 0 */
    double chi_square_p;
} gr_mcnemar;

/* Never fails. */
gr_mcnemar gr_mcnemar_test(int64_t only_first, int64_t only_second);

/* DeLong, DeLong and Clarke-Pearson 1988 (Biometrics 44, 837-845): the areas under two ROC curves of the same images, by the
 * midranks of Sun and Xu 2014 (IEEE Signal Process. Lett. 21, 1389-1393). */
typedef struct gr_delong {
    double auroc[2], variance[2], covariance;
    gr_interval interval[2]; /* of each area: area +- z sd, cut at 0 and 1 */
    double difference;       /* first minus second */
    gr_interval difference_interval;
    double z, p; /* two-sided; 0 and 1 where the two areas and all ranks are the same */
} gr_delong;

/* From first[n] and second[n] (larger: more positive) against is_positive[n] (0 or 1), BORROWED; `level` is that of the
 * intervals. All NaN with fewer than two positives or negatives, or a score that is not finite. Fails: GR_NOMEM. */
gr_status gr_delong_test(const double *first, const double *second, const uint8_t *is_positive, int64_t n, double level,
                         gr_delong *out, gr_error *err) GR_MUST_CHECK;

#endif
