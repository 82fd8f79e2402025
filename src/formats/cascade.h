/* Cascades of boosted trees over Haar or LBP features in a window, as OpenCV's XML holds them: what whoever evaluates or
 * trains one fills and reads. Nothing here looks at pictures. */
#ifndef GR_FORMATS_CASCADE_H
#define GR_FORMATS_CASCADE_H

#include <stdbool.h>
#include <stdint.h>

#include "grimace/base.h"
#include "grimace/text.h"

typedef enum gr_cascade_kind { GR_CASCADE_HAAR, GR_CASCADE_LBP } gr_cascade_kind;

enum {
    GR_CASCADE_RECTS = 3,      /* of a Haar feature, at most */
    GR_CASCADE_SIDE = 1024,    /* of a window, at most; at least 3 */
    GR_CASCADE_SUBSET = 8,     /* words of 32 bits: the 256 patterns of LBP */
    GR_CASCADE_NODES = 1024,   /* of one tree, at most */
    GR_CASCADE_ITEMS = 1 << 22 /* stages, trees, nodes, features: at most, each */
};

typedef struct gr_cascade_rect {
    int x, y, width, height;
    float weight;
} gr_cascade_rect;

/* Haar: the weighted sum of pixels in 2 or 3 rectangles; tilted ones have their corners at (x, y), (x - height, y + height),
 * (x + width, y + width) and (x + width - height, y + width + height). LBP: the upper left of 3 x 3 blocks of this size. */
typedef struct gr_cascade_feature {
    bool tilted;
    int count;
    gr_cascade_rect rects[GR_CASCADE_RECTS];
} gr_cascade_feature;

/* Haar goes left where the normed feature is below the threshold, LBP where its pattern is in the subset. left, right: above
 * 0 the tree's node of that number (behind this one), else minus the number of the tree's leaf. */
typedef struct gr_cascade_node {
    int left, right, feature;
    float threshold;
    uint32_t subset[GR_CASCADE_SUBSET];
} gr_cascade_node;

typedef struct gr_cascade_tree {
    int64_t first_node; /* its leaves are node_count + 1 from first_node + the tree's number on */
    int node_count;
} gr_cascade_tree;

/* A window goes on where its trees' leaves add up to the threshold at least (OpenCV: less 1e-5). */
typedef struct gr_cascade_stage {
    int64_t first_tree, tree_count;
    float threshold;
} gr_cascade_stage;

/* All arrays are of gr_alloc; gr_cascade_free frees them. */
typedef struct gr_cascade {
    gr_cascade_kind kind;
    int width, height; /* of the window */
    int64_t stage_count, tree_count, node_count, feature_count;
    gr_cascade_stage *stages;
    gr_cascade_tree *trees;
    gr_cascade_node *nodes;
    float *leaves; /* [node_count + tree_count] */
    gr_cascade_feature *features;
} gr_cascade;

/* Reads OpenCV's XML, as opencv_traincascade writes it or as opencv_haartraining did, into *out (GIVES; zeroed on failure).
 * Fails: GR_INVALID ("FILE:LINE: ..."), GR_NOMEM. */
gr_status gr_cascade_read(const char *path, gr_cascade *out, gr_error *err) GR_MUST_CHECK;
/* The same from memory; `name` stands for the file in sentences. */
gr_status gr_cascade_parse(const char *name, const char *bytes, size_t size, gr_cascade *out, gr_error *err) GR_MUST_CHECK;
/* Is everything where it says it is: indices, rectangles inside the window, finite numbers? Fails: GR_INVALID. */
gr_status gr_cascade_check(const gr_cascade *cascade, gr_error *err) GR_MUST_CHECK;
/* Writes the new format, which OpenCV reads back to the same bits. Fails: as gr_cascade_check and gr_file_write, GR_NOMEM.
 */
gr_status gr_cascade_write(const char *path, const gr_cascade *cascade, gr_error *err) GR_MUST_CHECK;
/* Appends what that file would hold to `to`. Fails: as gr_cascade_check, GR_NOMEM. */
gr_status gr_cascade_text(const gr_cascade *cascade, gr_text *to, gr_error *err) GR_MUST_CHECK;
/* Never fails. */
void gr_cascade_free(gr_cascade *cascade);

#endif
