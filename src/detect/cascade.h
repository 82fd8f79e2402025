/* The search of a cascade that is in memory. */
#ifndef GR_DETECT_CASCADE_H
#define GR_DETECT_CASCADE_H

#include "detect/grey.h"
#include "formats/cascade.h"
#include "grimace/detect.h"

/* Adds the boxes that `cascade` finds in a picture, grouped and cut at its edges, found by `name` (BORROWED by them), to
 * *out. Fails: GR_NOMEM. */
gr_status gr_cascade_find(const gr_cascade *cascade, const gr_detect_options *options, const char *name, const gr_grey *grey,
                          gr_found_list *out, gr_error *err) GR_MUST_CHECK;

#endif
