/* Detectors of kinds that are no file of this room. */
#ifndef GR_DETECT_FINDER_H
#define GR_DETECT_FINDER_H

#include "detect/detector.h"

/* Opens the detector at `path`, a file or folder, as one of `kind` (BORROWED for the finder's life). Fails: as kind->open,
 * and GR_NOMEM. */
gr_status gr_finder_make(const gr_detector *kind, const char *path, const gr_detect_options *options, gr_finder **out,
                         gr_error *err) GR_MUST_CHECK;

#endif
