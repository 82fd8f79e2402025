/* The search for windows that a machine over gradients takes for a box. */
#ifndef GR_DETECT_HOG_FIND_H
#define GR_DETECT_HOG_FIND_H

#include "detect/hog_svm.h"
#include "grimace/detect.h"

/* Adds the boxes that it finds in a picture: windows at every cell of every size (gr_levels), grouped as those of a cascade
 * and cut at the picture's edges; found by `name` (BORROWED by them). Fails: GR_NOMEM. */
gr_status gr_hog_svm_find(const gr_hog_svm *machine, const gr_detect_options *options, const char *name, const gr_grey *grey,
                          gr_found_list *out, gr_error *err) GR_MUST_CHECK;

#endif
