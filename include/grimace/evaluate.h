/* Trained models and new images: what they say of a labelled table in all numbers, and of any images in one table. */
#ifndef GRIMACE_EVALUATE_H
#define GRIMACE_EVALUATE_H

#include <signal.h>

#include "grimace/eval.h"
#include "grimace/text.h"

typedef struct gr_evaluate_options {
    const char *path;             /* the folder of a run, or a model.safetensors */
    const char *manifest;         /* the labelled table */
    const char *out;              /* DIR */
    const char *const *overrides; /* [override_count], "key=value" of evaluate.*, data.label, data.group ... */
    int override_count;
    bool force;                        /* write over what an earlier evaluation left in DIR */
    const volatile sig_atomic_t *stop; /* NULL: nobody stops it */
} gr_evaluate_options;

typedef struct gr_evaluation {
    gr_results results;         /* of the rows that were judged, one fold "new" */
    int64_t rows, judged;       /* of the table */
    int64_t unlabelled, broken; /* without a label; with a reason in the column `error` */
    int64_t known;              /* that no model may answer, for all trained on them or their group */
    gr_text said;               /* what a reader should know, a sentence a line */
    char problem[700];          /* the first broken row and how many there are; "": none */
} gr_evaluation;

/* Asks all models of a run about the images of a table, leaves out for each image those that trained on it (the same bytes
 * or name) or on its group, averages the others, and writes DIR/predictions.csv (with spread, models, carried columns and,
 * where there is one, error), results.json, results.csv, statistics.json and what else a run has (docs/evaluate.md). *out
 * GIVES (gr_evaluation_free). Fails: GR_INVALID (no such run, model, table, column; nothing can be judged; DIR holds a run,
 * or an evaluation without `force`), GR_INTERRUPTED, GR_IO, GR_NOMEM. Nothing is written then. */
gr_status gr_evaluate(const gr_evaluate_options *options, gr_evaluation *out, gr_error *err) GR_MUST_CHECK;
void gr_evaluation_free(gr_evaluation *evaluation);

typedef struct gr_predict_options {
    const char *path;          /* as above */
    const char *const *images; /* [image_count]; NULL: those of `manifest` */
    int64_t image_count;
    const char *manifest;     /* NULL: `images` */
    double threshold;         /* from which probability of the positive class on it is decided for; NaN: the run's own */
    double unsure;            /* this share of the run's own held-out images would be left undecided; 0: none is */
    const char *average_over; /* columns of the table, "animal,session": their images are taken together; NULL: none are */
    const volatile sig_atomic_t *stop;
} gr_predict_options;

typedef struct gr_predicted {
    gr_text table, said; /* CSV; what a reader should know, a sentence a line */
    int64_t rows, read;  /* images or units, and of how many something is said */
    char problem[700];   /* as above */
} gr_predicted;

/* Asks all models about images: image,predicted,p_<class>... (of other tasks their own columns), spread, models, of two
 * classes decision, the table's other columns and, where there is one, error. *out GIVES (gr_predicted_free). Fails:
 * GR_INVALID, GR_INTERRUPTED, GR_IO, GR_NOMEM. */
gr_status gr_predict(const gr_predict_options *options, gr_predicted *out, gr_error *err) GR_MUST_CHECK;
void gr_predicted_free(gr_predicted *predicted);

#endif
