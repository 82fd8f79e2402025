/* How two measurements of the same things go together: correlations, the straight line, limits of agreement. All arrays are
 * BORROWED. `level` in (0, 1) is that of the intervals, such as 0.95. What is undefined (too few pairs, a constant) is NaN;
 * values that are not finite make everything NaN. */
#ifndef GRIMACE_CORRELATION_H
#define GRIMACE_CORRELATION_H

#include "grimace/eval.h"

typedef struct gr_correlation {
    int64_t n;
    double r;
    double p; /* two-sided, of no correlation: r sqrt((n - 2) / (1 - r^2)) has Student's t with n - 2 degrees of freedom */
    gr_interval interval;
} gr_correlation;

/* Pearson's product-moment correlation of x[n] and y[n]; interval by Fisher's transformation, atanh(r) +- z / sqrt(n - 3).
 * Never fails. */
gr_correlation gr_pearson(const double *x, const double *y, int64_t n, double level);

/* Spearman's: Pearson's correlation of the ranks, equal values sharing their mean rank. Interval by Fisher's transformation
 * with the variance (1 + r^2 / 2) / (n - 3) of Bonett and Wright 2000 (Psychometrika 65, 23-28). Fails: GR_NOMEM. */
gr_status gr_spearman(const double *x, const double *y, int64_t n, double level, gr_correlation *out,
                      gr_error *err) GR_MUST_CHECK;

/* y = intercept + slope x by least squares; errors, intervals and p (two-sided, of zero) by Student's t with n - 2 degrees
 * of freedom. */
typedef struct gr_regression {
    int64_t n;
    double slope, intercept, r2;
    double residual_sd; /* with n - 2 */
    double slope_error, intercept_error;
    double slope_p, intercept_p;
    gr_interval slope_interval, intercept_interval;
} gr_regression;

/* Never fails. */
gr_regression gr_linear_regression(const double *x, const double *y, int64_t n, double level);

/* Bland and Altman 1986 (Lancet 327, 307-310) and 1999 (Stat. Methods Med. Res. 8, 135-160): the differences first - second,
 * their mean and the limits bias +- z sd, where z is 1.96 for the level 0.95. */
typedef struct gr_bland_altman {
    int64_t n;
    double bias, sd;              /* sd with n - 1 */
    double lower, upper;          /* the limits of agreement */
    gr_interval bias_interval;    /* bias +- t sd / sqrt(n) */
    gr_interval lower_interval;   /* lower +- t sd sqrt(1 / n + z^2 / (2 (n - 1))), as in 1999 */
    gr_interval upper_interval;   /* likewise; t with n - 1 degrees of freedom */
    int64_t below, within, above; /* differences below, within (ends included) and above the limits */
    gr_correlation trend;         /* Pearson's of the difference with the mean of both: a bias that grows with the value */
} gr_bland_altman;

/* Fails: GR_NOMEM. */
gr_status gr_bland_altman_limits(const double *first, const double *second, int64_t n, double level, gr_bland_altman *out,
                                 gr_error *err) GR_MUST_CHECK;

/* Do two measurements 1 and 2 of the same n things correlate differently with the same truth 0? Williams's test in the form
 * that Steiger 1980 recommends (Psychol. Bull. 87, 245-251, his equation 7). */
typedef struct gr_williams {
    double t, df;     /* df = n - 3 */
    double p;         /* two-sided */
    double p_greater; /* one-sided: that r01 is the greater one by chance */
} gr_williams;

/* From the three correlations r01, r02 and r12. Never fails. */
gr_williams gr_williams_test(double r01, double r02, double r12, int64_t n);

#endif
