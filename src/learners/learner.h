/* How something is fitted to the folds of a cohort, and how what was fitted answers for an image. A learner is a file that
 * fills this record and a line in table.h. */
#ifndef GR_LEARNERS_LEARNER_H
#define GR_LEARNERS_LEARNER_H

#include <signal.h>

#include "grimace/cost.h"
#include "grimace/peers.h"
#include "learners/cohort.h"
#include "learners/model_files.h"
#include "learners/table.h"
#include "learners/target.h"

typedef struct gr_learner gr_learner;

/* A learner at work on a cohort; everything borrowed but what it opened. */
typedef struct gr_learning {
    const gr_learner *learner;
    const gr_cohort *cohort;
    const gr_hooks *hooks;
    gr_peers *peers;    /* who share each step of a fold; NULL: this process does it alone */
    const char *folder; /* RUN, which holds the folds' folders; NULL while all is only checked */
    const char *road;   /* by which fold road_fold is written, in the place of its folder's path; NULL: by that */
    int road_fold;
    size_t parameters;  /* of the network with which folds start; 0: there is none */
    uint64_t numbers;   /* a hash of what is read of the manifest in the images' place; 0: nothing */
    void *state;        /* the learner's own */
    void **memory;      /* what the learner keeps from one run of this process to the next; *memory is NULL at first */
} gr_learning;

struct gr_learner {
    const char *name;         /* a value of model.classic; the network's is "none" */
    const char *const *tasks; /* names of those it can learn, NULL-terminated; NULL: all */
    bool network;             /* it fits the network that the config's section `model` describes */
    const char *const *exports; /* names of the formats that its models can be written in, NULL-terminated, the usual first */
    const char *not_exported; /* why in no other: what its models are, as it follows "MODEL: is" */

    /* Does it read numbers of the manifest alone, so that images need not even be there? NULL: it does not. */
    bool (*imageless)(const gr_recipe *recipe);
    /* Appends what fold `fold` chose for itself to `out`, a JSON object with a list "features". The fold is finished. NULL:
     * nothing is ever chosen. Fails: GR_INVALID, GR_NOMEM. */
    gr_status (*chosen)(const gr_learning *learning, int fold, gr_text *out, gr_error *err);
    /* What could be chosen: names[*count] of features, BORROWED. There where `chosen` is. Never fails. */
    const char *const *(*offered)(const gr_learning *learning, int *count);
    /* Writes into RUN what it knows beyond predictions of a run whose folds are all finished; NULL: nothing. Fails:
     * GR_INVALID, GR_IO, GR_NOMEM, GR_FAILED. */
    gr_status (*more)(const gr_learning *learning, gr_error *err);
    /* Checks whatever can be checked before an image is read, and gets ready. Fails: GR_INVALID, GR_NOMEM. */
    gr_status (*open)(gr_learning *learning, gr_error *err);
    void (*close)(gr_learning *learning);
    /* Frees what `memory` held; NULL: nothing is ever kept. */
    void (*forget)(void *memory);
    /* Rows [manifest.rows] whose image is known to come through well, in training or evaluation; NULL: none. */
    const bool *(*known)(const gr_learning *learning, bool training);
    /* Is there work of `prepare` that is worth all cores, before folds are shared out among processes? */
    bool (*heavy)(const gr_learning *learning);
    /* Makes what all folds read. The folder of the run is there. Fails: GR_INVALID, GR_INTERRUPTED, GR_NOMEM, GR_IO. */
    gr_status (*prepare)(gr_learning *learning, gr_error *err);
    /* Trains and tests fold `fold`, or goes on with it, and leaves its model and a finished checkpoint in its folder.
     * Fails: as gr_run. */
    gr_status (*fit)(const gr_learning *learning, int fold, gr_error *err);
    /* How many numbers of an image all models of these files read alike, so that it is seen once for all of them; 0: each
     * looks at the image for itself. NULL: always so. Never fails. */
    int (*seen)(const gr_card *card);
    /* Writes numbers[count, seen] of samples order[count] of `loader`, which gives images as the card asks; predict takes them
     * from the samples (gr_sample.numbers) where they have some. Fails: as predict. */
    gr_status (*see)(const gr_model_files *files, gr_loader *loader, const int64_t *order, int64_t count, float *numbers,
                     const volatile sig_atomic_t *stop, gr_error *err);
    /* Writes predictions[count, target->width], the mean over all models of `files`, of samples order[count] of `loader`,
     * which gives images as the card asks. Fails: GR_INVALID, GR_NOMEM, GR_IO, GR_INTERRUPTED (`stop`, may be NULL). */
    gr_status (*predict)(const gr_model_files *files, const gr_target *target, gr_loader *loader, const int64_t *order,
                         int64_t count, float *predictions, const volatile sig_atomic_t *stop, gr_error *err);
    /* Writes how many parameters the first model of `files` has, and the time of each of the `count` samples of `loader` (0:
     * none is timed), which come one at a time: the median over `passes` of a pass's mean. NULL: neither is known. Fails: as
     * predict. */
    gr_status (*cost)(const gr_model_files *files, const gr_target *target, gr_loader *loader, int64_t count, int passes,
                      gr_cost *out, const volatile sig_atomic_t *stop, gr_error *err);
};

#define GR_DECLARE(learner) extern const gr_learner learner;
GR_LEARNERS(GR_DECLARE)
#undef GR_DECLARE

/* The learner called `name` (a value of model.classic); NULL: there is none. Never fails. */
const gr_learner *gr_learner_find(const char *name);
/* The learner that made these models. Fails: GR_INVALID (this version has none of that name). */
gr_status gr_learner_of(const gr_model_files *files, const gr_learner **out, gr_error *err) GR_MUST_CHECK;
/* Their names in order; NULL behind the last. Never fails. */
const char *gr_learner_name(int i);
/* Can it learn the task? Never fails. */
bool gr_learner_takes(const gr_learner *learner, const char *task);
/* Does the recipe's learner fit the network of its section `model`? Fails: GR_INVALID (no). */
gr_status gr_learner_check_network(const gr_recipe *recipe, gr_error *err) GR_MUST_CHECK;
/* The task that it learns where none is named: that of the head for a network, else the first of its own. Never fails. */
const char *gr_learner_task(const gr_learner *learner, const char *of_head);

/* Does fold `fold` unless its checkpoint says that it is finished, and tells so. Fails: as learner->fit. */
gr_status gr_learning_fold(const gr_learning *learning, int fold, gr_error *err) GR_MUST_CHECK;

#endif
