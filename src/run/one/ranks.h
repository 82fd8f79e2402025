/* Tasks shared out among peers: the first one hands them out, and does some itself. */
#ifndef GR_RUN_RANKS_H
#define GR_RUN_RANKS_H

#include "grimace/peers.h"
#include "run/one/jobs.h"

/* Does the tasks, of which each rank gets the next one when it has done its last. Each leaves its result on disk, as a child
 * process of gr_jobs_run would; what is told comes to work->hooks->event of the first rank. A task that fails stops the others
 * after their current step. On other ranks it returns when nothing is left to do, and never fails: the first one tells how it went.
 * Fails: as the tasks; GR_INTERRUPTED. */
gr_status gr_ranks_run(const gr_crew_work *work, gr_peers *peers, gr_error *err) GR_MUST_CHECK;

#endif
