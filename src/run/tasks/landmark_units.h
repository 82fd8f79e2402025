/* data.landmark_units: which of the landmarks that are learnt tell of which action unit. */
#ifndef GR_RUN_LANDMARK_UNITS_H
#define GR_RUN_LANDMARK_UNITS_H

#include "base/base.h"
#include "grimace/config.h"
#include "grimace/landmarks.h"

/* Can the set be read? Fails: GR_INVALID (no such set, not a set), GR_NOMEM. */
gr_status gr_landmark_units_check(const gr_config *config, gr_error *err) GR_MUST_CHECK;
/* The groups of the set that the config names, of `count` learnt landmarks (data.landmarks; none named: the manifest's); count
 * 0 where it names none. Everything lives in `arena`. Fails: likewise; GR_INVALID (the manifest has less landmarks than the
 * set, or no landmark of any unit is learnt). */
gr_status gr_landmark_units(const gr_config *config, int count, gr_arena *arena, gr_landmark_groups *out,
                            gr_error *err) GR_MUST_CHECK;

#endif
