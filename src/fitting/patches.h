/* Small grey pictures of one size: what a window sees. */
#ifndef GR_FITTING_PATCHES_H
#define GR_FITTING_PATCHES_H

#include "fitting/pictures.h"

typedef struct gr_patches {
    int width, height;
    int64_t count;
    uint8_t *pixels; /* [count, height, width] */
} gr_patches;

/* How boxes are cut. */
typedef struct gr_patch_options {
    int width, height; /* of the window */
    int copies;  /* of each box; all but the first are moved by up to a twentieth of the window and made up to a tenth larger
                  * or smaller */
    bool mirror; /* each once more as in a mirror */
    uint64_t seed;
} gr_patch_options;

/* GIVES (gr_patches_free) the boxes of all pictures, widened to the window's proportions and drawn as a search would draw
 * them: bilinear, without smoothing; beyond a picture its edge goes on. A box's patches stand together: the first, its
 * mirror image, the copies. Fails: as gr_fit_each. */
gr_status gr_patches_of_boxes(const gr_fit_pictures *pictures, const gr_patch_options *options, gr_patches *out,
                              gr_error *err) GR_MUST_CHECK;
/* Draws that box of a picture as to[height, width]. Never fails. */
void gr_patch_draw(const gr_grey *grey, const gr_box *box, int width, int height, bool mirrored, uint8_t *to);
void gr_patches_free(gr_patches *patches);

#endif
