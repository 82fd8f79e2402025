/* The schedule that watches a loss. */
#ifndef GR_OPTIM_PLATEAU_H
#define GR_OPTIM_PLATEAU_H

#include "grimace/optim.h"

/* Ends an epoch of schedule `plateau`. */
void gr_plateau_next(gr_schedule *schedule, double loss);

#endif
