/* Are probabilities what they say? Numbers of calibration, what is gained when the least sure rows are left out, and maps
 * that make probabilities better, fitted on predictions that nobody judges. What is undefined is NaN. */
#ifndef GRIMACE_CALIBRATION_H
#define GRIMACE_CALIBRATION_H

#include "grimace/eval.h"

/* The numbers, in the order of all files; lower is better:
 *   brier     two classes: mean (p of the positive class - is it positive)^2; more: mean over rows of the sum over classes
 *   log_loss  mean -log p of the label's class, p kept within 2^-52 and 1 - 2^-52
 *   ece       sum over 15 bins of equal width, each without its left end and with its right one, of the probability of the
 *             predicted class: share of rows in the bin * |share right - mean probability| (Guo et al. 2017) */
typedef enum gr_calibration_number { GR_BRIER = 0, GR_LOG_LOSS, GR_ECE, GR_CALIBRATION_NUMBERS } gr_calibration_number;

/* Its key. Never fails. */
const char *gr_calibration_name(gr_calibration_number number);

enum { GR_CALIBRATION_BINS = 15, GR_COVERAGE_SHARES = 11 };

/* Rows by the probability of their predicted class, in (b / 15, (b + 1) / 15]. */
typedef struct gr_calibration_bin {
    int64_t count;
    double confidence, accuracy; /* mean probability and share right; NaN in an empty bin */
} gr_calibration_bin;

typedef struct gr_calibration {
    double value[GR_CALIBRATION_NUMBERS];
    gr_calibration_bin bins[GR_CALIBRATION_BINS];
    double accuracy[GR_COVERAGE_SHARES]; /* kept at gr_coverage_share(i); rows of equal probability come in together */
    double area;                         /* under risk (1 - accuracy) against coverage */
} gr_calibration;

/* 1, 0.95 ... 0.5. Never fails. */
double gr_coverage_share(int i);
/* Of labels[n], predicted[n] and probabilities[n, class_count], BORROWED. Fails: GR_NOMEM. */
gr_status gr_calibration_compute(const int32_t *labels, const int32_t *predicted, const float *probabilities, int64_t n,
                                 int class_count, int positive, gr_calibration *out, gr_error *err) GR_MUST_CHECK;

/* Of a run: at results->calibration. */
typedef struct gr_calibration_results {
    gr_calibration *folds; /* [fold_count of gr_results]; owned */
    gr_calibration pooled;
    double mean[GR_CALIBRATION_NUMBERS], std[GR_CALIBRATION_NUMBERS]; /* over folds; std with n - 1 */
} gr_calibration_results;

/* ---- maps ---------------------------------------------------------------------------------------------------------------
 */

typedef enum gr_calibrator_kind {
    GR_CALIBRATE_NONE = 0,
    GR_CALIBRATE_TEMPERATURE, /* p^(1/T), divided by their sum; T by maximum likelihood, within 0.01 and 100 */
    GR_CALIBRATE_PLATT,    /* 1 / (1 + exp(-(slope f + intercept))), f = log(p / (1 - p)), by maximum likelihood of Platt's
                            * targets (n+ + 1) / (n+ + 2) and 1 / (n- + 2) */
    GR_CALIBRATE_ISOTONIC, /* the rising steps nearest to the labels by squares, straight between their ends, flat beyond */
    GR_CALIBRATE_KINDS
} gr_calibrator_kind;

/* "none", "temperature", ... ; NULL for no kind. Never fails. */
const char *gr_calibrator_name(int kind);
/* The kind of that name; GR_CALIBRATE_NONE where there is none. Never fails. */
gr_calibrator_kind gr_calibrator_find(const char *name);

/* Rising steps of a map: x[count] rise, y[count] do not fall. */
typedef struct gr_steps {
    int64_t count;
    double *x, *y; /* owned */
} gr_steps;

/* A fitted map of probabilities[class_count]. Of two classes the positive one is mapped and the other is the rest; of more,
 * Platt and isotonic map each against the rest, and their sum becomes 1. */
typedef struct gr_calibrator {
    gr_calibrator_kind kind;
    int class_count, positive;
    int64_t n; /* rows that it was fitted on */
    double temperature;
    double *slope, *intercept; /* [class_count]; owned */
    gr_steps *steps;           /* [class_count]; owned */
} gr_calibrator;

enum { GR_CALIBRATOR_LEAST = 10 };
/* What is wrong with n rows of which count[class_count] are of each class, in words that follow "fitted on ..."; NULL: they
 * are enough. It needs GR_CALIBRATOR_LEAST rows, and one of each class. `room` holds the words. Never fails. */
const char *gr_calibrator_too_few(int64_t n, const int64_t *count, const char *const *classes, int class_count,
                                  char room[160]);
/* Fits to probabilities[n, class_count] and labels[n], BORROWED. *out GIVES (gr_calibrator_free). Fails: GR_NOMEM,
 * GR_INVALID (too few). */
gr_status gr_calibrator_fit(gr_calibrator_kind kind, const int32_t *labels, const float *probabilities, int64_t n,
                            const char *const *classes, int class_count, int positive, gr_calibrator *out,
                            gr_error *err) GR_MUST_CHECK;
/* Maps probabilities[n, class_count] in place. Never fails. */
void gr_calibrator_apply(const gr_calibrator *calibrator, float *probabilities, int64_t n);
void gr_calibrator_free(gr_calibrator *calibrator);

/* ---- decisions -----------------------------------------------------------------------------------------------------------
 */

/* The score t in scores[n] for which the share of positives with at least t, less that of negatives, is largest (Youden
 * 1950, Cancer 3, 32-35), the smallest of equals: *threshold; NaN without positives or negatives. Fails: GR_NOMEM. */
gr_status gr_youden_threshold(const int32_t *labels, const float *probabilities, int64_t n, int class_count, int positive,
                              double *threshold, gr_error *err) GR_MUST_CHECK;
/* The probability of the predicted class that `share` of the rows do not reach: who abstains below it leaves out at most
 * that share. Fails: GR_NOMEM. */
gr_status gr_unsure_below(const int32_t *predicted, const float *probabilities, int64_t n, int class_count, double share,
                          double *below, gr_error *err) GR_MUST_CHECK;

#endif
