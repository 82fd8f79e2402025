/* Winograd's filter transforms: U = G g G^T when weights are packed, and its transpose G^T du G when their gradient is
 * finished. Vectors run over output channels. */
#include "winograd.h"

/* u = G g. The rows of G are (1, x, x^2) / N(x) at the points x = 0, +-A, +-B, where N(x) is the product of x's distances
 * to the other finite points: 1, -3/2, -3/2, 6, 6; and (0, 0, 1). */
GR_INLINE void filter6(gr_vf g0, gr_vf g1, gr_vf g2, gr_vf u[6])
{
    gr_vf even_a = gr_vset(-2.0f / 3.0f) * gr_vfma(gr_vset(0.5f), g2, g0), odd_a = gr_vset(-2.0f / 3.0f * GR_POINT_A) * g1;
    gr_vf even_b = gr_vset(1.0f / 6.0f) * gr_vfma(gr_vset(2.0f), g2, g0), odd_b = gr_vset(1.0f / 6.0f * GR_POINT_B) * g1;
    u[0] = g0;
    u[1] = even_a + odd_a;
    u[2] = even_a - odd_a;
    u[3] = even_b + odd_b;
    u[4] = even_b - odd_b;
    u[5] = g2;
}

/* g = G^T u */
GR_INLINE void filter3(gr_vf u0, gr_vf u1, gr_vf u2, gr_vf u3, gr_vf u4, gr_vf u5, gr_vf g[3])
{
    gr_vf sum_a = gr_vset(-2.0f / 3.0f) * (u1 + u2), sum_b = gr_vset(1.0f / 6.0f) * (u3 + u4);
    g[0] = u0 + sum_a + sum_b;
    g[1] = gr_vfma(gr_vset(-2.0f / 3.0f * GR_POINT_A), u1 - u2, gr_vset(1.0f / 6.0f * GR_POINT_B) * (u3 - u4));
    g[2] = gr_vfma(gr_vset(0.5f), sum_a, gr_vfma(gr_vset(2.0f), sum_b, u5));
}

/* ---- packing ----------------------------------------------------------------------------------------------------- */

typedef struct pack_job {
    const gr_conv_problem *p;
    gr_wino_plan plan;
    const float *weights;
    float *u;
} pack_job;

/* The 36 vectors of one input channel and GR_VL output channels, to u[36] `apart` floats apart. */
static void transform_filter(gr_vf taps[9], float *u, int64_t apart)
{
    gr_vf columns[3][6], row[6];
    GR_UNROLL
    for (int j = 0; j < 3; j++)
        filter6(taps[j], taps[3 + j], taps[6 + j], columns[j]);
    GR_UNROLL
    for (int i = 0; i < 6; i++) {
        filter6(columns[0][i], columns[1][i], columns[2][i], row);
        GR_UNROLL
        for (int j = 0; j < 6; j++)
            gr_vstore(u + (i * 6 + j) * apart, row[j]);
    }
}

enum { ROWS = 16 }; /* input channels of one packing task */

/* Forward: weights[tap][ic][oc] are read along oc. */
static void pack_forward(void *ctx, int64_t index, int thread)
{
    const pack_job *j = ctx;
    const gr_wino_plan *plan = &j->plan;
    (void)thread;
    int64_t row_blocks = gr_blocks(plan->ic_blocks * GR_VL, ROWS), panel = index / row_blocks;
    int64_t ic0 = index % row_blocks * ROWS, ic1 = gr_least(ic0 + ROWS, plan->ic_blocks * GR_VL);
    for (int64_t ic = ic0; ic < ic1; ic++)
        for (int64_t half = 0; half < 2; half++) {
            gr_vf taps[9] = {gr_vzero()};
            int64_t oc = panel * GR_PANEL + half * GR_VL, lanes = gr_least(plan->oc - oc, GR_VL);
            if (ic < plan->ic && lanes > 0)
                for (int tap = 0; tap < 9; tap++) {
                    const float *from = j->weights + (tap * plan->ic + ic) * plan->oc + oc;
                    taps[tap] = gr_vload_upto(from, lanes);
                    __builtin_prefetch(from + 4 * plan->oc);
                }
            transform_filter(taps, j->u + (panel * plan->ic_blocks * GR_VL + ic) * GR_PANEL + half * GR_VL, plan->u_stride);
        }
}

/* Data: the filter is turned, and weights[tap][oc here][ic here] is read along ic, so that a square of it is transposed. */
static void pack_data(void *ctx, int64_t index, int thread)
{
    const pack_job *j = ctx;
    const gr_wino_plan *plan = &j->plan;
    (void)thread;
    int64_t ic0 = index % plan->ic_blocks * GR_VL, panel = index / plan->ic_blocks;
    int64_t ic_lanes = gr_least(plan->ic - ic0, GR_VL);
    for (int64_t half = 0; half < 2; half++) {
        float turned[9][GR_VL][GR_VL]; /* [tap][ic][oc] */
        int64_t oc0 = panel * GR_PANEL + half * GR_VL, oc_lanes = gr_least(plan->oc - oc0, GR_VL);
        memset(turned, 0, sizeof turned);
        for (int tap = 0; tap < 9; tap++)
            for (int64_t oc = 0; oc < oc_lanes; oc++) {
                const float *from = j->weights + (tap * plan->oc + oc0 + oc) * plan->ic + ic0;
                __builtin_prefetch(from + GR_VL);
                for (int64_t ic = 0; ic < ic_lanes; ic++)
                    turned[8 - tap][ic][oc] = from[ic];
            }
        for (int64_t ic = 0; ic < GR_VL; ic++) {
            gr_vf taps[9];
            for (int tap = 0; tap < 9; tap++)
                taps[tap] = gr_vload(turned[tap][ic]);
            transform_filter(taps, j->u + (panel * plan->ic_blocks * GR_VL + ic0 + ic) * GR_PANEL + half * GR_VL,
                             plan->u_stride);
        }
    }
}

void GR_KERNEL(gr_wino_pack)(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    pack_job j = {p, GR_KERNEL(gr_wino_plan)(p, d, true), weights, packed};
    if (d == GR_FORWARD)
        gr_parallel_for(j.plan.panels * gr_blocks(j.plan.ic_blocks * GR_VL, ROWS), pack_forward, &j);
    else
        gr_parallel_for(j.plan.panels * j.plan.ic_blocks, pack_data, &j);
}

void GR_KERNEL(gr_wino_filter)(const float *taps, int64_t rows, float *u, int64_t u_position)
{
    for (int64_t row = 0; row < rows; row++, taps += 9 * GR_PANEL, u += GR_PANEL)
        for (int64_t half = 0; half < GR_PANEL; half += GR_VL) {
            gr_vf g[9];
            for (int tap = 0; tap < 9; tap++)
                g[tap] = gr_vload(taps + tap * GR_PANEL + half);
            transform_filter(g, u + half, u_position);
        }
}

/* ---- the filter's gradient --------------------------------------------------------------------------------------- */

/* One input channel and up to GR_VL output channels, du[36] `apart` floats apart, to dw[9] `tap_step` floats apart; what
 * will be written `ahead` floats behind is fetched. */
static void finish_filter(const float *du, int64_t apart, float *dw, int64_t tap_step, int64_t ahead, int64_t lanes,
                          bool accumulate)
{
    gr_vf columns[6][3], row[3];
    GR_UNROLL
    for (int j = 0; j < 6; j++) {
        const float *from = du + j * apart;
        filter3(gr_vload(from), gr_vload(from + 6 * apart), gr_vload(from + 12 * apart), gr_vload(from + 18 * apart),
                gr_vload(from + 24 * apart), gr_vload(from + 30 * apart), columns[j]);
    }
    for (int i = 0; i < 3; i++) {
        filter3(columns[0][i], columns[1][i], columns[2][i], columns[3][i], columns[4][i], columns[5][i], row);
        for (int j = 0; j < 3; j++) {
            float *to = dw + (i * 3 + j) * tap_step;
            gr_vstore_upto(to, accumulate ? row[j] + gr_vload_upto(to, lanes) : row[j], lanes);
            __builtin_prefetch(to + ahead, 1);
        }
    }
}

void GR_KERNEL(gr_wino_filter_gradient)(const gr_conv_problem *p, int64_t c0, int64_t rows, int64_t oc0, int64_t cols,
                                        const float *du, int64_t du_position, int64_t du_row, bool accumulate, float *dw)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t oc = 0; oc < cols; oc += GR_VL)
            finish_filter(du + r * du_row + oc, du_position, dw + (c0 + r) * p->oc + oc0 + oc, p->c * p->oc,
                          4 * p->oc, gr_least(cols - oc, GR_VL), accumulate);
}
