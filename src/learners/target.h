/* What is learnt of an image, as training sees it: a row's target, how wide the answer is, what a forward pass tells, and
 * the numbers of a validation part. One record a task (run/tasks), so that nothing here asks which task it is. */
#ifndef GR_LEARNERS_TARGET_H
#define GR_LEARNERS_TARGET_H

#include "grimace/models.h"
#include "grimace/plan.h"
#include "learners/cohort.h"

/* How wide a model's last layer is. */
typedef struct gr_outputs {
    int64_t classes;   /* of each label; 0: none */
    int64_t labels;    /* columns that are learnt at once */
    int64_t landmarks; /* 0: none */
} gr_outputs;

/* Samples of a batch and where their pixels come from. */
typedef struct gr_batch {
    const int64_t *samples;   /* [n] */
    const gr_origin *origins; /* [n]; NULL: from a table of features */
    const float *pixels;      /* [n, size, size, channels], borrowed until the next batch; NULL: likewise */
    int64_t n;
} gr_batch;

typedef struct gr_card gr_card; /* learners/card.h */

typedef struct gr_target {
    const char *task; /* its name */

    /* The numbers of a validation part: how many, what they are called in metrics.jsonl behind "val_", and whether number i
     * gets better by falling. */
    int numbers;
    const char *(*number)(int i);
    bool (*falls)(int i);
    bool placed; /* targets lie in the image, and move with what is cut out of it */

    gr_outputs (*outputs)(const gr_manifest *manifest);
    /* How many floats a prediction of one image is in a run, and one by a model alone. */
    size_t (*row)(const gr_cohort *cohort);
    size_t (*width)(const gr_card *card);
    /* What `correct` reads of the model, in training too; beside model->answer. */
    const gr_value *(*counted)(const gr_model *model);
    /* Writes the targets of a batch into the plan's inputs. */
    void (*fill)(const gr_cohort *cohort, const gr_model *model, gr_plan *plan, const gr_batch *batch);
    /* How many images of the batch are right, for an accuracy. NULL, as `counted`: there is no such thing. */
    int64_t (*correct)(const gr_cohort *cohort, const gr_model *model, gr_plan *plan, const gr_batch *batch);
    /* Writes to[n, row] from what the plan has answered in fold `fold`. */
    void (*take)(const gr_cohort *cohort, int fold, const gr_model *model, gr_plan *plan, const gr_batch *batch, float *to);
    /* Writes to[width] from one image's answer, of `shape` for one image, of a model with this card, without a cohort. */
    void (*read)(const gr_card *card, const gr_shape *shape, const gr_origin *origin, const float *answer, float *to);
    /* Makes one answer to[width] of those of several models for an image. NULL: their mean. Fails: GR_NOMEM. */
    gr_status (*join)(const float *const *answers, int models, float *to, gr_error *err);
    /* Writes values[numbers] of predictions[count, row] of rows[count]. Fails: GR_NOMEM. */
    gr_status (*judge)(const gr_cohort *cohort, const int64_t *rows, int64_t count, const float *predictions, double *values,
                       gr_error *err);
    /* Adds row `row`'s target to a hash of what a fold's result follows from. */
    uint64_t (*hash)(const gr_cohort *cohort, int64_t row, uint64_t hash);
    /* What the card of fold `fold`'s model says beside its architecture; the card borrows from the cohort. */
    void (*describe)(const gr_cohort *cohort, int fold, gr_card *card);
} gr_target;

#endif
