/* First convolution with a max pool behind it, weight direction: dw[k][oc] = the sum over the pool's outputs of their
 * gradient times the input that tap k of the chosen output read. Of each window's four outputs one has a gradient, another
 * one in each channel: where a vector's lanes can pick their inputs from two registers that costs a quarter of the products,
 * elsewhere the gradient is spread over the four, three of them 0. The rows of the pool are cut into chunks whose sums are
 * added in their order. */
#include <stdio.h>

#include "first.h"
#include "parts.h"
#include "pooled.h"

enum {
    TAPS = 9,             /* in registers at once */
    CHUNKS = 192,         /* at most: a sum of floats over more rows would lose digits, and every one is read once more */
    STRETCH = 32,         /* outputs of the pool that are made ready at once */
    PICKS = GR_VL == 16,  /* a lane picks one of two registers' numbers in one instruction */
    READY = PICKS ? 2 : 4 /* vectors for each vector of gradients: the gradient and where it belongs, or all four outputs' */
};

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    const gr_conv_fusion *f;
    gr_first_cut cut;
    int64_t chunks;
    float *sums; /* [chunk][panel][k + 1][GR_FIRST_PANEL]; the last row of k is the bias's */
    float *rows;
} job;

typedef gr_vf ready[STRETCH][READY][GR_FIRST_VECTORS];

static int64_t chunks_of(const gr_first_cut *cut)
{
    return gr_least(CHUNKS, cut->tasks);
}

static size_t chunk_floats(const gr_first_cut *cut)
{
    return (size_t)(cut->panels * (cut->k + 1) * GR_FIRST_PANEL);
}

static gr_first_cut cut_of(const gr_conv_problem *p)
{
    gr_pool_problem pool = {.n = p->n, .oh = p->oh / 2, .ow = p->ow / 2};
    return GR_KERNEL(gr_first_cut)(p, &pool);
}

static size_t sums_floats(const gr_first_cut *cut)
{
    return (size_t)gr_blocks(chunks_of(cut) * (int64_t)chunk_floats(cut), 16) * 16;
}

size_t GR_KERNEL(gr_first_weight_scratch)(const gr_conv_problem *p, int threads)
{
    gr_first_cut cut = cut_of(p);
    return sizeof(float) * (sums_floats(&cut) + gr_first_floats(&cut) * (size_t)threads);
}

void GR_KERNEL(gr_first_weight_describe)(const gr_conv_problem *p, char *text, size_t size)
{
    gr_first_cut cut = cut_of(p);
    snprintf(text, size, "from the pool's gradient, %d weights x %d channels, %lld chunks of rows", TAPS, GR_FIRST_PANEL,
             (long long)chunks_of(&cut));
}

/* One vector of gradients: what passes is added to *bias. */
GR_INLINE void make_ready(const job *j, int64_t at, int64_t left, gr_vf out[READY][GR_FIRST_VECTORS], const int v,
                          gr_vf *bias)
{
    const gr_vi taps = gr_pooled_taps(j->f->pool_index + at, left);
    const gr_vf dy = gr_vload_upto(j->args->dy + at, left);
#if GR_VL == 16
    const gr_vf open = gr_vselect((gr_vi)(taps != (gr_vi){0} + GR_POOL_CLOSED), dy, gr_vzero());
    out[0][v] = open;
    out[1][v] = (gr_vf)(((taps & 2) << 3) + (taps & 1) * (int32_t)j->cut.step); /* second register; so many floats on */
    *bias += open;
#else
    (void)j;
#pragma GCC unroll 4
    for (int tap = 0; tap < 4; tap++) {
        out[tap][v] = gr_pooled_share(taps, tap, dy);
        *bias += out[tap][v];
    }
#endif
}

/* Adds to `count` taps' sums, from the tap at `x` on, what `pixels` outputs bring; x moves by `step` from one to the next.
 */
GR_INLINE void add_taps(const ready *r, int64_t pixels, const float *x, int64_t below, int64_t step, int64_t count,
                        float *sums)
{
    gr_vf sum[TAPS][GR_FIRST_VECTORS];
#pragma GCC unroll 9
    for (int t = 0; t < TAPS; t++)
#pragma GCC unroll 2
        for (int v = 0; v < GR_FIRST_VECTORS; v++)
            sum[t][v] = t < count ? gr_vload(sums + t * GR_FIRST_PANEL + v * GR_VL) : gr_vzero();
    for (int64_t i = 0; i < pixels; i++, x += 2 * step) {
#if GR_VL == 16
        /* Two registers hold all that these taps of four outputs read: TAPS - 1 + step < GR_VL. */
        const gr_vf upper = gr_vload(x), lower = gr_vload(x + below);
        gr_vi lane[GR_FIRST_VECTORS];
#pragma GCC unroll 2
        for (int v = 0; v < GR_FIRST_VECTORS; v++)
            lane[v] = (gr_vi)(*r)[i][1][v];
#pragma GCC unroll 9
        for (int t = 0; t < TAPS; t++)
#pragma GCC unroll 2
            for (int v = 0; v < GR_FIRST_VECTORS; v++) {
                sum[t][v] = gr_vfma(gr_vpick(upper, lane[v], lower), (*r)[i][0][v], sum[t][v]);
                lane[v] += 1;
            }
#else
#pragma GCC unroll 4
        for (int tap = 0; tap < 4; tap++) {
            const float *read = x + tap / 2 * below + tap % 2 * step;
#pragma GCC unroll 9
            for (int t = 0; t < TAPS; t++) {
                const gr_vf pixel = gr_vset(read[t]);
#pragma GCC unroll 2
                for (int v = 0; v < GR_FIRST_VECTORS; v++)
                    sum[t][v] = gr_vfma(pixel, (*r)[i][tap][v], sum[t][v]);
            }
        }
#endif
    }
#pragma GCC unroll 9
    for (int t = 0; t < TAPS; t++)
#pragma GCC unroll 2
        for (int v = 0; v < GR_FIRST_VECTORS; v++)
            if (t < count)
                gr_vstore(sums + t * GR_FIRST_PANEL + v * GR_VL, sum[t][v]);
}

/* Outputs [first, first + pixels) of one row of the pool, one panel of channels. */
static void add_stretch(const job *j, int64_t task, int64_t first, int64_t pixels, int64_t panel, const float *rows,
                        float *sums)
{
    const gr_first_cut *cut = &j->cut;
    ready r;
    gr_vf bias[GR_FIRST_VECTORS];
    float *bias_sums = sums + cut->k * GR_FIRST_PANEL;
    for (int v = 0; v < GR_FIRST_VECTORS; v++) {
        const int64_t channel = panel * GR_FIRST_PANEL + v * GR_VL, left = gr_least(GR_VL, j->p->oc - channel);
        bias[v] = gr_vload(bias_sums + v * GR_VL);
        for (int64_t i = 0; i < pixels; i++)
            if (left > 0)
                make_ready(j, (task * j->f->pool.ow + first + i) * j->p->oc + channel, left, r[i], v, &bias[v]);
            else
                for (int part = 0; part < READY; part++)
                    r[i][part][v] = gr_vzero();
        gr_vstore(bias_sums + v * GR_VL, bias[v]);
    }
    for (int64_t kh = 0; kh < j->p->kh; kh++)
        for (int64_t t = 0; t < cut->taps; t += TAPS)
            add_taps((const ready *)&r, pixels, rows + kh * cut->row + 2 * first * cut->step + t, j->p->stride_h * cut->row,
                     cut->step, gr_least(TAPS, cut->taps - t), sums + (kh * cut->taps + t) * GR_FIRST_PANEL);
}

static void run_chunk(void *ctx, int64_t chunk, int thread)
{
    const job *j = ctx;
    const gr_first_cut *cut = &j->cut;
    float *rows = j->rows + (size_t)thread * gr_first_floats(cut), *sums = j->sums + (size_t)chunk * chunk_floats(cut);
    memset(sums, 0, chunk_floats(cut) * sizeof *sums);
    for (int64_t task = cut->tasks * chunk / j->chunks; task < cut->tasks * (chunk + 1) / j->chunks; task++) {
        GR_KERNEL(gr_first_gather)(j->p, &j->f->pool, cut, task, j->args->x, rows);
        for (int64_t first = 0; first < j->f->pool.ow; first += STRETCH)
            for (int64_t panel = 0; panel < cut->panels; panel++)
                add_stretch(j, task, first, gr_least(STRETCH, j->f->pool.ow - first), panel, rows,
                            sums + panel * (cut->k + 1) * GR_FIRST_PANEL);
    }
}

/* One tap, or the bias, of all output channels. */
static void add_chunks(void *ctx, int64_t k, int thread)
{
    const job *j = ctx;
    const gr_first_cut *cut = &j->cut;
    (void)thread;
    float *out = k < cut->k ? j->args->out + k * j->p->oc : j->f->bias_gradient;
    if (out == NULL)
        return;
    for (int64_t oc = 0; oc < j->p->oc; oc += GR_VL) {
        const int64_t left = gr_least(GR_VL, j->p->oc - oc), panel = oc / GR_FIRST_PANEL;
        const float *from = j->sums + (panel * (cut->k + 1) + k) * GR_FIRST_PANEL + oc % GR_FIRST_PANEL;
        gr_vf sum = gr_vload(from);
        for (int64_t chunk = 1; chunk < j->chunks; chunk++)
            sum += gr_vload(from + (size_t)chunk * chunk_floats(cut));
        if (j->args->accumulate && k < cut->k)
            sum += gr_vload_upto(out + oc, left);
        gr_vstore_upto(out + oc, sum, left);
    }
}

void GR_KERNEL(gr_first_weight)(const gr_conv_problem *p, const gr_conv_args *args)
{
    job j = {.p = p, .args = args, .f = args->fusion, .cut = GR_KERNEL(gr_first_cut)(p, &args->fusion->pool)};
    j.chunks = chunks_of(&j.cut);
    j.sums = args->scratch;
    j.rows = j.sums + sums_floats(&j.cut);
    gr_parallel_for(j.chunks, run_chunk, &j);
    gr_parallel_for(j.cut.k + 1, add_chunks, &j);
}
