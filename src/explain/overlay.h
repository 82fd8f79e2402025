/* A map as a picture beside the image that it explains. */
#ifndef GR_EXPLAIN_OVERLAY_H
#define GR_EXPLAIN_OVERLAY_H

#include "grimace/image.h"
#include "image/colour_maps.h"

/* Width of the colour bar with its numbers, behind the panels. */
enum { GR_OVERLAY_BAR = 72 };

typedef struct gr_overlay {
    const gr_image *picture; /* [size, size] */
    const float *map;        /* [size, size] */
    int size;
    bool is_signed;
    gr_colour_map colours; /* of maps without signs */
    double opacity;        /* of the map over the picture, up to 1; 0: 0.5 */
    double scale;          /* the number that has the last colour; 0: the map's largest */
} gr_overlay;

/* The largest size of a number among map[count]. Never fails. */
double gr_overlay_largest(const float *map, int64_t count);
/* Paints three panels side by side, the picture, the map over it and the map, into the left of `out`, which is at least
 * [size, 3 size]. Never fails. */
void gr_overlay_paint(const gr_overlay *overlay, gr_image *out);
/* Writes a PNG [size, 3 size + GR_OVERLAY_BAR]: the panels and the colour bar. Fails: GR_INVALID (the folder is absent or
 * not writable), GR_IO, GR_NOMEM. */
gr_status gr_overlay_write(const char *path, const gr_overlay *overlay, gr_error *err) GR_MUST_CHECK;

#endif
