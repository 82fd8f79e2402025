/* Tasks (folds of a run, settings of a sweep) in processes of their own that split the cores. */
#ifndef GR_TRAIN_JOBS_H
#define GR_TRAIN_JOBS_H

#include "base/base.h"
#include "grimace/events.h"

typedef struct gr_crew_work {
    int count; /* of tasks */
    /* Does task `index`, in a child process: tells `hooks->event`, obeys `hooks->stop`, leaves its result on disk. */
    gr_status (*run)(void *ctx, int index, const gr_hooks *hooks, gr_error *err);
    /* What task `index` is called in sentences, such as "fold"; its name goes to name[size]. */
    const char *(*name)(void *ctx, int index, char *name, size_t size);
    void *ctx;
    const gr_hooks *hooks; /* of this process */
} gr_crew_work;

/* Does the tasks in at most `jobs` child processes at once, each with its share of `threads`; what they tell comes to
 * work->hooks->event in this process. A task that fails stops the others after their current step. This process must not
 * have let XGBoost run on several threads before: OpenMP's teams do not survive a fork, gr_parallel_for's are made anew.
 * `lock` is a file that the children must not keep open. Fails: as the tasks; GR_IO, GR_NOMEM. */
gr_status gr_jobs_run(const gr_crew_work *work, int jobs, int threads, int lock, gr_error *err) GR_MUST_CHECK;

#endif
