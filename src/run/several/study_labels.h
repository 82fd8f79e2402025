/* A label study: study_labels.c plans it, study_said.c reads what its networks said, study_totals.c writes what follows. */
#ifndef GR_RUN_STUDY_LABELS_H
#define GR_RUN_STUDY_LABELS_H

#include "run/cohort/cohort.h"
#include "run/apply/predictions.h"
#include "run/several/study.h"
#include "run/several/totals.h"

typedef struct gr_label_scores {
    const gr_study *study;
    gr_manifest manifest;        /* of the study, with every value of data.label as a class */
    gr_cohort cohort;            /* of the first label, where it has the folds of all */
    gr_split split;              /* these, for the rows of `manifest`; borrowed */
    gr_fold first;
    gr_prediction_table *tables; /* [labels]: their predictions.csv */
    int64_t count;               /* rows that all of them have, in the order of the first */
    int64_t *at;                 /* [count, labels]: where they stand */
    gr_totals totals;            /* of these rows */
    const char *classes[2];      /* data.label's; [1] is the positive one */
    int64_t *row;                /* [count]: of the manifest */
    double least, most;          /* totals that are possible */
} gr_label_scores;

/* data.label's two classes: those of the config, or all of the column. names[1] is the positive one. Fails: GR_INVALID. */
gr_status gr_labels_classes(const gr_study *study, const gr_manifest *manifest, const char *names[2], gr_error *err) GR_MUST_CHECK;
/* The row of a label's table that is row i of the totals. Never fails. */
int64_t gr_label_row(const gr_label_scores *scores, int label, int64_t i);

/* Reads what the networks said and sums it. *scores is to be closed, also after a failure. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_label_scores_open(const gr_study *study, gr_label_scores *scores, gr_error *err) GR_MUST_CHECK;
void gr_label_scores_close(gr_label_scores *scores);

#endif
