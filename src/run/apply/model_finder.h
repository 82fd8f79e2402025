/* Models of the task boxes as a kind of detector (detect/detector.h). */
#ifndef GR_RUN_MODEL_FINDER_H
#define GR_RUN_MODEL_FINDER_H

struct gr_detector;

/* For gr_detect_options.models: networks stay loaded from picture to picture, and one picture at a time is looked at, by all
 * threads. */
extern const struct gr_detector gr_model_detector;

#endif
