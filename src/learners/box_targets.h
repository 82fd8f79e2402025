/* Boxes of a cohort: the maps that a network is trained to make of an image, and boxes read back from such maps.
 *
 * Of a map of H x W cells over the network's image and K kinds, a cell has 5 K numbers: K heats (logits of "here is the
 * middle of a box of this kind"), then for each kind x, y, w, h: where the middle lies from that of the cell, in cells, and
 * the logarithms of the sides in cells. Targets of heats are 1 in the middle's cell and fall off around it; the four are
 * known near the middle only. Zhou et al. 2019, "Objects as points"; the widths of heats and the places with known sides as
 * in Liu et al. 2020, "Training-time- friendly network for real-time object detection". */
#ifndef GR_LEARNERS_BOX_TARGETS_H
#define GR_LEARNERS_BOX_TARGETS_H

#include "base/base.h"
#include "grimace/image_cache.h"
#include "grimace/manifest.h"
#include "grimace/tensor.h"
#include "learners/box_answers.h"

typedef struct gr_box_targets {
    const gr_manifest *manifest;
    int count;          /* kinds */
    const int *partner; /* [count]: what a kind is in a mirrored image: "eye_left" is "eye_right" where there are both */
    int64_t across;     /* boxes that reach over the edge of their picture */
} gr_box_targets;

/* BORROWS `manifest`. Fails: GR_INVALID (the manifest has no box at all), GR_NOMEM. */
gr_status gr_box_targets_open(const gr_manifest *manifest, gr_arena *arena, gr_box_targets *out,
                              gr_error *err) GR_MUST_CHECK;
/* Writes the targets of one image, to[H, W, 5 K] of `shape` [N, H, W, 5 K]; NaN where nothing is known. Boxes that the image
 * shows less than a quarter of are left out. Never fails. */
void gr_box_targets_fill(const gr_box_targets *boxes, int64_t row, const gr_origin *origin, int side, const gr_shape *shape,
                         float *to);
/* Reads the boxes of an image out of a network's map of that shape, in pixels of the decoded image, clipped to it. Never
 * fails. */
void gr_box_maps_read(const float *map, const gr_shape *shape, const gr_origin *origin, int side, float to[GR_BOX_ANSWER]);

#endif
