/* The kinds of detectors, a line each: its record gr_detector_NAME. Those that a chain may have as a stage come first. */
#ifndef GR_DETECT_TABLE_H
#define GR_DETECT_TABLE_H

#include "detect/detector.h"

/* clang-format off */
#define GR_SINGLE_DETECTORS(DETECTOR) \
    DETECTOR(cascade)
#define GR_DETECTORS(DETECTOR) \
    GR_SINGLE_DETECTORS(DETECTOR) \
    DETECTOR(chain)
/* clang-format on */

#define GR_DECLARE_DETECTOR(name) extern const gr_detector gr_detector_##name;
GR_DETECTORS(GR_DECLARE_DETECTOR)

#endif
