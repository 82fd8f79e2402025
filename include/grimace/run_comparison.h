/* Two runs on the same images: is one better than the other? */
#ifndef GRIMACE_RUN_COMPARISON_H
#define GRIMACE_RUN_COMPARISON_H

#include <stdbool.h>

#include "grimace/clusters.h"
#include "grimace/correlation.h"

typedef struct gr_run_comparison {
    int64_t n;     /* paired predictions */
    bool by_image; /* paired by the image alone: each has one prediction in each run */
    double level;  /* of all intervals */
    char label[64]; /* the column of several that is compared, "total" included, cut; "": there is one */

    /* Of classes. */
    int class_count;           /* 0: of scores */
    char positive[64];         /* the name of the positive class, cut */
    double accuracy[2], f1[2]; /* of all predictions of each run together */
    gr_mcnemar mcnemar;
    gr_delong delong;          /* of the positive class against the rest */
    bool ordered;              /* one of the runs has them in order: `mae` and `kappa_quadratic` are of predicted classes */
    double kappa_quadratic[2];

    /* Of scores, and of classes in order. */
    double mae[2];

    /* Of scores; differences are those of the first run less those of the second. */
    double rmse[2], bias[2];
    gr_paired_t absolute;    /* of |predicted - true| */
    gr_signed_rank ranks;    /* of the same */
    gr_paired_t difference;  /* of predicted - true: of the biases */

    /* Of scores; and where all class names are numbers: then an image's score is the sum of number times probability, its
     * truth the label's number. Pearson's correlations of the scores with the truth and with each other, and Williams's
     * test. */
    bool scored;
    gr_correlation truth[2], scores;
    gr_williams williams; /* t above 0: the first run goes with the truth more closely */

    gr_group_comparison groups; /* what is known by animals and by folds */
} gr_run_comparison;

/* Reads the predictions of `first` and `second`, each the folder of a run or a table like predictions.csv, pairs their rows
 * by image (by image and fold where an image occurs in several folds), and compares them. The positive class is that of the
 * run's config (null, or no config: the last); options->level is that of the intervals, such as 0.95. Of several columns of labels
 * `label` says which is compared, in the rows that have its label; NULL: their total. Groups are drawn again and swapped
 * options->count times. Fails: GR_INVALID (a file is absent or
 * not such a table; what is predicted, classes, positive class, images, folds or labels differ; no such column; level not in
 * (0, 1)), GR_NOMEM. */
gr_status gr_run_comparison_make(const char *first, const char *second, const char *label,
                                 const gr_group_comparison_options *options, gr_run_comparison *out,
                                 gr_error *err) GR_MUST_CHECK;
/* Writes all of it as JSON to `path`, numbers not rounded. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_run_comparison_write(const gr_run_comparison *comparison, const char *path, gr_error *err) GR_MUST_CHECK;

#endif
