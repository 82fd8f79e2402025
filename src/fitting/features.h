/* All features of a window that boosting chooses from. */
#ifndef GR_FITTING_FEATURES_H
#define GR_FITTING_FEATURES_H

#include "formats/cascade.h"

/* Which Haar features: opencv_traincascade's BASIC, CORE and ALL. */
typedef enum gr_haar_set {
    GR_HAAR_BASIC, /* edges, lines of three, checks of two by two */
    GR_HAAR_CORE,  /* lines of four too, a spot in its surroundings */
    GR_HAAR_ALL    /* the tilted ones too */
} gr_haar_set;

/* GIVES (gr_free) features[count] of a window in OpenCV's order; `set` is looked at for Haar. Fails: GR_NOMEM. */
gr_status gr_features_list(gr_cascade_kind kind, gr_haar_set set, int width, int height, gr_cascade_feature **features,
                           int64_t *count, gr_error *err) GR_MUST_CHECK;

#endif
