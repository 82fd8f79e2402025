/* How Winograd convolution cuts its work. */
#include "winograd.h"

/* Above this many bytes U no longer stays near the cores, and it pays to multiply all tiles by a part of it at once. */
enum { STAGED_FROM = 4 << 20, FUSED_V = 150 << 10, STAGED_BYTES = 20 << 20, MOST_TASKS = 512 };

static void cut(gr_wino_plan *plan)
{
    int64_t u_bytes = GR_POSITIONS * plan->ic * plan->oc * (int64_t)sizeof(float);
    int64_t v_bytes = plan->ic_blocks * GR_V_BLOCK * (int64_t)sizeof(float);
    int64_t m_bytes = plan->panels * GR_M_BLOCK * (int64_t)sizeof(float);
    plan->staged = u_bytes > STAGED_FROM;
    if (plan->staged)
        plan->block = STAGED_BYTES / (v_bytes + m_bytes);
    else
        plan->block = FUSED_V / v_bytes;
    if (plan->block < 1)
        plan->block = 1;
    plan->blocks = gr_blocks(plan->strips, plan->block);
    plan->block = gr_blocks(plan->strips, plan->blocks);
    plan->tasks = plan->staged ? plan->strips : gr_least(plan->blocks, MOST_TASKS);
}

gr_wino_plan GR_KERNEL(gr_wino_plan)(const gr_conv_problem *p, gr_direction d)
{
    bool data = d == GR_BACKDATA;
    gr_wino_plan plan = {.ic = data ? p->oc : p->c, .oc = data ? p->c : p->oc};
    int64_t out_h = data ? p->h : p->oh, out_w = data ? p->w : p->ow;
    plan.grid.rows = gr_blocks(out_h, 4);
    plan.grid.cols = gr_blocks(out_w, 4);
    plan.grid.tiles = p->n * plan.grid.rows * plan.grid.cols;
    plan.grid.pad_top = data ? 2 - p->pad_top : p->pad_top;
    plan.grid.pad_left = data ? 2 - p->pad_left : p->pad_left;
    plan.ic_blocks = gr_blocks(plan.ic, GR_VL);
    plan.panels = gr_blocks(plan.oc, GR_PANEL);
    plan.strips = gr_blocks(plan.grid.tiles, GR_STRIP);
    /* A few cache lines more than a power of two, or the 36 positions would compete for the same cache sets. */
    plan.u_stride = (plan.ic_blocks * GR_VL * plan.panels + 3) * GR_PANEL;
    cut(&plan);
    return plan;
}
