/* ROC and precision-recall curves, and how far their areas and all other metrics vary when the test images are drawn again.
 */
#ifndef GRIMACE_CURVES_H
#define GRIMACE_CURVES_H

#include "grimace/eval.h"

/* A curve's points, one for each distinct score from the highest down: a row counts as positive from `threshold` up. The
 * first point is that of a threshold above all scores (infinite). */
typedef struct gr_curve {
    int64_t count;
    double *x, *y, *threshold; /* [count], owned */
} gr_curve;

/* The ROC curve of scores[n] (larger: more positive) against is_positive[n] (0 or 1), BORROWED: x = false positives over
 * negatives, y = true positives over positives, from (0, 0) to (1, 1). *out GIVES (gr_curve_free); it is empty where there
 * are only positives or only negatives, or a score is NaN. Fails: GR_NOMEM. */
gr_status gr_roc_curve(const double *scores, const uint8_t *is_positive, int64_t n, gr_curve *out,
                       gr_error *err) GR_MUST_CHECK;
/* Likewise the precision-recall curve: x = recall, y = precision, from (0, 1). Fails: GR_NOMEM. */
gr_status gr_pr_curve(const double *scores, const uint8_t *is_positive, int64_t n, gr_curve *out,
                      gr_error *err) GR_MUST_CHECK;
void gr_curve_free(gr_curve *curve);

typedef struct gr_bootstrap_options {
    int count;     /* samples drawn with replacement; at least 1 */
    double level;  /* of the percentile interval, in (0, 1): 0.9 gives the 5th and the 95th percentile, as in DeepMGS */
    bool by_group; /* draw whole groups (animals), not single images: images of one animal are not independent. An image comes
                    * with all its predictions, where several folds tested it (repeated cross-validation) */
    uint64_t seed;
} gr_bootstrap_options;

/* Percentile intervals of every metric of all predictions together (Efron and Tibshirani 1993, chapter 13; percentiles are
 * interpolated as NumPy does). A sample in which a metric is undefined is left out of its interval. */
typedef struct gr_bootstrap {
    gr_bootstrap_options options;
    int class_count;
    gr_interval metric[GR_METRIC_COUNT];
    gr_interval (*classes)[GR_METRIC_COUNT]; /* [class_count], of each class against the rest; owned */
    /* One-sided p of no better than chance: (1 + samples at or below it) / (1 + samples), where chance is 0.5 for AUROC and
     * the sample's share of positives for average precision. */
    double auroc_p, auprc_p;
} gr_bootstrap;

/* From `predictions` with labels and probabilities (BORROWED). The same seed gives the same bits. *out GIVES
 * (gr_bootstrap_free). Fails: GR_INVALID (by_group without groups), GR_NOMEM, GR_INTERNAL (an index out of range). */
gr_status gr_bootstrap_metrics(const gr_predictions *predictions, int positive, const gr_bootstrap_options *options,
                               gr_bootstrap *out, gr_error *err) GR_MUST_CHECK;
void gr_bootstrap_free(gr_bootstrap *bootstrap);
/* GIVES a copy, gr_alloc'd. Fails: GR_NOMEM. */
gr_status gr_bootstrap_copy(const gr_bootstrap *bootstrap, gr_bootstrap **out, gr_error *err) GR_MUST_CHECK;

/* The same, kept in results->bootstrap (of the same predictions), so that it is written and printed with them. Fails:
 * likewise. */
gr_status gr_results_bootstrap(gr_results *results, const gr_predictions *predictions, const gr_bootstrap_options *options,
                               gr_error *err) GR_MUST_CHECK;

/* Do the predictions know more about the labels than chance? The labels are shuffled options->count times over the images
 * (by_group: within each group only, so that each animal keeps its share of positives), the metrics computed anew each time.
 * p[metric] is (1 + shuffles at least as good) / (1 + shuffles) (Phipson and Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9,
 * 39), NaN where the metric itself is undefined. options->level is not used. Fails: as gr_bootstrap_metrics. */
gr_status gr_permutation_test(const gr_predictions *predictions, int positive, const gr_bootstrap_options *options,
                              double p[GR_METRIC_COUNT], gr_error *err) GR_MUST_CHECK;

#endif
