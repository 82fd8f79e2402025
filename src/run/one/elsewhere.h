/* A run that goes on with another program or instruction set than it was begun with ends in other bytes: that is said. */
#ifndef GR_RUN_ELSEWHERE_H
#define GR_RUN_ELSEWHERE_H

#include "grimace/train.h"

/* Tells options->hooks where about.json of the run, sweep or study in options->folder says that its first session had another
 * instruction set, whose rounding differs, or was another version. Says nothing of a run that is only begun now. Never fails. */
void gr_elsewhere_tell(const gr_config *config, const gr_run_options *options);

#endif
