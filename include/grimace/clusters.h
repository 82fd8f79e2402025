/* Rows that come in clusters, as the images of one animal do, are not independent: what that leaves of their number, and
 * tests and intervals that know of it. cluster[n] numbers each row's cluster in [0, clusters). What is undefined is NaN. */
#ifndef GRIMACE_CLUSTERS_H
#define GRIMACE_CLUSTERS_H

#include "grimace/comparison.h"
#include "grimace/scores.h"

/* How much rows of one cluster are alike, and how many independent rows they are worth. */
typedef struct gr_clustering {
    int64_t n, clusters;
    double icc; /* intraclass correlation by analysis of variance (Donner 1986, Int. Stat. Rev. 54, 67-82); NaN where all is
                 * the same, there is one cluster, or none has two rows */
    double design_effect; /* 1 + (sum of squared sizes / n - 1) icc, an icc below 0 taken as 0 (Kish 1965) */
    double effective;     /* n / design_effect */
} gr_clustering;

/* Of x[n], BORROWED. Fails: GR_NOMEM. */
gr_status gr_clustering_of(const double *x, const int64_t *cluster, int64_t n, int64_t clusters, gr_clustering *out,
                           gr_error *err) GR_MUST_CHECK;

/* x = mean + a cluster's own deviation + a row's own: the mixed model with a random intercept, by restricted maximum
 * likelihood (Patterson and Thompson 1971). Where all rows of each cluster are the same it is the t test of their means. */
typedef struct gr_mixed {
    double mean, error;     /* and its standard error */
    double between, within; /* variances of the deviations */
    double t, df, p;        /* is the mean zero? Two-sided, with clusters - 1 degrees of freedom */
    gr_interval interval;   /* of the mean */
} gr_mixed;

/* All NaN with fewer than two clusters, and where a number is not finite. Fails: GR_NOMEM. */
gr_status gr_mixed_test(const double *x, const int64_t *cluster, int64_t n, int64_t clusters, double level, gr_mixed *out,
                        gr_error *err) GR_MUST_CHECK;

/* What is known of one number when whole clusters are left out or drawn again. */
typedef struct gr_by_cluster {
    double value;
    double error; /* by the jackknife: each cluster left out once (or each of 200 lots of clusters, of more) */
    gr_interval jackknife; /* by Student's t with one degree of freedom less than there are clusters, on the logit of the
                            * number's place in its range, of MAE and RMSE on their logarithm */
    gr_interval bca; /* bias-corrected and accelerated (Efron 1987) over clusters drawn again; NaN without a bootstrap */
} gr_by_cluster;

/* The test predictions of one run by their groups. */
typedef struct gr_group_statistics {
    int64_t groups;                        /* 0: there are none, or one, and nothing else is known */
    gr_clustering right;                   /* of "the prediction is right", 1 or 0 */
    double level;                          /* of all intervals */
    int count;                             /* bootstrap samples; 0: none */
    gr_by_cluster metric[GR_METRIC_COUNT]; /* of all predictions together */
    gr_delong delong;                      /* Obuchowski's, both the same run: the area, its variance and interval */
} gr_group_statistics;

/* From predictions with labels, probabilities and groups, BORROWED; count 0: no bootstrap; the draws are those of
 * gr_bootstrap_metrics by group. Fails: GR_NOMEM, GR_INTERNAL (an index out of range). */
gr_status gr_group_statistics_make(const gr_predictions *predictions, int positive, double level, int count, uint64_t seed,
                                   gr_group_statistics *out, gr_error *err) GR_MUST_CHECK;

/* Likewise of scores: made by gr_score_statistics_make (grimace/statistics.h). */
typedef struct gr_score_group_statistics {
    int64_t groups;      /* 0: there are none, or one, and nothing else is known */
    gr_clustering apart; /* of the absolute errors */
    double level;        /* of all intervals */
    int count;           /* bootstrap samples; 0: none */
    gr_by_cluster metric[GR_SCORE_METRIC_COUNT]; /* of all rows with a label together */
} gr_score_group_statistics;

/* Is one of two runs better, judged by groups? Differences are those of the first less those of the second. */
typedef struct gr_group_comparison {
    int64_t groups;  /* 0: there are none, or one, and nothing of groups is known */
    char column[64]; /* their name, cut */
    double level;
    int count;           /* bootstrap samples and swaps */
    bool exact;          /* all 2^(groups - 1) swaps were tried instead */
    gr_clustering apart; /* of the paired differences: right or wrong (1, 0), absolute errors */
    gr_mixed mixed;      /* of the same */
    gr_by_cluster mean;  /* the mean of the same */
    double mean_p;       /* permutation test: both runs swapped in whole groups */
    /* Of classes. */
    gr_by_cluster metric[GR_METRIC_COUNT];
    double p[GR_METRIC_COUNT]; /* the same swaps; NaN of areas, whose scores need no common scale */
    gr_delong delong;          /* Obuchowski's */
    /* By folds, where both runs have the same (else NaN): the corrected t test over the folds' accuracy or MAE, and AUROC.
     */
    int64_t moved; /* images that one run tested together with others than the other run did; 0: the folds are the same */
    gr_paired_t by_fold, auroc_by_fold;
} gr_group_comparison;

typedef struct gr_group_comparison_options {
    double level;
    int count; /* at least 1 */
    uint64_t seed;
} gr_group_comparison_options;

/* Rows of both (BORROWED) stand for the same image and label; groups and folds are those of each. Groups are the first's, or
 * the second's where it has none. Fails: GR_INVALID (the count), GR_NOMEM, GR_INTERNAL. */
gr_status gr_group_comparison_make(const gr_predictions *first, const gr_predictions *second, int positive,
                                   const gr_group_comparison_options *options, gr_group_comparison *out,
                                   gr_error *err) GR_MUST_CHECK;

/* Likewise of scores: errors[k][n] are the absolute errors of run k. */
typedef struct gr_error_pairs {
    int64_t n;
    const double *errors[2];
    const char *const *images; /* [n] */
    const char *const *groups; /* [n]; NULL: none */
    const char *group_column;
    const int32_t *fold[2]; /* [n] */
    int fold_count[2];
} gr_error_pairs;
gr_status gr_group_comparison_scores(const gr_error_pairs *pairs, const gr_group_comparison_options *options,
                                     gr_group_comparison *out, gr_error *err) GR_MUST_CHECK;

#endif
