/* A convolution over an image in front of a batch norm, forward, a row of results at a time: register tiles read the lines of the
 * image where they stand, so that around their few steps there is neither a copy of taps nor a division. */
#include <stdio.h>

#include "conv_source.h"
#include "image_lines.h"
#include "implicit_gemm.h"
#include "parts.h"

enum {
    BLOCK = 448,     /* results of a block, about: so many make one of the batch norm's sums */
    LARGE = 48 << 20 /* bytes of results: no L3 keeps as much until it is read */
};

/* Everything follows from the shape. */
typedef struct cut {
    int64_t rows, block, blocks; /* rows of results; of a block; blocks */
    int64_t taps, step, line;    /* of a row of the kernel; floats from result to result in a line; of a line */
} cut;

static cut make_cut(const gr_conv_problem *p)
{
    cut c = {.rows = p->n * p->oh, .taps = p->kw * p->c, .step = p->stride_w * p->c, .line = gr_image_line(p)};
    c.block = gr_blocks(BLOCK, p->ow);
    c.blocks = gr_blocks(c.rows, c.block);
    return c;
}

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    if (d != GR_FORWARD)
        return "it is for the forward direction";
    if (fusion == NULL || fusion->stats == NULL || fusion->residual != NULL || fusion->act != GR_ACT_NONE)
        return "no batch norm stands behind";
    return gr_image_refuses(p, fusion);
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    (void)d;
    return sizeof(float) * (size_t)(gr_blocks(p->oc, GR_NR) * GR_NR * p->kh * p->kw * p->c);
}

/* [panel][KH][KW C][GR_NR] */
static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    GR_KERNEL(gr_view_pack)(p, d, weights, packed);
}

static size_t thread_floats(const gr_conv_problem *p, const cut *c)
{
    return (size_t)(p->kh * c->line);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    (void)d;
    const cut c = make_cut(p);
    return sizeof(float) * thread_floats(p, &c) * (size_t)threads;
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    (void)d;
    return make_cut(p).blocks;
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    (void)d;
    const cut c = make_cut(p);
    snprintf(text, size, "%d pixels x %d channels from lines of the image, %lld blocks of %lld rows", GR_MR, GR_NR,
             (long long)c.blocks, (long long)c.block);
}

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    const gr_conv_fusion *f;
    cut c;
    bool stream; /* results go past the caches */
} job;

/* A tile's sums get their bias and are counted in registers; those of a part of a panel on their way out of L1. */
static void run_tile(const job *j, const gr_finish *finish, gr_tile *t, float *const *out, int64_t rows)
{
    _Alignas(64) float sums[GR_MR * GR_NR];
    float *aside[GR_MR];
    const int64_t channel = t->column, count = t->columns;
    for (int64_t r = 0; r < rows && !j->stream; r++)
        __builtin_prefetch(out[r] + channel, 1);
    if (GR_KERNEL(gr_tile_finish)(finish, t, rows, channel, j->stream))
        return;
    for (int64_t r = 0; r < rows; r++)
        aside[r] = sums + r * GR_NR;
    t->out = aside, t->column = 0, t->columns = gr_round_up(count, GR_VL); /* zeros behind the last one */
    GR_KERNEL(gr_tile_rows)(t, rows);
    t->out = out, t->column = channel, t->columns = count;
    GR_KERNEL(gr_finish_move)(finish, sums, GR_NR, out, rows, channel, channel, count, j->stream);
}

static void run_row(const job *j, const gr_finish *finish, int64_t row, const float *lines)
{
    const gr_conv_problem *p = j->p;
    const cut *c = &j->c;
    float *out[GR_MR];
    gr_tile t = {.runs = p->kh, .k = c->taps, .lda = c->step, .run_step = c->line, .out = out};
    for (int64_t ow = 0; ow < p->ow; ow += GR_MR) {
        const int64_t rows = gr_least(GR_MR, p->ow - ow);
        for (int64_t r = 0; r < rows; r++)
            out[r] = j->args->out + (row * p->ow + ow + r) * p->oc;
        t.a = lines + ow * c->step;
        t.b = j->args->packed;
        for (t.column = 0; t.column < p->oc; t.column += GR_NR, t.b += p->kh * c->taps * GR_NR) {
            t.fetch = (const char *)t.b;
            t.columns = gr_least(GR_NR, p->oc - t.column);
            run_tile(j, finish, &t, out, rows);
        }
    }
}

static void run_block(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    float *lines = (float *)j->args->scratch + thread_floats(j->p, c) * (size_t)thread;
    const gr_finish finish =
        GR_KERNEL(gr_finish_begin)(j->f, GR_FORWARD, j->args->out, j->p->oc, index, 0, j->p->oc);
    memset(lines, 0, sizeof *lines * thread_floats(j->p, c));
    const int64_t end = gr_least((index + 1) * c->block, c->rows);
    for (int64_t row = index * c->block; row < end; row++) {
        gr_image_copy(j->p, j->args->x, row, c->line, lines);
        run_row(j, &finish, row, lines);
    }
    if (j->stream)
        gr_vstream_end();
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    (void)d;
    job j = {.p = p, .args = args, .f = args->fusion, .c = make_cut(p)}; /* one with stats: see refuses */
    j.stream = GR_VL >= 8 && p->oc % GR_NR == 0 && (uintptr_t)args->out % 64 == 0 &&
               j.c.rows * p->ow * p->oc * (int64_t)sizeof(float) >= LARGE;
    gr_parallel_for(j.c.blocks, run_block, &j);
}

const gr_conv_algorithm GR_KERNEL(gr_image_rows) = {
    .name = "image_rows",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
