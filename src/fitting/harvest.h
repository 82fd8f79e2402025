/* Windows of pictures in which nothing is to be found, drawn at random among those that a cascade takes for it. */
#ifndef GR_FITTING_HARVEST_H
#define GR_FITTING_HARVEST_H

#include "fitting/patches.h"
#include "formats/cascade.h"

typedef struct gr_harvest_options {
    int64_t most;   /* windows wanted */
    double overlap; /* IoU that a window may have with a box */
    double scale;   /* from one size of the window to the next */
    uint64_t seed;
    int round; /* windows of another round are drawn anew */
} gr_harvest_options;

typedef struct gr_harvest_count {
    int64_t seen, passed; /* windows of all pictures; passed: beside the boxes too */
} gr_harvest_count;

/* GIVES (gr_patches_free) up to `most` of the windows that all stages of `cascade` let through (all windows where it has
 * none) and that overlap no box: every one is as likely to be among them, whatever the number of threads. Fails: as
 * gr_fit_each. */
gr_status gr_harvest(const gr_fit_pictures *pictures, const gr_cascade *cascade, const gr_harvest_options *options,
                     gr_patches *out, gr_harvest_count *count, gr_error *err) GR_MUST_CHECK;

#endif
