/* Every window that a cascade lets through, one after the other, with its pixels: what whoever trains one wants to see. */
#ifndef GR_DETECT_VISIT_H
#define GR_DETECT_VISIT_H

#include "detect/band_search.h"

/* A window as it was found; all for the time of the call. */
typedef struct gr_visited {
    const gr_band_search *search;
    const gr_level *level;
    const int32_t *corner; /* in the integral image */
    gr_found box;          /* in the picture */
} gr_visited;

/* Is told of each; what it returns but GR_OK ends the search. */
typedef gr_status gr_visit(void *ctx, const gr_visited *window, gr_error *err);

/* Looks at all windows of a picture in one thread, from the largest level and from its top on, in the places where a search
 * with these options would (minNeighbors is not looked at), and calls `visit` for those that all stages of `cascade` let
 * through. Adds to *seen (may be NULL) how many were looked at. A cascade may have one stage without trees: all pass.
 * Fails: GR_NOMEM, and as `visit`. */
gr_status gr_cascade_visit(const gr_cascade *cascade, const gr_grey *grey, const gr_detect_options *options, gr_visit *visit,
                           void *ctx, int64_t *seen, gr_error *err) GR_MUST_CHECK;
/* The window's pixels to[height, width], as the cascade saw them. Never fails. */
void gr_visited_pixels(const gr_visited *window, uint8_t *to);

#endif
