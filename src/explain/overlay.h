/* A map as a picture beside the image that it explains. */
#ifndef GR_EXPLAIN_OVERLAY_H
#define GR_EXPLAIN_OVERLAY_H

#include "grimace/image.h"

typedef struct gr_overlay {
    const gr_image *picture; /* [size, size] */
    const float *map;        /* [size, size] */
    int size;
    bool is_signed;
} gr_overlay;

/* Paints three panels side by side, the picture, the map over it and the map, into `out` [size, 3 size]. Never fails. */
void gr_overlay_paint(const gr_overlay *overlay, gr_image *out);
/* Writes a PNG of three panels: the picture, the map over it, the map. Fails: GR_INVALID (the folder is absent or not
 * writable), GR_IO, GR_NOMEM. */
gr_status gr_overlay_write(const char *path, const gr_overlay *overlay, gr_error *err) GR_MUST_CHECK;

#endif
