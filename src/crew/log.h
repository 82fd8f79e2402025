/* RUN/work.csv: who did what, from when to when, and how it ended. */
#ifndef GR_CREW_LOG_H
#define GR_CREW_LOG_H

#include "crew/worker.h"

typedef struct gr_log_row {
    const char *setting, *fold; /* "": no sweep; what all say together has the fold "results" */
    double from, to;            /* seconds since 1970, by the worker's own clock */
    const char *how;            /* "done", "left", "lost", or a sentence on why it failed */
} gr_log_row;

/* Appends a row about `who` to the worker's own file, RUN/crew/log/KIND-TOKEN.csv: a network's file system cannot append to a file
 * that others append to. Nothing of a run follows from it, so that it does not fail. */
void gr_log_add(const gr_worker *worker, const gr_identity *who, const gr_log_row *row);
/* Adds the rows of all workers to RUN/work.csv, in the order of their beginnings, if any but the run's own process took
 * part (a KIND "work"). Fails: GR_IO, GR_NOMEM, GR_INVALID. */
gr_status gr_log_merge(const char *run, gr_error *err) GR_MUST_CHECK;

#endif
