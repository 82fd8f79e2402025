/* data.crop: the detector that cuts faces out of a run's pictures. */
#ifndef GR_RUN_CROP_OPEN_H
#define GR_RUN_CROP_OPEN_H

#include "detect/face_cut.h"
#include "grimace/check.h"
#include "grimace/config.h"

/* Opens the config's detector; *out is NULL where it names none. GIVES *out (gr_face_cut_close). Fails: GR_INVALID (named by the
 * config's line), GR_NOMEM. */
gr_status gr_crop_open(const gr_config *config, gr_face_cut **out, gr_error *err) GR_MUST_CHECK;

/* Adds an error to `check` for each picture of its manifest that has no box and in which the config's detector finds nothing.
 * Fails: as gr_crop_open. */
gr_status gr_crop_check(const gr_config *config, gr_check *check, gr_error *err) GR_MUST_CHECK;

#endif
