/* Pictures and maps that a folder holds already, read back: what needs all of them is made behind the last. */
#ifndef GR_EXPLAIN_PANELS_H
#define GR_EXPLAIN_PANELS_H

#include "explain/overlay.h"

/* Where one explanation's files are, and how they look. */
typedef struct gr_panels {
    const char *dir, *name, *method;
    int size;
} gr_panels;

/* GIVES panel `index` (0: the picture, 1: the map over it, 2: the map) of DIR/NAME.METHOD.png. Fails: GR_INVALID, GR_NOMEM.
 */
gr_status gr_panels_read(const gr_panels *panels, int index, gr_image *out, gr_error *err) GR_MUST_CHECK;
/* Paints DIR/NAME.METHOD.png once more from its own picture and the map in DIR/NAME.METHOD.npy; the look is that of `as`,
 * whose picture, map and size are not read. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_panels_repaint(const gr_panels *panels, const gr_overlay *as, gr_error *err) GR_MUST_CHECK;

#endif
