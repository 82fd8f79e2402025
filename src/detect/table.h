/* The kinds of detectors, a line each: its record gr_detector_NAME. Those that a chain may have as a part come first;
 * of two whose files end alike the longer ending does. */
#ifndef GR_DETECT_TABLE_H
#define GR_DETECT_TABLE_H

#include "detect/detector.h"

/* clang-format off */
#define GR_SINGLE_DETECTORS(DETECTOR) \
    DETECTOR(hog_svm) \
    DETECTOR(cascade) \
    DETECTOR(onnx)
#define GR_DETECTORS(DETECTOR) \
    GR_SINGLE_DETECTORS(DETECTOR) \
    DETECTOR(chain)
/* clang-format on */

#define GR_DECLARE_DETECTOR(name) extern const gr_detector gr_detector_##name;
GR_DETECTORS(GR_DECLARE_DETECTOR)
#define GR_DETECTOR_ADDRESS(name) &gr_detector_##name,

/* The one of detectors[count] whose files end as `path` does, in any case of letters; NULL: none. Never fails. */
const gr_detector *gr_detector_of(const gr_detector *const *detectors, int count, const char *path);
/* Are the options within their limits? Fails: GR_INVALID. */
gr_status gr_detect_options_check(const gr_detect_options *options, gr_error *err) GR_MUST_CHECK;

#endif
