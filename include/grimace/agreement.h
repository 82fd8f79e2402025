/* How far raters agree: chance-corrected agreement of two or many, and intraclass correlations. What is undefined is NaN. */
#ifndef GRIMACE_AGREEMENT_H
#define GRIMACE_AGREEMENT_H

#include <stdint.h>

#include "grimace/base.h"
#include "grimace/interval.h"

/* How bad a disagreement of d categories out of K is: equally bad, d / (K - 1), or its square. */
typedef enum gr_kappa_weights { GR_KAPPA_PLAIN = 0, GR_KAPPA_LINEAR, GR_KAPPA_QUADRATIC } gr_kappa_weights;

typedef struct gr_kappa {
    int64_t n;
    double kappa;
    double error;         /* large-sample standard error */
    gr_interval interval; /* kappa +- z error */
} gr_kappa;

/* Cohen's kappa, weighted or not, of first[n] and second[n] in [0, categories), BORROWED (Cohen 1968, Psychol. Bull. 70,
 * 213-220; error of Fleiss, Cohen and Everitt 1969, Psychol. Bull. 72, 323-327). `level` is that of the interval.
 * Fails: GR_NOMEM, GR_INTERNAL (a category out of range). */
gr_status gr_cohen_kappa(const int32_t *first, const int32_t *second, int64_t n, int categories, gr_kappa_weights weights,
                         double level, gr_kappa *out, gr_error *err) GR_MUST_CHECK;

/* Fleiss' kappa of counts[subjects, categories], BORROWED: how many raters put a subject into a category, the same number of
 * raters for each subject (Fleiss 1971, Psychol. Bull. 76, 378-382; error under no agreement of Fleiss, Nee and Landis 1979,
 * Psychol. Bull. 86, 974-977). */
typedef struct gr_fleiss {
    int64_t subjects;
    int raters;
    double kappa, error, z, p; /* z = kappa / error; p two-sided */
} gr_fleiss;

/* Fails: GR_NOMEM, GR_INVALID (subjects with unequal numbers of raters, fewer than two raters). */
gr_status gr_fleiss_kappa(const int32_t *counts, int64_t subjects, int categories, gr_fleiss *out,
                          gr_error *err) GR_MUST_CHECK;

/* The six forms of Shrout and Fleiss 1979 (Psychol. Bull. 86, 420-428): subjects rated by other raters each (1), by the same
 * raters, who stand for all raters (2), or by the only raters of interest (3); of one rating, or of the mean of k. */
typedef enum gr_icc_form {
    GR_ICC_1_1 = 0,
    GR_ICC_2_1,
    GR_ICC_3_1,
    GR_ICC_1_K,
    GR_ICC_2_K,
    GR_ICC_3_K,
    GR_ICC_FORMS
} gr_icc_form;

typedef struct gr_icc {
    double value;
    double f, df1, df2, p; /* the F test of no differences between subjects */
    gr_interval interval;  /* by quantiles of F */
} gr_icc;

/* "ICC(2,1)"; NULL for no form. Never fails. */
const char *gr_icc_name(gr_icc_form form);
/* All six forms of ratings[subjects, raters], BORROWED and finite, with intervals at `level`. Never fails. */
void gr_intraclass(const double *ratings, int64_t subjects, int raters, double level, gr_icc out[GR_ICC_FORMS]);
/* The value of ICC(2,1) alone, which is McGraw and Wong's ICC(A,1) (1996, Psychol. Methods 1, 30-46): absolute agreement of single
 * ratings. Defined, too, where raters differ by a constant at most, which no F test can judge; NaN with fewer than two subjects
 * or raters, and where all ratings are the same. Never fails. */
double gr_icc_absolute(const double *ratings, int64_t subjects, int raters);

#endif
