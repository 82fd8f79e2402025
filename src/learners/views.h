/* Views of an image, mirrored and turned, over which a network's answers are averaged (evaluate.tta). */
#ifndef GR_LEARNERS_VIEWS_H
#define GR_LEARNERS_VIEWS_H

#include <stdint.h>

/* The name of view `i`, NULL behind the last; `room` is not used. Never fails. */
const char *gr_view_name(int i, char *room);
/* The number of the view called `name`; -1: there is none. Never fails. */
int gr_view_find(const char *name);
/* Writes to[n, side, side, channels]: view `view` of each of from[n, side, side, channels]. Never fails. */
void gr_view_make(int view, const float *from, int64_t n, int64_t side, int64_t channels, float *to);

#endif
