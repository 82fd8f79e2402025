/* Do things beside the pixels tell the label as well as the pixels do? */
#ifndef GR_RUN_SHORTCUTS_H
#define GR_RUN_SHORTCUTS_H

#include "learners/cohort.h"

/* Asks small trees, on the cohort's own folds, to tell the class from the file's size, its date, the number in its name, the
 * picture's width and height, and its brightness: each alone, and all together. Adds a sentence to `out` where one does so
 * as well as `accuracy`, the balanced accuracy of the run, and better than chance by three standard errors. At most 2000
 * rows are looked at. Fails: GR_NOMEM; memory shortage of `out` sticks in it. */
gr_status gr_shortcuts_tell(const gr_cohort *cohort, double accuracy, gr_text *out, gr_error *err) GR_MUST_CHECK;

#endif
