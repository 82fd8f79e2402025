/* Lists of boxes. */
#ifndef GR_DETECT_FOUND_H
#define GR_DETECT_FOUND_H

#include "grimace/detect.h"

/* Appends a box. Fails: GR_NOMEM. */
gr_status gr_found_add(gr_found_list *list, const gr_found *box, gr_error *err) GR_MUST_CHECK;
/* Puts the boxes in grimace's order: the highest score, the largest area, the uppermost, the leftmost first. Never fails. */
void gr_found_sort(gr_found_list *list);
/* Cuts boxes at the edges of a picture; those that are empty then go. Never fails. */
void gr_found_clip(gr_found_list *list, int width, int height);
/* OpenCV's groupRectangles: boxes that are alike become their mean, with their number as score, where there are more than
 * `neighbours` of them; a small one within a larger one of more goes. 0: all stay, with score 1. Fails: GR_NOMEM. */
gr_status gr_found_group(gr_found_list *list, int neighbours, gr_error *err) GR_MUST_CHECK;

#endif
