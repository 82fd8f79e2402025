/* Arithmetic of relevance propagation over whole tensors, cut into blocks for threads: the same bits with any number of
 * them. */
#ifndef GR_EXPLAIN_RELEVANCE_MATH_H
#define GR_EXPLAIN_RELEVANCE_MATH_H

#include "base/base.h"

/* How R is divided by the sum z of what contributed to it. */
typedef enum gr_division {
    GR_DIVIDE_CONSERVING, /* R / z where z is not 0; what met a z of 0 is left over, to be given out evenly */
    GR_DIVIDE_STABILIZED, /* R / (z + eps sign(z)), sign(0) = 1: zennit's, and the epsilon rule */
    GR_DIVIDE_SAFE        /* R / z, 1e-7 for a z of 0: innvestigate's */
} gr_division;

/* Which outputs take part: all, or those whose value is above or below 0. */
typedef enum gr_side { GR_SIDE_ALL, GR_SIDE_ABOVE, GR_SIDE_BELOW } gr_side;

/* s = R / z over `count` floats, 0 where y[i] is not on `side` (y: NULL with GR_SIDE_ALL). Conserving, z is then what is
 * left over of R: true when any is. */
bool gr_relevance_divide(int64_t count, gr_division division, double eps, gr_side side, const float *y, const float *r,
                         float *z, float *s);
/* Is some r other than 0 where y is below 0? */
bool gr_relevance_below(int64_t count, const float *y, const float *r);

/* What a rule sees of a layer's input x: x, max(x, 0), min(x, 0), x - low, x - high, 1. low and high are of one image. */
typedef enum gr_view {
    GR_VIEW_X,
    GR_VIEW_POSITIVE,
    GR_VIEW_NEGATIVE,
    GR_VIEW_ABOVE_LOW,
    GR_VIEW_BELOW_HIGH,
    GR_VIEW_ONE
} gr_view;
/* out = that of x [images][count]; `bound` is low or high [count] where the view needs it. */
void gr_relevance_view(gr_view view, int64_t images, int64_t count, const float *x, const float *bound, float *out);

/* Two views side by side: out [pixels][2][c], of x [images][pixels of one image][c]. */
void gr_relevance_view_pair(const gr_view views[2], int64_t images, int64_t count, int64_t c, const float *x,
                            const float *const bounds[2], float *out);
/* to (+)= factor (x[0] g[0] + x[1] g[1]), x and g [pixels][2][c], to [pixels][c]. */
void gr_relevance_multiply_pair(int64_t pixels, int64_t c, double factor, const float *x, const float *g, float *to,
                                bool add);

/* to = factor x g, or x replaced by 1 where it is NULL; added when `add`. `to` may be g. */
void gr_relevance_multiply(int64_t count, double factor, const float *x, const float *g, float *to, bool add);
/* to = from, or to += from. */
void gr_relevance_copy(int64_t count, const float *from, float *to, bool add);
/* The share of a in a + b = z: to (+)= a R / z, divided as said; a z of 0 gives each half when conserving. */
void gr_relevance_share(int64_t count, gr_division division, double eps, const float *a, const float *b, const float *r,
                        float *to, bool add);
/* Sum of each image's `count` numbers, in double. */
void gr_relevance_sums(int64_t images, int64_t count, const float *r, double *sums);

#endif
