/* The trainer's state, shared by its files, each of which uses those before it: plans.c, input.c (batches), look.c, evaluate.c
 * (forward passes), block_steps.c (forward passes of steps), persist.c (what goes to disk and comes back), trainer.c (epochs and
 * steps). */
#ifndef GR_LEARNERS_TRAINER_PRIVATE_H
#define GR_LEARNERS_TRAINER_PRIVATE_H

#include "graph/blocks.h"
#include "learners/checkpoint.h"
#include "learners/extractor.h"
#include "grimace/plan.h"
#include "learners/features.h"
#include "learners/learner.h"
#include "learners/network.h"
#include "learners/penalty.h"
#include "learners/watch.h"

/* Full batch and remainder of training; full batch, and remainders of validation, test and the images that are looked at. */
enum { MOST_PLANS = 6 };

typedef struct gr_compiled {
    int64_t batch;
    bool training;
    gr_plan *plan;
} gr_compiled;

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
    const gr_learning *learning;
    const gr_target *target;
    const gr_recipe *recipe;
    const gr_manifest *manifest;
    const struct gr_params *initial; /* the parameters with which every fold starts */
    const gr_features *features;     /* what the head reads of a frozen backbone; NULL: the whole network trains */
    int fold;
    size_t row; /* floats of a prediction */
    gr_network network;
    gr_workspace *workspace; /* another's, for all folds */
    gr_compiled plans[MOST_PLANS];
    int plan_count;
    gr_blocks *blocks;     /* of training, in place of its plans; NULL: batches are whole */
    int64_t *blocks_order; /* this rank's samples of the pass under way */
    gr_optim *optim;
    gr_schedule schedule;
    gr_penalty_list *penalty; /* NULL: none */
    double penalised;         /* what it adds to the loss of the weights that stand */
    gr_batches inputs[2];    /* of evaluation, of training */
    gr_extractor *extractor; /* the frozen backbone, where an input has no table; NULL: there is none */
    float *view, *viewed; /* of a batch, while answers are averaged over views: pixels, predictions; else NULL */
    double *view_sums;    /* [batch, row], likewise */
    gr_rows train, val, test;
    float *val_predictions; /* [val.count, row] */
    int64_t *order, epoch_images, epoch_steps; /* what an epoch visits: sample indices */
    bool ahead; /* the pass of the epoch behind t->at's has been started */
    gr_position at;
    gr_watch stopping, keeping;
    float *kept;       /* the parameters of keeping.best_epoch; NULL: the last ones are kept */
    gr_text metrics; /* the lines of the epochs that are done */
    uint64_t fingerprint;
    char *checkpoint_path, *metrics_path, *model_path;
    double checkpoint_time, checkpoint_cost; /* when the last one was written, or the fold begun, and how long one takes */
} gr_trainer;

/* Sums over the images of a forward pass. */
typedef struct gr_sums {
    double loss, ce, prsc;
    int64_t correct;
} gr_sums;

/* trainer_optimiser.c: makes t->optim and t->schedule, for t->network and t->epoch_steps. */
gr_status gr_trainer_make_optimiser(gr_trainer *t, gr_error *err) GR_MUST_CHECK;

/* What the head of the network reads of `count` images, evenly chosen, of a part of `of`: means over the map's places. */
typedef struct gr_look {
    int64_t of, count, places, width;
    float *features; /* [count, width]; NULL: they are not wanted */
    bool taken;
} gr_look;

/* What is looked at when the training is over. */
typedef struct gr_looks {
    gr_rows rows; /* of the training part */
    gr_look trained, held; /* out of these and out of the test part */
} gr_looks;

/* plans.c: how many images a batch has; what a plan of the fold is compiled with, but its batch, with keep[5] filled, which must
 * last as long; the plan of a batch size, compiled when it is asked for first; and every plan of whole batches that the fold will
 * need. */
int64_t gr_trainer_batch(const gr_trainer *t, bool training);
gr_plan_options gr_trainer_plan_options(const gr_trainer *t, bool training, const gr_value *keep[5]);
gr_status gr_trainer_plan(gr_trainer *t, int64_t batch, bool training, gr_plan **out, gr_error *err) GR_MUST_CHECK;
gr_status gr_trainer_compile(gr_trainer *t, gr_error *err) GR_MUST_CHECK;

/* look.c */
/* Chooses what is looked at; GIVES *out (gr_looks_close). Fails: GR_NOMEM (close it, too). */
gr_status gr_looks_open(const gr_trainer *t, gr_looks *out, gr_error *err) GR_MUST_CHECK;
void gr_looks_close(gr_looks *looks);
/* Which image of the part is number i of those that are looked at; how many of them lie before image `image`. */
int64_t gr_look_image(const gr_look *look, int64_t i);
int64_t gr_look_before(const gr_look *look, int64_t image);
/* Takes the features of those that are looked at among the n images from `done` on, which `plan` has just run. */
void gr_look_take(gr_look *look, const gr_trainer *t, const gr_plan *plan, int64_t done, int64_t n);

/* evaluate.c */
/* Adds the batch that `plan` has run forward to *sums; false when its loss, which is `value`, is not finite. */
bool gr_trainer_count(gr_trainer *t, gr_plan *plan, const gr_value *value, const gr_batch *batch, gr_sums *sums);
/* Runs the rows at inference; adds to *sums, writes predictions[count, row] where not NULL, and takes *look where it is wanted. */
gr_status gr_trainer_evaluate(gr_trainer *t, const gr_rows *part, float *predictions, gr_look *look, gr_sums *sums,
                              gr_error *err) GR_MUST_CHECK;
/* Runs the validation part and fills its numbers of the epoch. Fails: GR_INTERRUPTED (nothing is changed) and as above. */
gr_status gr_trainer_validate(gr_trainer *t, gr_epoch_numbers *numbers, gr_error *err) GR_MUST_CHECK;

/* input.c */
gr_status gr_trainer_open_inputs(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
/* From now on what gr_trainer_evaluate predicts is averaged over the recipe's views, and evaluation reads images. */
gr_status gr_trainer_open_views(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
void gr_trainer_close_inputs(gr_trainer *t);
/* Makes the inputs of `plan` from pixels[n, size, size, channels]. */
void gr_trainer_fill(gr_trainer *t, gr_plan *plan, const float *pixels, int64_t n);
/* Starts a pass over the samples order[count], which are borrowed for as long as it lasts; in training, of epoch `epoch`. */
gr_status gr_trainer_start(gr_trainer *t, bool training, int64_t epoch, const int64_t *order, int64_t count,
                           gr_error *err) GR_MUST_CHECK;
/* Gives the next batch of a pass, borrowed until the next call: at most `most` samples of a table, of images those of the pass. */
gr_status gr_trainer_read(gr_trainer *t, bool training, int64_t most, gr_batch *batch, gr_error *err) GR_MUST_CHECK;
/* Writes all inputs of `plan` for a batch, or a part of one, that gr_trainer_read gave. */
void gr_trainer_write(gr_trainer *t, bool training, gr_plan *plan, const gr_batch *batch);
/* Gives the next batch of the pass, borrowed until the next call, and the plan for so many, whose inputs are filled. */
gr_status gr_trainer_next(gr_trainer *t, bool training, gr_plan **plan, gr_batch *batch, gr_error *err) GR_MUST_CHECK;

/* block_steps.c */
/* Makes t->blocks where the recipe cuts its batches. */
gr_status gr_trainer_open_blocks(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
void gr_trainer_close_blocks(gr_trainer *t);
/* Starts this rank's part of the epoch's pass, from the step under way on. */
gr_status gr_trainer_start_blocks(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
/* Runs the batch of the step under way, which has *n images in all, forward, and adds it to *sums; *finite: is the loss? *plan has
 * done so, or is NULL where t->blocks have. Fails: as gr_trainer_next; with peers GR_INTERRUPTED without a sentence (some rank is
 * to stop; nothing has happened), and what failed another rank. */
gr_status gr_trainer_forward(gr_trainer *t, gr_plan **plan, int64_t *n, gr_sums *sums, bool *finite,
                             gr_error *err) GR_MUST_CHECK;

/* persist.c: of several ranks only the first one writes */
gr_status gr_trainer_save(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
/* Goes on with the checkpoint of an unfinished fold, if there is one. */
gr_status gr_trainer_restore(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
/* The last checkpoint: metrics and test predictions only. */
gr_status gr_trainer_finish(gr_trainer *t, float *predictions, gr_error *err) GR_MUST_CHECK;
gr_status gr_trainer_save_metrics(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
gr_status gr_trainer_save_model(gr_trainer *t, gr_error *err) GR_MUST_CHECK;

#endif
