/* What the networks of a label study said: study_labels.c reads it, study_scores.c writes what follows. */
#ifndef GR_RUN_STUDY_LABELS_H
#define GR_RUN_STUDY_LABELS_H

#include "run/cohort/cohort.h"
#include "run/apply/predictions.h"
#include "run/several/study.h"
#include "run/several/totals.h"

typedef struct gr_label_scores {
    const gr_study *study;
    gr_manifest manifest;        /* of the study, with every value of data.label as a class */
    gr_cohort cohort;     /* of the first label: the folds of all */
    gr_prediction_table *tables; /* [labels]: their predictions.csv, all with the same rows */
    gr_totals totals;
    const char *classes[2]; /* data.label's; [1] is the positive one */
    int64_t *row;           /* [totals.n]: of the manifest */
    double least, most;     /* totals that are possible */
} gr_label_scores;

/* Writes all files of the study, GIVES *results, and adds to the summary. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_label_scores_report(const gr_label_scores *scores, gr_results *results, gr_error *err) GR_MUST_CHECK;

#endif
