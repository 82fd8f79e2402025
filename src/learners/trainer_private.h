/* The trainer's state, shared by its files: trainer.c (epochs and steps), input.c (batches), evaluate.c (forward passes),
 * persist.c (what goes to disk and comes back). */
#ifndef GR_TRAIN_TRAINER_PRIVATE_H
#define GR_TRAIN_TRAINER_PRIVATE_H

#include <jansson.h>

#include "learners/checkpoint.h"
#include "learners/extractor.h"
#include "grimace/plan.h"
#include "learners/trainer.h"

/* Full batch and remainder of training; full batch, and remainders of validation and test. */
enum { MOST_PLANS = 5 };

typedef struct gr_compiled {
    int64_t batch;
    bool training;
    gr_plan *plan;
} gr_compiled;

/* A number of the epochs, and what it says of them. All of it follows from the lines of metrics.jsonl, so that no checkpoint
 * needs to hold it. */
typedef struct gr_watch {
    const char *metric; /* NULL: nothing is watched */
    bool falls;         /* it gets better by falling */
    double min_delta;
    double best;
    int64_t best_epoch, last_epoch; /* from 1; 0: none yet */
} gr_watch;

/* Where batches come from: images, or a table of features. */
typedef struct gr_batches {
    const gr_feature_table *table; /* NULL: images */
    gr_loader *loader;             /* of images */
    const int64_t *order;          /* of a table: the samples to come */
    int64_t count;
} gr_batches;

/* Rows of one part of the fold. */
typedef struct gr_rows {
    int64_t *rows;
    int64_t count;
} gr_rows;

typedef struct gr_trainer {
    const gr_fold_job *job;
    const gr_config *config;
    const gr_manifest *manifest;
    int fold;
    gr_network network;
    gr_workspace *workspace;
    gr_compiled plans[MOST_PLANS];
    int plan_count;
    gr_optim *optim;
    gr_schedule schedule;
    gr_batches inputs[2];    /* of evaluation, of training */
    gr_extractor *extractor; /* the frozen backbone, where an input has no table; NULL: there is none */
    gr_rows train, val, test;
    float *val_predictions; /* [val.count, gr_cohort_row] */
    int64_t *order, epoch_images, epoch_steps; /* what an epoch visits: sample indices */
    gr_position at;
    gr_watch stopping, keeping;
    float *kept;       /* the parameters of keeping.best_epoch; NULL: the last ones are kept */
    gr_text metrics; /* the lines of the epochs that are done */
    uint64_t fingerprint;
    char *checkpoint_path, *metrics_path, *model_path;
    double checkpoint_time, checkpoint_cost; /* when the last one was written, and how long that took */
} gr_trainer;

/* Sums over the images of a forward pass. */
typedef struct gr_sums {
    double loss, ce, prsc;
    int64_t correct;
} gr_sums;

/* watch.c */
gr_status gr_trainer_watch(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
/* Takes note of an epoch's line; true: it is the one to keep so far. */
bool gr_trainer_see(gr_trainer *t, const json_t *line);
/* Takes note of all lines of t->metrics. Fails: GR_INVALID (no such lines). */
gr_status gr_trainer_see_all(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
/* Are all epochs done, or enough? */
bool gr_trainer_trained(const gr_trainer *t);
/* Which epoch a fold of `config` keeps, by the lines of its metrics.jsonl; `path` is for sentences. Fails: GR_INVALID. */
gr_status gr_kept_of(const gr_config *config, const char *path, const char *metrics, gr_kept *out,
                     gr_error *err) GR_MUST_CHECK;
/* Tells it, and whether training was stopped early, where there is anything to tell. */
void gr_trainer_tell_kept(gr_trainer *t);

/* evaluate.c */
gr_status gr_trainer_plan(gr_trainer *t, int64_t batch, bool training, gr_plan **out, gr_error *err) GR_MUST_CHECK;
/* Compiles every plan that the fold will need. */
gr_status gr_trainer_compile(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
/* Adds the batch that `plan` has run forward to *sums; false when its loss, which is `value`, is not finite. */
bool gr_trainer_count(gr_trainer *t, gr_plan *plan, const gr_value *value, const int64_t *indices, int64_t n, gr_sums *sums);
/* Runs the rows at inference; adds to *sums, and writes predictions[count, gr_cohort_row] where not NULL. */
gr_status gr_trainer_evaluate(gr_trainer *t, const gr_rows *part, float *predictions, gr_sums *sums,
                              gr_error *err) GR_MUST_CHECK;
/* Runs the validation part and fills its numbers of the epoch. Fails: GR_INTERRUPTED (nothing is changed) and as above. */
gr_status gr_trainer_validate(gr_trainer *t, gr_epoch_numbers *numbers, gr_error *err) GR_MUST_CHECK;
bool gr_trainer_stopped(const gr_trainer *t);
void gr_trainer_tell(gr_trainer *t, gr_event event);

/* input.c */
gr_status gr_trainer_open_inputs(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
void gr_trainer_close_inputs(gr_trainer *t);
/* Starts a pass over the samples order[count], which are borrowed for as long as it lasts. */
gr_status gr_trainer_start(gr_trainer *t, bool training, const int64_t *order, int64_t count, gr_error *err) GR_MUST_CHECK;
/* Gives the next batch of the pass: its samples indices[n], borrowed until the next call, and the plan for so many, whose inputs
 * are filled. */
gr_status gr_trainer_next(gr_trainer *t, bool training, gr_plan **plan, const int64_t **indices, int64_t *n,
                          gr_error *err) GR_MUST_CHECK;
/* Where the images of that batch come from in their files; NULL: they come from a table. */
const gr_origin *gr_trainer_origins(const gr_trainer *t, bool training);
int32_t gr_trainer_label(const gr_trainer *t, int64_t sample);

/* persist.c */
uint64_t gr_fold_fingerprint(const gr_fold_job *job, int fold);
gr_status gr_trainer_save(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
/* Goes on with the checkpoint of an unfinished fold, if there is one. */
gr_status gr_trainer_restore(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
/* The last checkpoint: metrics and test predictions only. */
gr_status gr_trainer_finish(gr_trainer *t, float *predictions, gr_error *err) GR_MUST_CHECK;
gr_status gr_trainer_save_metrics(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
gr_status gr_trainer_save_model(gr_trainer *t, gr_error *err) GR_MUST_CHECK;

#endif
