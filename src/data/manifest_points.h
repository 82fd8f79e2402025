/* A manifest's landmarks as whoever draws or cuts faces needs them, whether it was read for landmarks or not. */
#ifndef GR_DATA_MANIFEST_POINTS_H
#define GR_DATA_MANIFEST_POINTS_H

#include "grimace/manifest.h"

/* GIVES (gr_free) points[rows, *count, 2] of the columns lm1_x, lm1_y, lm2_x, ... up to the first that is not there: pixels,
 * NaN where a cell is no number. NULL with *count 0: there are none; NULL with *count above 0: no memory. */
float *gr_manifest_points(const gr_manifest *manifest, int *count) GR_MUST_CHECK;

#endif
