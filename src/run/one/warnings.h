/* What looks wrong with a run that has ended, in sentences. */
#ifndef GR_RUN_WARNINGS_H
#define GR_RUN_WARNINGS_H

#include "run/one/gather.h"

/* Writes RUN/warnings.txt, a sentence a line, where there is something to say, else removes one that is there. All folds
 * must have ended. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_warnings_write(const gr_learning *learning, const gr_gathered *gathered, gr_error *err) GR_MUST_CHECK;

#endif
