/* Nearly equal pictures, and consecutive frames of a video, that stand in several groups or parts. */
#ifndef GR_DATA_CHECK_NEAR_H
#define GR_DATA_CHECK_NEAR_H

#include "data/checker.h"
#include "grimace/split.h"

/* Notes warnings about the prints of ck->out. `split` NULL: parts are those of the manifest's column `split`, if it has one.
 * `features` NULL: parts of pictures are not looked for. Fails: GR_NOMEM. */
gr_status gr_checker_near(gr_checker *ck, const gr_split *split, const gr_picture_features *features,
                          gr_error *err) GR_MUST_CHECK;

#endif
