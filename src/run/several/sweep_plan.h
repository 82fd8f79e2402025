/* What a sweep will cost, before it is begun. */
#ifndef GR_RUN_SWEEP_PLAN_H
#define GR_RUN_SWEEP_PLAN_H

#include <signal.h>

#include "grimace/config.h"
#include "grimace/text.h"

/* Adds to `out`, for a reader, how many trainings the sweep of `config` (BORROWED) is, how long they take by steps that are trained
 * here and now in a folder that goes away, and how many workers bring it under `hours` (0: nobody asks). Settings that differ in
 * what makes a step (data, model, loss, optimizer, batch) are measured each, at most eight of them. Fails: as gr_sweep_run, and
 * GR_INVALID (a learner without steps), GR_INTERRUPTED (`stop`, may be NULL). */
gr_status gr_plan_sweep(const gr_config *config, double hours, const volatile sig_atomic_t *stop, gr_text *out,
                        gr_error *err) GR_MUST_CHECK;

#endif
