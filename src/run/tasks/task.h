/* A task: what a row's target is, and everything that follows from it, from the columns of the manifest to the ranked table
 * of a sweep. A task is a file that fills this record and a line in table.h; nothing else asks which task it is. */
#ifndef GR_RUN_TASK_H
#define GR_RUN_TASK_H

#include "grimace/averaging.h"
#include "grimace/config.h"
#include "grimace/eval.h"
#include "grimace/text.h"
#include "grimace/train.h"
#include "learners/card.h"
#include "learners/learner.h"
#include "run/one/gather.h"
#include "run/tasks/table.h"

/* A number that the table of a sweep shows. */
typedef struct gr_shown {
    int number; /* of gr_task.number */
    const char *title;
    double scale;
    int digits;
} gr_shown;

/* Predictions of images whose answers nobody knows. */
typedef struct gr_answers {
    const gr_card *card;
    int64_t count;
    const char *const *images; /* [count] */
    const float *predictions;  /* [count, target->width] */
} gr_answers;

typedef struct gr_task {
    gr_target target; /* what training sees of it; target.task is its name */

    bool one, several; /* it learns data.label alone, the columns of data.labels at once */
    bool ranged;       /* data.range is its */
    bool by_head;      /* model.head alone says that it is this task: sentences name the head */
    /* Checks what its keys say together; NULL: nothing to check. Fails: GR_INVALID. */
    gr_status (*check)(const gr_config *config, gr_error *err);
    /* The keys of `experiment` that it can be part of: a network for each label, one for each value of a column. */
    bool labels, cross;
    bool whole;      /* images are looked at whole, whatever boxes a table has, and one with several rows has several faces */
    bool unlabelled; /* targets are in no column that data.label names */
    /* Sets what the manifest is read for; `options` has the label and the classes of the config. */
    void (*read)(const gr_config *config, gr_manifest_options *options);
    /* Takes the targets of cohort->manifest into the cohort; and, when the folds are made, what follows from them (NULL:
     * nothing). Fails: GR_INVALID, GR_NOMEM. */
    gr_status (*open)(gr_cohort *cohort, gr_error *err);
    gr_status (*settle)(gr_cohort *cohort, gr_error *err);
    /* Has the validation part of fold `fold` what val_METRIC needs? NULL: any image will do. */
    bool (*defined)(const gr_cohort *cohort, int fold, const char *metric);
    /* How wide the last layer is, by the config alone where it says so (classes listed); {0}: the manifest must be read. */
    gr_outputs (*width)(const gr_config *config);

    /* Writes predictions.csv, results.json and what else follows from `gathered` into `folder`. *results GIVES.
     * Fails: GR_INVALID, GR_IO, GR_NOMEM, GR_INTERNAL. */
    gr_status (*report)(const gr_cohort *cohort, gr_gathered *gathered, const char *folder, gr_results *results,
                        gr_error *err);
    /* Appends the table of `grimace predict`. */
    void (*answer)(const gr_answers *answers, gr_text *out);
    /* How far the answers of several models for one image, each [target->width], differ: the standard deviation (n - 1) of what
     * the answer is about. `positive` is the class that counts. */
    double (*spread)(const gr_card *card, int positive, const float *const *answers, int models);
    /* Fills what a prediction of a run has beyond that of a model alone, [target->row] beyond [target->width]; NULL: nothing.
     * `path` is the image. Fails: GR_INVALID. */
    gr_status (*complete)(const gr_cohort *cohort, int64_t row, const char *path, float *prediction, gr_error *err);

    /* The numbers of results.json that settings are ranked by: name of number i (NULL: there are no more), does it get
     * better by falling, the first choice, and what the table of a sweep shows. */
    const char *(*number)(int i);
    bool (*falls)(int i);
    const char *rank_by;
    gr_shown shown[2];
    /* Probabilities of one class a row, in a predictions.csv with p_CLASS...: which class they mean; NULL: of another task. */
    gr_decision choose;
    bool ordered;  /* the classes stand in order: grimace/ordinal.h has more numbers of them */
    bool drawn;    /* test images can be drawn again and labels shuffled: evaluate.bootstrap, evaluate.permutation */
    bool averaged; /* evaluate.average_over is its */
} gr_task;

#define GR_DECLARE(task) extern const gr_task task;
GR_TASKS(GR_DECLARE)
#undef GR_DECLARE

/* The task called `name`, of one label column or of several. Never fails: NULL where there is none. */
const gr_task *gr_task_find(const char *name, bool several);
/* That of a config. Never fails: gr_task_check refuses what is none. */
const gr_task *gr_task_of(const gr_config *config);

#endif
