/* data.align, data.align_to and data.landmarks_from: the landmarks that a run must know of its images before it reads them.
 */
#ifndef GR_RUN_GUIDE_OPEN_H
#define GR_RUN_GUIDE_OPEN_H

#include "grimace/check.h"
#include "learners/cohort.h"
#include "run/cohort/recall.h"

/* Finds or reads the landmarks of all images, turns its samples' faces upright by them, and keeps those that a run found
 * (cohort->found). `recall` (NULL: nobody) remembers what runs were asked. The samples and folds are there. Fails: GR_INVALID
 * (named by the config's line: no such rule, template or run, a landmark that is not there; by the manifest's: an image whose
 * landmarks cannot be told), GR_INTERRUPTED, GR_NOMEM, GR_IO. */
gr_status gr_guide_open(gr_cohort *cohort, gr_recall *recall, gr_error *err) GR_MUST_CHECK;
/* Adds an error to `check` for each picture of its manifest whose landmarks the config wants and cannot tell. Fails:
 * likewise but for these. */
gr_status gr_guide_check(const struct gr_config *config, gr_check *check, gr_error *err) GR_MUST_CHECK;

#endif
