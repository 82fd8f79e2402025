/* Windows of a cascade: what the kernels that look for objects are given. Plain arrays; who fills them is src/detect. */
#ifndef GR_WINDOWS_H
#define GR_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>

/* A node of a tree, with places in the integral images of one row stride, counted from a window's upper left corner. */
typedef struct gr_window_node {
    int32_t
        at[16]; /* Haar: upper left, upper right, lower left, lower right of 3 rectangles; LBP: the 4 x 4 corners, by rows */
    uint32_t subset[8];          /* LBP: the patterns that go left */
    float weight[3], threshold;  /* Haar: the third weight 0: two rectangles */
    float left_leaf, right_leaf; /* where the child is a leaf */
    int16_t left, right;         /* the tree's node of that number; 0: a leaf */
} gr_window_node;

typedef struct gr_window_stage {
    int32_t first_tree, tree_count;
    float threshold; /* the leaves' sum must reach it */
} gr_window_stage;

typedef struct gr_windows {
    bool lbp;
    int32_t stage_count;
    const gr_window_stage *stages;
    const int32_t *trees; /* [tree_count + 1]: where each one's nodes begin */
    const gr_window_node *nodes;
    int32_t norm_at[4];    /* Haar: the corners of the window without its outermost pixels */
    int32_t square_offset; /* from the sums to the sums of squares */
    double area;           /* of those */
} gr_windows;

#endif
