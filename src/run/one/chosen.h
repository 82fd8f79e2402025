/* What folds chose for themselves, in results.json. */
#ifndef GR_RUN_CHOSEN_H
#define GR_RUN_CHOSEN_H

#include "learners/learner.h"

/* Adds `chosen` to RUN/results.json where the learner chooses: {"folds": {NAME: {...}}, "features": {NAME: how many folds
 * chose it, 0 where none did}}. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_chosen_note(const gr_learning *learning, gr_error *err) GR_MUST_CHECK;

#endif
