/* Counts and pixel statistics of a data set. */
#ifndef GRIMACE_DATA_STATISTICS_H
#define GRIMACE_DATA_STATISTICS_H

#include "grimace/base.h"
#include "grimace/manifest.h"

typedef struct gr_data_statistics {
    int width_least, width_median, width_most; /* pixels */
    int height_least, height_median, height_most;
    /* Of R, G, B in [0, 1], every image with the same weight: mean, and the standard deviation of all pixels around it. The
     * pixels are those of the box where there is one. */
    double mean[3], std[3];
} gr_data_statistics;

/* Reads every image of `manifest` (BORROWED). Fails: GR_INVALID (an image that cannot be decoded: its line), GR_NOMEM. */
gr_status gr_data_statistics_compute(const gr_manifest *manifest, gr_data_statistics *out, gr_error *err) GR_MUST_CHECK;

#endif
