/* Numbers and how far they vary when whole clusters of rows are left out or drawn again. */
#ifndef GR_EVAL_BY_CLUSTER_H
#define GR_EVAL_BY_CLUSTER_H

#include "eval/draw.h"
#include "grimace/clusters.h"

enum { GR_MOST_LOTS = 200 };

/* Numbers of a table whose row i counts weights[i] times. */
typedef struct gr_cluster_numbers {
    int slots; /* how many */
    void (*evaluate)(void *ctx, const int32_t *weights, double *values);
    void *ctx;
    double (*lowest)(int slot), (*highest)(int slot); /* their range */
    int count;                                        /* bootstrap samples; 0: none */
    uint64_t seed;
    double level;
} gr_cluster_numbers;

/* Fills out[slots]. `draw` has groups, and no fewer than two of them. Fails: GR_NOMEM. */
gr_status gr_by_clusters(const gr_draw *draw, const gr_cluster_numbers *numbers, gr_by_cluster *out,
                         gr_error *err) GR_MUST_CHECK;

/* The interval of the jackknife from the values with each of `lots` left out; *error: its standard error. Of a number with a range
 * it is one of the logit of the number's place in [lowest, highest], since such numbers are skewed near the ends of their range; of
 * one that has a lowest value only it is one of the logarithm of its distance from there; at an end, or where there is none, it is
 * value +- t error, cut at the range. NaN where a value is. Never fails. */
gr_interval gr_jackknife(double value, const double *left_out, int64_t lots, double level, double lowest, double highest,
                         double *error);
/* The bias-corrected and accelerated interval (Efron 1987, J. Am. Stat. Assoc. 82, 171-185) of samples[count] that are not
 * NaN, which it sorts, as SciPy's bootstrap computes it: the acceleration is the jackknife's. NaN where there are no
 * samples, all are on one side of the value, or a value left out is NaN. Never fails. */
gr_interval gr_bca(double *samples, int64_t count, double value, const double *left_out, int64_t lots, double level);

#endif
