/* The matrix of a cross study: what study_cross.c tests, study_matrix.c collects and writes. */
#ifndef GR_RUN_SEVERAL_STUDY_MATRIX_H
#define GR_RUN_SEVERAL_STUDY_MATRIX_H

#include "run/cohort/cohort.h"
#include "run/several/study.h"

/* One cell of the matrix. */
typedef struct gr_cell {
    gr_results results; /* class_count 0: nothing could be tested */
    int64_t left_out;   /* rows, over folds, whose animal trained */
} gr_cell;

typedef struct gr_matrix {
    const gr_study *study;
    gr_cohort *cohorts; /* [members] */
    gr_cell *cells;             /* [members, members], row: trained on */
} gr_matrix;

/* Predictions under way. Zero-initialise it. */
typedef struct gr_heap {
    int64_t count, room;
    const char **images, **groups;
    int32_t *fold, *labels, *predicted;
    float *probabilities;
} gr_heap;

/* Room for so many predictions; false when memory is short. */
bool gr_heap_open(gr_heap *heap, int64_t room, int classes) GR_MUST_CHECK;
void gr_heap_free(gr_heap *heap);
/* As predictions with the classes and the group of `manifest` and folds[fold_count]; all BORROWED. */
gr_predictions gr_heap_predictions(const gr_heap *heap, const gr_manifest *manifest, const char *const *folds,
                                   int fold_count);
/* Adds all of `table`, whose fold f becomes first + f. Never fails: there is room. */
void gr_heap_add(gr_heap *heap, const gr_predictions *table, int first);

/* RUN/test-B/train-A/fold-F.csv; without a fold, its folder. GIVES (gr_free), NULL when memory is short. */
char *gr_matrix_path(const gr_matrix *matrix, int trained, int tested, const char *fold) GR_MUST_CHECK;

/* When all is tested: fills the cells and writes RUN's files; GIVES *results. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_matrix_report(gr_matrix *matrix, gr_results *results, gr_error *err) GR_MUST_CHECK;

#endif
