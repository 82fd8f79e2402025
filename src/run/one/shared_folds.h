/* The folds of a run shared with other workers (grimace/share.h). */
#ifndef GR_RUN_SHARED_FOLDS_H
#define GR_RUN_SHARED_FOLDS_H

#include "grimace/share.h"
#include "learners/learner.h"

/* A run whose folds are shared. Zero-initialise it; with a NULL share, it is alone. */
typedef struct gr_shared_run {
    const gr_share *share;
    const gr_hooks *hooks;
    gr_share_parts parts;
    void *board;
    gr_share_taken end; /* the end of the run in hand */
    bool away;          /* folds are left that others have, or others have ended the run */
} gr_shared_run;

/* Opens it for the run of `learning`, whose folder is there. Fails: as share->open. */
gr_status gr_shared_run_open(gr_shared_run *shared, const gr_share *share, const gr_learning *learning,
                             gr_error *err) GR_MUST_CHECK;
/* Trains and tests fold `wanted`, unless another has it, or (GR_SHARE_ANY) folds until none is free or, where the share waits,
 * until all are done. A fold that was taken away from this worker is another's: no failure. Fails: as gr_run. */
gr_status gr_shared_run_folds(gr_shared_run *shared, const gr_learning *learning, int wanted, gr_error *err) GR_MUST_CHECK;
/* Takes the end of the run, when its folds are done: shared->end. Where another worker has written it, one that joins is
 * `away`. Fails: GR_INTERRUPTED, GR_IO, GR_NOMEM. */
gr_status gr_shared_run_end(gr_shared_run *shared, gr_error *err) GR_MUST_CHECK;
/* Gives the end back, as written by the outcome `status` with its sentence in `err`. *again: it had been taken away; whoever
 * needs its results must take it once more. */
gr_status gr_shared_run_ended(gr_shared_run *shared, gr_status status, bool *again, gr_error *err) GR_MUST_CHECK;
/* `whole`: the run is at its end. Never fails. */
void gr_shared_run_close(gr_shared_run *shared, bool whole);

/* What has no folds of its own, but an end: what several runs in one folder say together. */
typedef struct gr_shared_ending {
    const char *folder;
    const gr_hooks *hooks;
    bool (*over)(void *ctx); /* as gr_share_parts' */
    /* Writes it all by the path `to`, which leads nowhere once the end was taken away. Fails: as gr_run. */
    gr_status (*write)(void *ctx, const char *to, gr_error *err);
    void (*forget)(void *ctx); /* another must write it once more: frees what `write` has made */
    void *ctx;
} gr_shared_ending;

/* Writes it by one worker at a time; `share` may be NULL. *away: another has done so, and one that joins has nothing to say. Fails:
 * as `write`; GR_INTERRUPTED, GR_IO, GR_NOMEM. */
gr_status gr_shared_end(const gr_shared_ending *ending, const gr_share *share, bool *away, gr_error *err) GR_MUST_CHECK;

#endif
