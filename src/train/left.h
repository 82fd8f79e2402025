/* How long several runs of one process still take. */
#ifndef GR_TRAIN_LEFT_H
#define GR_TRAIN_LEFT_H

#include "base/base.h"
#include "grimace/train.h"

typedef struct gr_left {
    int count;             /* of runs: event->settings */
    double *done, *before; /* [count]: the share of each that is done, and that was done when this process began */
    double start;
} gr_left;

/* Fails: GR_NOMEM. */
gr_status gr_left_open(int count, gr_left *out, gr_error *err) GR_MUST_CHECK;
void gr_left_close(gr_left *left);
/* Takes note of what run event->at_setting tells. Gives the seconds left for all runs, negative while unknown. */
double gr_left_seconds(gr_left *left, const gr_event *event);

#endif
