/* A predictor from within: its models one by one. */
#ifndef GR_RUN_PREDICTOR_H
#define GR_RUN_PREDICTOR_H

#include "grimace/train.h"
#include "learners/learner.h"
#include "run/tasks/task.h"

/* Borrowed from the predictor; files->count models. Never fail. */
const gr_model_files *gr_predictor_files(const gr_predictor *predictor);
const gr_task *gr_predictor_task(const gr_predictor *predictor);

/* How many numbers of an image all models read alike (gr_learner.seen); 0: each looks for itself. Never fails. */
int gr_predictor_seen(const gr_predictor *predictor);
/* Writes those numbers[count, seen] of samples[count]; problems[count], BORROWED from the predictor: what is wrong with an image,
 * NULL: nothing. Fails: as gr_predictor_run_all. */
gr_status gr_predictor_see(gr_predictor *predictor, const gr_sample *samples, int64_t count, float *numbers,
                           const char **problems, const volatile sig_atomic_t *stop, gr_error *err) GR_MUST_CHECK;

/* Writes what the first model costs, as gr_learner.cost; nothing where its learner does not know. Pictures are read anew each time.
 * Fails: as gr_predictor_run. */
gr_status gr_predictor_cost(gr_predictor *predictor, const gr_sample *samples, int64_t count, int passes, gr_cost *out,
                            const volatile sig_atomic_t *stop, gr_error *err) GR_MUST_CHECK;

/* Which images each model is asked about; all BORROWED. */
typedef struct gr_questions {
    const gr_sample *samples;
    int64_t count;
    const bool *knows; /* [count, models]: it is not asked; NULL: each is asked about all */
    gr_strange *strange; /* [count], zeroed: what models find of images that are unlike those that they know; NULL: not asked */
} gr_questions;

/* Writes each[models, count, width], as gr_predictor_run_all the mean over one model; of what is not asked nothing is
 * written. problems[count] likewise. Fails: likewise. */
gr_status gr_predictor_run_each(gr_predictor *predictor, const gr_questions *questions, float *each, const char **problems,
                                const volatile sig_atomic_t *stop, gr_error *err) GR_MUST_CHECK;

#endif
