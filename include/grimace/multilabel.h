/* Several columns of classes that one model answers at once, such as five action units of the classes 0, 1, 2: the numbers
 * of each column, of all together, and of their total. What is undefined is NaN. L: columns; K: classes, the same for all.
 */
#ifndef GRIMACE_MULTILABEL_H
#define GRIMACE_MULTILABEL_H

#include "grimace/scores.h"

/* The test predictions of a run, or those of `grimace predict`; everything BORROWED. Rows are written in the order given. */
typedef struct gr_label_predictions {
    int64_t count;
    int label_count;          /* L */
    const char *const *names; /* [L], the columns of labels; none is called "total" */
    int class_count;          /* K */
    const char *const *classes;
    int fold_count;             /* 0: none are named */
    const char *const *folds;   /* [fold_count], names */
    const char *group_column;   /* NULL: no groups */
    const char *const *images;  /* [count], as the manifest spells them; NULL: nobody asks */
    const char *const *groups;  /* [count]; NULL: no groups */
    const int32_t *fold;        /* [count], index in folds */
    const int32_t *labels;      /* [count, L], -1 where not known; NULL: unknown */
    const int32_t *predicted;   /* [count, L] */
    const float *probabilities; /* [count, L, K] */
} gr_label_predictions;

/* The results that these hang at have of each fold and of all together `n` (images with a label), GR_METRIC_ACCURACY (the
 * share of right answers among all known labels of all images) and GR_METRIC_F1_MACRO (the mean over the columns where it is
 * defined); their other metrics are NaN, and they name no classes. */
typedef struct gr_label_results {
    int count;        /* L */
    char **names;     /* [L]; owned */
    gr_results *each; /* [L]: of one column alone, in the rows that have its label; owned */
    int64_t *answers; /* [fold_count + 1]: known labels of all images, in each fold, then pooled; owned */
    bool has_total;   /* the classes are named after numbers */
    /* The sums of these over the columns, those of predicted classes as the prediction; of the rows whose labels are all
     * known. */
    gr_score_summary total;
    gr_bootstrap_options bootstrap; /* of each column and of the total; count 0: none was made */
} gr_label_results;

/* Evaluates `predictions` (with labels, folds and probabilities) fold by fold and pooled; `positive` is the class that the
 * metrics of each column are about. *out GIVES (gr_results_free) with out->labels, and keeps nothing of what is BORROWED.
 * Fails: GR_NOMEM, GR_INTERNAL. */
gr_status gr_label_results_make(const char *name, const gr_label_predictions *predictions, int positive, gr_results *out,
                                gr_error *err) GR_MUST_CHECK;

/* One column alone. */
typedef struct gr_label_column {
    gr_predictions predictions; /* of the rows that have its label */
    const int64_t *rows;        /* [predictions.count], of the table */
    void *memory;
} gr_label_column;

/* Takes column `label` out of `predictions` (BORROWED as long as *out is used). *out GIVES (gr_label_column_free). Fails:
 * GR_NOMEM. */
gr_status gr_label_column_make(const gr_label_predictions *predictions, int label, gr_label_column *out,
                               gr_error *err) GR_MUST_CHECK;
void gr_label_column_free(gr_label_column *column);

#endif
