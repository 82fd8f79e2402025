/* A cascade's stages over many windows at once, a window a lane. Every lane adds in the order in which one window alone
 * would: sums of pixels are whole numbers, features floats, the leaves of a stage doubles; nothing is fused, so that all
 * instruction sets give the same bits, which are OpenCV's. */
#include "parts.h"
#include "rows.h"
#include "simd_lanes.h"

/* The sums in a rectangle of the windows that begin at base[0], base[1] .. */
GR_INLINE gr_vu corners(const int32_t *base, const int32_t at[4])
{
    return gr_vload_u(base + at[0]) - gr_vload_u(base + at[1]) - gr_vload_u(base + at[2]) + gr_vload_u(base + at[3]);
}

GR_INLINE gr_vf rectangle(const int32_t *base, const int32_t *at)
{
    return __builtin_convertvector((gr_vi)corners(base, at), gr_vf);
}

/* Lanes all ones where the window goes left. */
GR_INLINE gr_vi haar_left(const gr_window_node *n, const int32_t *base, gr_vf norm)
{
    gr_vf value = gr_vset(n->weight[0]) * rectangle(base, n->at) + gr_vset(n->weight[1]) * rectangle(base, n->at + 4);
    if (n->weight[2] != 0.0f)
        value = value + gr_vset(n->weight[2]) * rectangle(base, n->at + 8);
    return (gr_vi)(value * norm < gr_vset(n->threshold));
}

/* Each neighbour of the middle block, clockwise from the upper left, is a bit of the pattern, the first the highest. */
GR_INLINE gr_vi lbp_left(const gr_window_node *n, const int32_t *base)
{
    static const int8_t blocks[8] = {0, 1, 2, 6, 10, 9, 8, 4}; /* their upper left corners in 4 x 4 */
    gr_vu corner[16];
    for (int i = 0; i < 16; i++)
        corner[i] = gr_vload_u(base + n->at[i]);
    gr_vi middle = (gr_vi)(corner[5] - corner[6] - corner[9] + corner[10]), pattern = {0};
    for (int i = 0; i < 8; i++) {
        int b = blocks[i];
        gr_vi sum = (gr_vi)(corner[b] - corner[b + 1] - corner[b + 4] + corner[b + 5]);
        pattern = pattern | ((gr_vi)(sum >= middle) & (128 >> i));
    }
    gr_vu words = gr_vgather((const int32_t *)n->subset, pattern >> 5);
    return -(gr_vi)((words >> (gr_vu)(pattern & 31)) & 1);
}

GR_INLINE gr_vi goes_left(bool lbp, const gr_window_node *n, const int32_t *base, gr_vf norm)
{
    return lbp ? lbp_left(n, base) : haar_left(n, base, norm);
}

/* A tree of several nodes: each is worked out where some lane has come to it; children stand behind their parents. */
static __attribute__((noinline)) gr_vf tree_leaf(bool lbp, const gr_window_node *nodes, int32_t count, const int32_t *base,
                                                 gr_vf norm)
{
    gr_vi at = {0};
    gr_vf leaf = gr_vzero();
    for (int32_t n = 0; n < count; n++) {
        gr_vi here = (gr_vi)(at == n);
        gr_vi left = here & goes_left(lbp, &nodes[n], base, norm), right = here & ~left;
        leaf = gr_vselect(left, gr_vset(nodes[n].left_leaf), gr_vselect(right, gr_vset(nodes[n].right_leaf), leaf));
        /* -1: arrived; a leaf kept in `leaf` is overwritten by a later node's only in lanes that go there */
        gr_vi to_left = (gr_vi){0} + (nodes[n].left > 0 ? nodes[n].left : -1);
        gr_vi to_right = (gr_vi){0} + (nodes[n].right > 0 ? nodes[n].right : -1);
        at = (left & to_left) | (right & to_right) | (~here & at);
    }
    return leaf;
}

/* One bit a lane: the stage refuses the window. */
GR_INLINE uint32_t refused(const gr_windows *w, bool lbp, const gr_window_stage *stage, const int32_t *base, gr_vf norm)
{
    gr_vd2 sum = {{0}, {0}};
    for (int32_t t = stage->first_tree; t < stage->first_tree + stage->tree_count; t++) {
        const gr_window_node *nodes = w->nodes + w->trees[t];
        int32_t count = w->trees[t + 1] - w->trees[t];
        gr_vf leaf;
        if (count == 1)
            leaf = gr_vselect(goes_left(lbp, nodes, base, norm), gr_vset(nodes->left_leaf), gr_vset(nodes->right_leaf));
        else
            leaf = tree_leaf(lbp, nodes, count, base, norm);
        gr_vd2 wide = gr_vwiden(leaf);
        sum.low += wide.low;
        sum.high += wide.high;
    }
    return gr_vbelow(sum, stage->threshold);
}

/* 1 / sqrt(area * squares - sum^2) of each window; one bit a lane in *flat where there is too little contrast to divide by.
 */
GR_INLINE gr_vf norm_of(const gr_windows *w, const int32_t *base, uint32_t *flat)
{
    gr_vi sums = (gr_vi)corners(base, w->norm_at);
    gr_vu squares = corners(base + w->square_offset, w->norm_at);
    typedef int32_t half_i __attribute__((vector_size(GR_VL * 2)));
    typedef uint32_t half_u __attribute__((vector_size(GR_VL * 2)));
    half_i s[2];
    half_u q[2];
    memcpy(s, &sums, sizeof s);
    memcpy(q, &squares, sizeof q);
    gr_vd2 inverse;
    gr_vd area = gr_vset_d(w->area), factor[2];
    gr_vl none[2];
    for (int i = 0; i < 2; i++) {
        gr_vd sum = __builtin_convertvector(s[i], gr_vd);
        factor[i] = area * __builtin_convertvector(q[i], gr_vd) - sum * sum;
        none[i] = ~(gr_vl)(factor[i] > gr_vset_d(0.0));
        factor[i] = (gr_vd)(((gr_vl)factor[i] & ~none[i]) | ((gr_vl)gr_vset_d(1.0) & none[i]));
    }
    inverse.low = gr_vset_d(1.0) / gr_vsqrt_d(factor[0]);
    inverse.high = gr_vset_d(1.0) / gr_vsqrt_d(factor[1]);
    gr_vf norm = gr_vnarrow(inverse);
    gr_vd2 wide = gr_vwiden(norm);
    wide.low *= area;
    wide.high *= area;
    uint32_t steep = gr_vbelow(wide, 1e-1);
    *flat = ~steep | gr_vbits(none[0]) | gr_vbits(none[1]) << (GR_VL / 2);
    return norm;
}

GR_INLINE void first_stage(const gr_windows *w, bool lbp, const int32_t *base, int64_t count, uint64_t *passed,
                           uint64_t *failed, float *norms)
{
    for (int64_t i = 0; i < count; i += GR_VL) {
        uint32_t flat = 0, lanes = count - i >= GR_VL ? (uint32_t)((1ull << GR_VL) - 1) : (1u << (count - i)) - 1;
        gr_vf norm = gr_vzero();
        if (!lbp) {
            norm = norm_of(w, base + i, &flat);
            gr_vstore_upto(norms + i, norm, count - i);
        }
        uint32_t live = lanes & ~flat;
        uint32_t below = live != 0 ? refused(w, lbp, &w->stages[0], base + i, norm) : 0;
        passed[i / 64] |= (uint64_t)(live & ~below) << (i % 64);
        failed[i / 64] |= (uint64_t)(live & below) << (i % 64);
    }
}

void GR_KERNEL(gr_windows_row)(const gr_windows *w, const int32_t *base, int64_t count, uint64_t *passed, uint64_t *failed,
                               float *norms)
{
    memset(passed, 0, (size_t)((count + 63) / 64) * sizeof *passed);
    memset(failed, 0, (size_t)((count + 63) / 64) * sizeof *failed);
    if (w->lbp)
        first_stage(w, true, base, count, passed, failed, norms);
    else
        first_stage(w, false, base, count, passed, failed, norms);
}

/* What all later stages let through stays in live[]. */
GR_INLINE void later_stages(const gr_windows *w, bool lbp, const int32_t *base, int64_t count, const float *norms,
                            uint64_t *live)
{
    for (int64_t i = 0; i < count; i += GR_VL) {
        const uint64_t lanes = (1ull << GR_VL) - 1;
        uint32_t left = (uint32_t)(live[i / 64] >> (i % 64) & lanes);
        if (left == 0)
            continue;
        gr_vf norm = lbp ? gr_vzero() : gr_vload_upto(norms + i, count - i);
        for (int32_t s = 1; s < w->stage_count && left != 0; s++)
            left &= ~refused(w, lbp, &w->stages[s], base + i, norm);
        live[i / 64] = (live[i / 64] & ~(lanes << (i % 64))) | (uint64_t)left << (i % 64);
    }
}

void GR_KERNEL(gr_windows_rest)(const gr_windows *w, const int32_t *base, int64_t count, const float *norms, uint64_t *live)
{
    if (w->lbp)
        later_stages(w, true, base, count, norms, live);
    else
        later_stages(w, false, base, count, norms, live);
}
