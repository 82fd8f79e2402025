/* Workers on a folder that all of them see: who does which part of a run, whatever dies (docs/cluster.md). */
#ifndef GRIMACE_CREW_H
#define GRIMACE_CREW_H

#include "grimace/share.h"
#include "grimace/train.h"

typedef struct gr_workers_options {
    double stale;     /* seconds without a sign of life after which a worker's part is another's; 0: 120 */
    bool joins, begins; /* as in gr_share */
} gr_workers_options;

typedef struct gr_workers gr_workers;

/* GIVES (gr_workers_close) what shares the parts of the run or sweep in `folder` (BORROWED) with the workers that see it, for
 * gr_run_options.share. Touches no file before a part is taken. Fails: GR_NOMEM. */
gr_status gr_workers_open(const char *folder, const gr_workers_options *options, gr_workers **out, gr_error *err) GR_MUST_CHECK;
const gr_share *gr_workers_share(gr_workers *crew);
/* Goes from the run: what was not finished is others' to go on with. NULL is fine. Never fails. */
void gr_workers_close(gr_workers *crew);

typedef struct gr_work_options {
    double stale; /* as in gr_workers_options */
    int threads;  /* 0: as the run's config says */
    gr_hooks hooks;
    const char *command; /* for about.json, if this worker ends the run; NULL: nobody says; BORROWED */
} gr_work_options;

/* One worker more on the run or sweep in `folder`, on any machine that sees it: takes folds that nobody has, or whose worker has
 * died, until all are done, and writes what all say together if no other has. *found (may be NULL): false where nothing was left to
 * do. Results are the bytes of one machine. Fails: GR_INVALID (holds no run; as gr_run),
 * GR_INTERRUPTED (what is done is kept, others go on with the rest), GR_IO, GR_NOMEM, GR_FAILED. */
gr_status gr_work(const char *folder, const gr_work_options *options, bool *found, gr_error *err) GR_MUST_CHECK;

#endif
