/* How long the work of several equal parts still takes: the folds of a run, the runs of a sweep or a study. */
#ifndef GR_RUN_LEFT_H
#define GR_RUN_LEFT_H

#include "base/base.h"
#include "grimace/events.h"

typedef struct gr_left {
    int count;             /* of parts */
    double *done, *before; /* [count]: the share of each that is done, and that was done when this process began */
    double start;
} gr_left;

/* Fails: GR_NOMEM. */
gr_status gr_left_open(int count, gr_left *out, gr_error *err) GR_MUST_CHECK;
void gr_left_close(gr_left *left);
/* The share of its fold that is done, or of its run's folds together. Never fails. */
double gr_left_of_fold(const gr_event *event);
double gr_left_of_run(const gr_event *event);
/* Takes note of what part `index`, of which `share` is done, tells. Gives the seconds left for all of them, negative while
 * unknown or when `event` is not about a fold. Never fails. */
double gr_left_seconds(gr_left *left, int index, double share, const gr_event *event);

#endif
