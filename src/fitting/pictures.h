/* What detectors are fitted to: grey pictures and the boxes of what is to be found in them. */
#ifndef GR_FITTING_PICTURES_H
#define GR_FITTING_PICTURES_H

#include "detect/grey.h"
#include "grimace/manifest.h"

/* Everything BORROWED. A picture without boxes has nothing of what is to be found. */
typedef struct gr_fit_pictures {
    int64_t count;
    const int64_t *first; /* [count + 1]: boxes[first[i]] to boxes[first[i + 1] - 1] are those of picture i */
    const gr_box *boxes;  /* in pixels */
    /* Gives picture `index` (gr_grey_free). Called from several threads at once. Fails: as it likes. */
    gr_status (*read)(void *ctx, int64_t index, gr_grey *out, gr_error *err);
    void *ctx;
} gr_fit_pictures;

/* The box of the window's proportions around the same middle that holds `box`. Never fails. */
gr_box gr_fit_widened(const gr_box *box, int width, int height);
/* Does the box overlap one of picture `index` by more than this IoU? Never fails. */
bool gr_fit_overlaps(const gr_fit_pictures *pictures, int64_t index, const gr_box *box, double iou);

/* Does work(ctx, index, thread) for every picture on all threads, each picture read before; the error of the lowest index is
 * told. Fails: as `read` and `work`, GR_NOMEM. */
typedef gr_status gr_fit_work(void *ctx, int64_t index, const gr_grey *grey, int thread, gr_error *err);
gr_status gr_fit_each(const gr_fit_pictures *pictures, gr_fit_work *work, void *ctx, gr_error *err) GR_MUST_CHECK;

#endif
