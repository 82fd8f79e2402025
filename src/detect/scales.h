/* The sizes in which a window is looked for. */
#ifndef GR_DETECT_SCALES_H
#define GR_DETECT_SCALES_H

#include "grimace/detect.h"

/* A picture made `scale` times smaller, and its windows: every `step`-th pixel of columns x rows. */
typedef struct gr_level {
    float scale;
    int width, height; /* of the smaller picture */
    int step, columns, rows;
} gr_level;

/* GIVES (gr_free) the levels of a window in a picture, the largest picture first; none: the picture is smaller than the
 * window. OpenCV's rounding throughout: sizes in float, to the nearest even where in between; windows on every other pixel
 * below scale 2; rows in stripes, so that the last row may be left out. Where no size lies between the limits the nearest to
 * the lower is taken. Fails: GR_NOMEM. */
gr_status gr_levels(int window_width, int window_height, int width, int height, const gr_detect_options *options,
                    gr_level **levels, int64_t *count, gr_error *err) GR_MUST_CHECK;

#endif
