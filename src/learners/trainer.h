/* One fold of a network: trained from its first epoch or from where its checkpoint stands, tested, and written down. */
#ifndef GR_LEARNERS_TRAINER_H
#define GR_LEARNERS_TRAINER_H

#include "learners/features.h"
#include "learners/learner.h"
#include "learners/network.h"

/* Trains and tests fold `fold`, which starts with the parameters `initial`, until its checkpoint says that it is finished;
 * `features`: what the head reads of a frozen backbone, NULL: the whole network trains; `workspace`: of its plans, the next fold's
 * too. Its folder is there. All BORROWED.
 * Fails: as gr_run. */
gr_status gr_trainer_run(const gr_learning *learning, int fold, const gr_params *initial, const gr_features *features,
                         gr_workspace *workspace, gr_error *err) GR_MUST_CHECK;

#endif
