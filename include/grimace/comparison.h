/* Are two classifiers, or two ways to predict a score, different on the same images? What is undefined is NaN. */
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

/* As gr_delong_test, with the variances for clustered rows (Obuchowski 1997, Biometrics 53, 567-578): cluster[n] numbers each
 * row's cluster, such as its animal, in [0, clusters). NaN also where fewer than two clusters have a positive, or fewer than two
 * a negative. Fails: GR_NOMEM. */
gr_status gr_delong_clustered_test(const double *first, const double *second, const uint8_t *is_positive,
                                   const int64_t *cluster, int64_t clusters, int64_t n, double level, gr_delong *out,
                                   gr_error *err) GR_MUST_CHECK;

/* Student's t test of n differences d = first - second: is their mean zero? */
typedef struct gr_paired_t {
    int64_t n;
    double mean, sd;      /* of d; sd with n - 1 */
    double t, df, p;      /* t = mean sqrt(n) / sd with n - 1 degrees of freedom; two-sided; NaN where all d are the same */
    gr_interval interval; /* of the mean */
} gr_paired_t;

/* From first[n] and second[n], BORROWED; `level` is that of the interval. All NaN but n where a number is not finite. Never
 * fails. */
gr_paired_t gr_paired_t_test(const double *first, const double *second, int64_t n, double level);

/* The same for numbers of the folds of a cross-validation, whose training parts overlap: the corrected resampled t test (Nadeau
 * and Bengio 2003, Mach. Learn. 52, 239-281), with the variance sd^2 (1 / n + tested), where `tested` is the size of a test part
 * over that of a training part. Never fails. */
gr_paired_t gr_corrected_t_test(const double *first, const double *second, int64_t n, double tested, double level);

/* Wilcoxon 1945 (Biometrics Bull. 1, 80-83): the signed ranks of n differences d = first - second, those of zero left out,
 * equal ones sharing their mean rank. The p is two-sided: exact, of all signs that the ranks can have, for up to 50
 * differences without ties and zeros, and for up to 13 of any kind; else of the normal distribution, its variance lessened
 * by the ties, without a correction for continuity. That is how SciPy's wilcoxon chooses. */
typedef struct gr_signed_rank {
    int64_t n;          /* differences that are not zero */
    double plus, minus; /* the sums of the ranks of d above and below zero */
    bool exact;
    double z; /* of the normal approximation, above 0 where `plus` is the larger sum; NaN where p is exact */
    double p;
} gr_signed_rank;

/* From first[n] and second[n], BORROWED. NaN where a number is not finite. Fails: GR_NOMEM. */
gr_status gr_signed_rank_test(const double *first, const double *second, int64_t n, gr_signed_rank *out,
                              gr_error *err) GR_MUST_CHECK;

#endif
