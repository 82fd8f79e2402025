/* Views of a convolution, and weights packed for them. */
#include "implicit_gemm.h"

int64_t GR_KERNEL(gr_view_count)(const gr_conv_problem *p, gr_direction d)
{
    return d == GR_BACKDATA ? p->stride_h * p->stride_w : 1;
}

static gr_axis forward_axis(int64_t size, int64_t taps, int64_t stride, int64_t pad, int64_t dil, int64_t out)
{
    return (gr_axis){.size = size,
                     .taps = taps,
                     .first = -pad,
                     .stride = stride,
                     .dil = dil,
                     .results = out,
                     .step = 1,
                     .full = out,
                     .kernel_step = 1};
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    return b == 0 ? a : common_divisor(b, a % b);
}

/* Input i = rest + j * stride is read through tap k by output (i + pad - k * dil) / stride where that is whole: for every
 * period-th tap, beginning with the first that fits. With the taps in falling order the outputs rise with the tap. */
static gr_axis data_axis(int64_t size, int64_t taps, int64_t stride, int64_t pad, int64_t dil, int64_t out, int64_t rest)
{
    int64_t divisor = common_divisor(dil, stride), period = stride / divisor, k = 0;
    gr_axis axis = {.size = out, .stride = 1, .dil = dil / divisor, .at = rest, .step = stride, .full = size};
    axis.results = rest < size ? (size - rest - 1) / stride + 1 : 0;
    while (k < period && (rest + pad - k * dil) % stride != 0)
        k++;
    if (k == period || k >= taps)
        return axis;
    axis.taps = (taps - k - 1) / period + 1;
    axis.kernel_first = k + (axis.taps - 1) * period;
    axis.kernel_step = -period;
    axis.first = (rest + pad - k * dil) / stride - (axis.taps - 1) * axis.dil;
    return axis;
}

static gr_view data_view(const gr_conv_problem *p, int64_t rest_h, int64_t rest_w)
{
    return (gr_view){.h = data_axis(p->h, p->kh, p->stride_h, p->pad_top, p->dil_h, p->oh, rest_h),
                     .w = data_axis(p->w, p->kw, p->stride_w, p->pad_left, p->dil_w, p->ow, rest_w),
                     .in_c = p->oc,
                     .out_c = p->c};
}

static gr_view finished(const gr_conv_problem *p, gr_view v)
{
    v.n = p->n;
    v.groups = p->groups;
    v.group_in = v.in_c / v.groups;
    v.group_out = v.out_c / v.groups;
    v.k = v.h.taps * v.w.taps * v.group_in;
    v.pixels = v.n * v.h.results * v.w.results;
    v.panels = gr_blocks(v.group_out, GR_NR);
    return v;
}

gr_view GR_KERNEL(gr_view_make)(const gr_conv_problem *p, gr_direction d, int64_t index)
{
    if (d != GR_BACKDATA)
        return finished(p, (gr_view){.h = forward_axis(p->h, p->kh, p->stride_h, p->pad_top, p->dil_h, p->oh),
                                     .w = forward_axis(p->w, p->kw, p->stride_w, p->pad_left, p->dil_w, p->ow),
                                     .in_c = p->c,
                                     .out_c = p->oc});
    int64_t rest_h = index / p->stride_w, rest_w = index % p->stride_w, taps_before = 0;
    gr_view v = finished(p, data_view(p, rest_h, rest_w));
    for (int64_t i = 0; i < rest_h; i++)
        taps_before += data_view(p, i, 0).h.taps * p->kw; /* each column of taps belongs to one remainder */
    for (int64_t i = 0; i < rest_w; i++)
        taps_before += v.h.taps * data_view(p, rest_h, i).w.taps;
    v.packed_at = taps_before * v.in_c * v.panels * GR_NR; /* in_c: group_in in each of the groups */
    return v;
}

typedef struct job {
    const gr_conv_problem *p;
    gr_direction d;
    int64_t panels; /* of one view: they differ in taps alone */
    const float *weights;
    float *packed;
} job;

static void pack_panel(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const gr_view view = GR_KERNEL(gr_view_make)(j->p, j->d, index / j->panels), *v = &view;
    (void)thread;
    index %= j->panels;
    int64_t group = index / v->panels, column = index % v->panels * GR_NR;
    float *out = j->packed + v->packed_at + index * v->k * GR_NR;
    for (int64_t th = 0; th < v->h.taps; th++)
        for (int64_t tw = 0; tw < v->w.taps; tw++) {
            int64_t kh = v->h.kernel_first + th * v->h.kernel_step, kw = v->w.kernel_first + tw * v->w.kernel_step;
            /* weights: [KH,KW,C/groups,OC]; a group has its own columns there, whatever the direction */
            const float *tap =
                j->weights + (kh * j->p->kw + kw) * (j->p->c / j->p->groups) * j->p->oc + group * (j->p->oc / j->p->groups);
            int64_t columns = gr_least(GR_NR, v->group_out - column);
            if (j->d == GR_FORWARD)
                gr_panel_copy(v->group_in, columns, tap + column, j->p->oc, out);
            else
                gr_panel_transpose(v->group_in, columns, tap + column * j->p->oc, j->p->oc, out);
            out += v->group_in * GR_NR;
        }
    if (!j->p->bf16)
        return;
    out -= v->k * GR_NR;
    GR_KERNEL(gr_pair_rows)(v->k, GR_NR, out, GR_NR);
    int64_t pairs = gr_blocks(v->k, 2), whole = gr_round_up(pairs, GR_PAIR_STEP);
    if (gr_view_by_matrix(v))
        memset(out + pairs * GR_NR, 0, sizeof *out * (size_t)((whole - pairs) * GR_NR));
}

void GR_KERNEL(gr_view_pack)(const gr_conv_problem *p, gr_direction d, const float *weights, float *packed)
{
    gr_view v = GR_KERNEL(gr_view_make)(p, d, 0);
    job j = {.p = p, .d = d, .panels = v.groups * v.panels, .weights = weights, .packed = packed};
    gr_parallel_for(GR_KERNEL(gr_view_count)(p, d) * j.panels, pack_panel, &j);
}
