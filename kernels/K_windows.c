/* A cascade's stages over many windows at once, a window a lane. Every lane adds in the order in which one window alone would: sums of
 * pixels are whole numbers, features floats, the leaves of a stage doubles; nothing is fused, so that all instruction sets give the
 * same bits, which are OpenCV's. */
#include "parts.h"
#include "rows.h"
#include "simd_lanes.h"

/* The sums at `place` of the windows at base[0..], or at base[index]. */
GR_INLINE gr_vu sums_at(const int32_t *base, const gr_vi *index, int32_t place)
{
    return index == NULL ? gr_vload_u(base + place) : gr_vgather(base + place, *index);
}

GR_INLINE gr_vu corners(const int32_t *base, const gr_vi *index, const int32_t *at, int a, int b, int c, int d)
{
    return sums_at(base, index, at[a]) - sums_at(base, index, at[b]) - sums_at(base, index, at[c]) + sums_at(base, index, at[d]);
}

GR_INLINE gr_vf rectangle(const int32_t *base, const gr_vi *index, const int32_t *at)
{
    return __builtin_convertvector((gr_vi)corners(base, index, at, 0, 1, 2, 3), gr_vf);
}

/* Lanes all ones where the window goes left. */
GR_INLINE gr_vi haar_left(const gr_window_node *n, const int32_t *base, const gr_vi *index, gr_vf norm)
{
    gr_vf value = gr_vset(n->weight[0]) * rectangle(base, index, n->at) + gr_vset(n->weight[1]) * rectangle(base, index, n->at + 4);
    if (n->weight[2] != 0.0f)
        value = value + gr_vset(n->weight[2]) * rectangle(base, index, n->at + 8);
    return (gr_vi)(value * norm < gr_vset(n->threshold));
}

/* Each neighbour of the middle block, clockwise from the upper left, is a bit of the pattern, the first the highest. */
GR_INLINE gr_vi lbp_left(const gr_window_node *n, const int32_t *base, const gr_vi *index)
{
    static const int8_t blocks[8] = {0, 1, 2, 6, 10, 9, 8, 4}; /* their upper left corners in 4 x 4 */
    gr_vu corner[16];
    for (int i = 0; i < 16; i++)
        corner[i] = sums_at(base, index, n->at[i]);
    gr_vi middle = (gr_vi)(corner[5] - corner[6] - corner[9] + corner[10]), pattern = {0};
    for (int i = 0; i < 8; i++) {
        int b = blocks[i];
        gr_vi sum = (gr_vi)(corner[b] - corner[b + 1] - corner[b + 4] + corner[b + 5]);
        pattern = pattern | ((gr_vi)(sum >= middle) & (128 >> i));
    }
    gr_vu words = gr_vgather((const int32_t *)n->subset, pattern >> 5);
    return -(gr_vi)((words >> (gr_vu)(pattern & 31)) & 1);
}

GR_INLINE gr_vi goes_left(bool lbp, const gr_window_node *n, const int32_t *base, const gr_vi *index, gr_vf norm)
{
    return lbp ? lbp_left(n, base, index) : haar_left(n, base, index, norm);
}

/* A tree of several nodes: each is worked out where some lane has come to it; children stand behind their parents. */
static __attribute__((noinline)) gr_vf tree_leaf(bool lbp, const gr_window_node *nodes, int32_t count, const int32_t *base,
                                                 const gr_vi *index, gr_vf norm)
{
    gr_vi at = {0};
    gr_vf leaf = gr_vzero();
    for (int32_t n = 0; n < count; n++) {
        gr_vi here = (gr_vi)(at == n);
        gr_vi left = here & goes_left(lbp, &nodes[n], base, index, norm), right = here & ~left;
        leaf = gr_vselect(left, gr_vset(nodes[n].left_leaf), gr_vselect(right, gr_vset(nodes[n].right_leaf), leaf));
        /* -1: arrived; a leaf kept in `leaf` is overwritten by a later node's only in lanes that go there */
        gr_vi to_left = (gr_vi){0} + (nodes[n].left > 0 ? nodes[n].left : -1);
        gr_vi to_right = (gr_vi){0} + (nodes[n].right > 0 ? nodes[n].right : -1);
        at = (left & to_left) | (right & to_right) | (~here & at);
    }
    return leaf;
}

/* One bit a lane: the stage refuses the window. */
GR_INLINE uint32_t refused(const gr_windows *w, bool lbp, const gr_window_stage *stage, const int32_t *base, const gr_vi *index,
                           gr_vf norm)
{
    gr_vd2 sum = {{0}, {0}};
    for (int32_t t = stage->first_tree; t < stage->first_tree + stage->tree_count; t++) {
        const gr_window_node *nodes = w->nodes + w->trees[t];
        int32_t count = w->trees[t + 1] - w->trees[t];
        gr_vf leaf;
        if (count == 1)
            leaf = gr_vselect(goes_left(lbp, nodes, base, index, norm), gr_vset(nodes->left_leaf), gr_vset(nodes->right_leaf));
        else
            leaf = tree_leaf(lbp, nodes, count, base, index, norm);
        gr_vd2 wide = gr_vwiden(leaf);
        sum.low += wide.low;
        sum.high += wide.high;
    }
    return gr_vbelow(sum, stage->threshold);
}

/* 1 / sqrt(area * squares - sum^2) of each window; one bit a lane in *flat where there is too little contrast to divide by. */
GR_INLINE gr_vf norm_of(const gr_windows *w, const int32_t *base, uint32_t *flat)
{
    gr_vi sums = (gr_vi)corners(base, NULL, w->norm_at, 0, 1, 2, 3);
    gr_vu squares = corners(base + w->square_offset, NULL, w->norm_at, 0, 1, 2, 3);
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

GR_INLINE void first_stage(const gr_windows *w, bool lbp, const int32_t *base, int64_t count, uint64_t *passed, uint64_t *failed,
                           float *norms)
{
    for (int64_t i = 0; i < count; i += GR_VL) {
        uint32_t flat = 0, lanes = count - i >= GR_VL ? (uint32_t)((1ull << GR_VL) - 1) : (1u << (count - i)) - 1;
        gr_vf norm = gr_vzero();
        if (!lbp) {
            norm = norm_of(w, base + i, &flat);
            gr_vstore_upto(norms + i, norm, count - i);
        }
        uint32_t live = lanes & ~flat;
        uint32_t below = live != 0 ? refused(w, lbp, &w->stages[0], base + i, NULL, norm) : 0;
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

/* Those of places[count] that the stage lets through move to the front; they keep their order. */
GR_INLINE int64_t filter(const gr_windows *w, bool lbp, const gr_window_stage *stage, const int32_t *base, int32_t *places,
                         float *norms, int64_t count)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i += GR_VL) {
        int64_t lanes = count - i < GR_VL ? count - i : GR_VL;
        gr_vi index = {0};
        memcpy(&index, places + i, (size_t)lanes * sizeof *places);
        gr_vf norm = lbp ? gr_vzero() : gr_vload_upto(norms + i, lanes);
        uint32_t live = ~refused(w, lbp, stage, base, &index, norm) & (uint32_t)((1ull << lanes) - 1);
        for (; live != 0; live &= live - 1, kept++) {
            int lane = __builtin_ctz(live);
            places[kept] = places[i + lane];
            if (!lbp)
                norms[kept] = norms[i + lane];
        }
    }
    return kept;
}

int64_t GR_KERNEL(gr_windows_list)(const gr_windows *w, const int32_t *base, int32_t *places, float *norms, int64_t count)
{
    for (int32_t s = 1; s < w->stage_count && count > 0; s++)
        count = w->lbp ? filter(w, true, &w->stages[s], base, places, norms, count)
                       : filter(w, false, &w->stages[s], base, places, norms, count);
    return count;
}
