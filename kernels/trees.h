/* Inner loops of growing boosted trees: sums of gradients by column and bin, eight columns side by side. Doubles and floats in
 * a fixed order without fused products: all instruction sets give the same bits. */
#ifndef GR_KERNELS_TREES_H
#define GR_KERNELS_TREES_H

#include <stdint.h>

enum { GR_TREE_LANES = 8 };

/* A node that may be split, and the rules: each side keeps at least `least` of the hessian, above 0. */
typedef struct gr_tree_node {
    double gradient, hessian; /* its sums */
    double least, lambda, alpha;
    float gain; /* its own, which splitting must raise */
    float lower, upper; /* search_bounded: between which its sides' values stay */
    int falling;        /* and the column whose left side's value must be no less than its right side's; -1: none */
} gr_tree_node;

typedef struct gr_tree_kernels {
    /* sums[bins][2][8]: gradients, hessians of eight columns by bin. The best split of each column as XGBoost's hist method
     * finds it: bins from the first on go left one after the other; then, where rounding leaves the column's sum other than
     * the node's, from the last on to the right. gains[8] are what is gained, in float32, 0 where nothing is; places[8] the
     * bin where the first side ends, on the way back -1 - bin. */
    void (*search)(int64_t bins, const double *sums, const gr_tree_node *node, float *gains, int32_t *places);
    /* Likewise with the values bounded: the gain of a side is what its bounded value makes of its sums. */
    void (*search_bounded)(int64_t bins, const double *sums, const gr_tree_node *node, float *gains, int32_t *places);
    /* from[i] -= what[i]. */
    void (*subtract)(int64_t count, const double *what, double *from);
} gr_tree_kernels;

#endif
