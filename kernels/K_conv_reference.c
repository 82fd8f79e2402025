/* Convolution by plain loops: takes every problem, in every direction, with every fusion. It is the fallback and the judge
 * of the fast kernels, so it stays simple; the innermost loops run over channels so that the compiler vectorises them. */
#include <stdio.h>

#include "conv_fusion.h"
#include "parts.h"

enum { WEIGHT_ROWS = 8, WEIGHT_COLS = 32 }; /* input x output channels of one block of dw */

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *a;
    const gr_conv_fusion *f;
} job;

static const char *takes_all(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    (void)d, (void)fusion;
    return p->narrow.x || p->narrow.dx || p->narrow.y || p->narrow.dy ? "a tensor is stored as bfloat16" : NULL;
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    return d == GR_BACKWEIGHT ? 0 : sizeof(float) * (size_t)(p->kh * p->kw * (p->c / p->groups) * p->oc);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    (void)p, (void)d, (void)threads;
    return 0;
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    return d == GR_FORWARD ? p->n * p->oh : p->n * p->h;
}

/* Forward: as it is. Data: [KH,KW,OC,C/groups]. */
static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    int64_t cg = p->c / p->groups;
    float *out = packed;
    if (d == GR_FORWARD)
        memcpy(packed, weights, packed_size(p, d));
    else if (d == GR_BACKDATA)
        for (int64_t tap = 0; tap < p->kh * p->kw; tap++)
            for (int64_t oc = 0; oc < p->oc; oc++)
                for (int64_t c = 0; c < cg; c++)
                    out[(tap * p->oc + oc) * cg + c] = weights[(tap * cg + c) * p->oc + oc];
}

static void add_scaled(int64_t count, float factor, const float *restrict x, float *restrict y)
{
    for (int64_t i = 0; i < count; i++)
        y[i] += factor * x[i];
}

static void finish_forward(const job *j, float *y, int64_t pixel, float *stats)
{
    int64_t oc_count = j->p->oc;
    for (int64_t oc = 0; oc < oc_count; oc++) {
        float v = y[oc];
        if (j->f->bias != NULL)
            v += j->f->bias[oc];
        if (stats != NULL) {
            stats[oc] += v;
            stats[oc_count + oc] += v * v;
        }
        if (j->f->residual != NULL)
            v += j->f->residual[pixel * oc_count + oc];
        y[oc] = gr_act1(j->f->act, v);
    }
}

static void forward_pixel(const job *j, int64_t n, int64_t oh, int64_t ow, float *y)
{
    const gr_conv_problem *p = j->p;
    const float *w = j->a->packed;
    int64_t cg = p->c / p->groups, ocg = p->oc / p->groups;
    memset(y, 0, sizeof(float) * (size_t)p->oc);
    for (int64_t kh = 0; kh < p->kh; kh++) {
        int64_t ih = oh * p->stride_h - p->pad_top + kh * p->dil_h;
        for (int64_t kw = 0; kw < p->kw; kw++) {
            int64_t iw = ow * p->stride_w - p->pad_left + kw * p->dil_w;
            if (ih < 0 || ih >= p->h || iw < 0 || iw >= p->w)
                continue;
            const float *x = j->a->x + ((n * p->h + ih) * p->w + iw) * p->c;
            for (int64_t c = 0; c < p->c; c++) {
                int64_t g = c / cg;
                add_scaled(ocg, gr_read_x(j->f, x[c], c), w + ((kh * p->kw + kw) * cg + c % cg) * p->oc + g * ocg,
                           y + g * ocg);
            }
        }
    }
}

static void forward_row(void *ctx, int64_t row, int thread)
{
    const job *j = ctx;
    (void)thread;
    int64_t oc = j->p->oc;
    float *stats = j->f->stats == NULL ? NULL : j->f->stats + row * 2 * oc;
    if (stats != NULL)
        memset(stats, 0, sizeof(float) * (size_t)(2 * oc));
    for (int64_t ow = 0; ow < j->p->ow; ow++) {
        int64_t pixel = row * j->p->ow + ow;
        float *y = j->a->out + pixel * oc;
        forward_pixel(j, row / j->p->oh, row % j->p->oh, ow, y);
        finish_forward(j, y, pixel, stats);
    }
}

static void mask_data(const job *j, float *dx, int64_t pixel, float *stats)
{
    int64_t c_count = j->p->c;
    for (int64_t c = 0; c < c_count; c++) {
        int64_t at = pixel * c_count + c;
        float slope = gr_mask_slope(j->f, at, c);
        dx[c] = slope == 0.0f ? 0.0f : dx[c] * slope; /* a closed gate lets no NaN through */
        if (stats != NULL) {
            stats[c] += dx[c];
            stats[c_count + c] += dx[c] * j->f->mask_x[at];
        }
    }
}

/* The output position that reads input `at` through tap `k`, or -1. */
static int64_t reader(int64_t at, int64_t pad, int64_t k, int64_t dil, int64_t stride, int64_t out_size)
{
    int64_t moved = at + pad - k * dil;
    return moved < 0 || moved % stride != 0 || moved / stride >= out_size ? -1 : moved / stride;
}

static void data_pixel(const job *j, int64_t n, int64_t ih, int64_t iw, float *dx)
{
    const gr_conv_problem *p = j->p;
    const float *w = j->a->packed;
    int64_t cg = p->c / p->groups, ocg = p->oc / p->groups;
    if (!j->a->accumulate)
        memset(dx, 0, sizeof(float) * (size_t)p->c);
    for (int64_t kh = 0; kh < p->kh; kh++) {
        int64_t oh = reader(ih, p->pad_top, kh, p->dil_h, p->stride_h, p->oh);
        for (int64_t kw = 0; kw < p->kw; kw++) {
            int64_t ow = reader(iw, p->pad_left, kw, p->dil_w, p->stride_w, p->ow);
            if (oh < 0 || ow < 0)
                continue;
            int64_t pixel = (n * p->oh + oh) * p->ow + ow;
            for (int64_t oc = 0; oc < p->oc; oc++)
                add_scaled(cg, gr_read_dy(j->f, j->a->dy, pixel * p->oc + oc, oc), w + ((kh * p->kw + kw) * p->oc + oc) * cg,
                           dx + oc / ocg * cg);
        }
    }
}

static void data_row(void *ctx, int64_t row, int thread)
{
    const job *j = ctx;
    (void)thread;
    int64_t c = j->p->c;
    float *stats = j->f->mask_x == NULL || j->f->mask_stats == NULL ? NULL : j->f->mask_stats + row * 2 * c;
    if (stats != NULL)
        memset(stats, 0, sizeof(float) * (size_t)(2 * c));
    for (int64_t iw = 0; iw < j->p->w; iw++) {
        int64_t pixel = row * j->p->w + iw;
        float *dx = j->a->out + pixel * c;
        data_pixel(j, row / j->p->h, row % j->p->h, iw, dx);
        if (j->f->mask_x != NULL)
            mask_data(j, dx, pixel, stats);
    }
}

/* One block of dw: a tap, up to WEIGHT_ROWS input and WEIGHT_COLS output channels of one group. */
typedef struct weight_block {
    int64_t kh, kw, group, c0, c_count, oc0, oc_count;
} weight_block;

static void weight_pixel(const job *j, const weight_block *b, int64_t x_pixel, int64_t y_pixel,
                         double sum[WEIGHT_ROWS][WEIGHT_COLS])
{
    const gr_conv_problem *p = j->p;
    int64_t first_c = b->group * (p->c / p->groups) + b->c0, first_oc = b->group * (p->oc / p->groups) + b->oc0;
    double dy[WEIGHT_COLS] = {0};
    for (int64_t i = 0; i < b->oc_count; i++)
        dy[i] = (double)gr_read_dy(j->f, j->a->dy, y_pixel * p->oc + first_oc + i, first_oc + i);
    for (int64_t r = 0; r < b->c_count; r++) {
        double x = (double)gr_read_x(j->f, j->a->x[x_pixel * p->c + first_c + r], first_c + r);
        for (int64_t i = 0; i < WEIGHT_COLS; i++)
            sum[r][i] += x * dy[i];
    }
}

static void weight_sums(const job *j, const weight_block *b, double sum[WEIGHT_ROWS][WEIGHT_COLS])
{
    const gr_conv_problem *p = j->p;
    for (int64_t row = 0; row < p->n * p->oh; row++) {
        int64_t ih = row % p->oh * p->stride_h - p->pad_top + b->kh * p->dil_h;
        if (ih < 0 || ih >= p->h)
            continue;
        for (int64_t ow = 0; ow < p->ow; ow++) {
            int64_t iw = ow * p->stride_w - p->pad_left + b->kw * p->dil_w;
            if (iw >= 0 && iw < p->w)
                weight_pixel(j, b, (row / p->oh * p->h + ih) * p->w + iw, row * p->ow + ow, sum);
        }
    }
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void weight_job(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const gr_conv_problem *p = j->p;
    (void)thread;
    int64_t cg = p->c / p->groups, ocg = p->oc / p->groups;
    int64_t rows = (cg + WEIGHT_ROWS - 1) / WEIGHT_ROWS, cols = (ocg + WEIGHT_COLS - 1) / WEIGHT_COLS;
    weight_block b = {.oc0 = index % cols * WEIGHT_COLS, .c0 = index / cols % rows * WEIGHT_ROWS};
    b.group = index / (cols * rows) % p->groups;
    int64_t tap = index / (cols * rows * p->groups);
    b.kh = tap / p->kw, b.kw = tap % p->kw;
    b.c_count = smaller(WEIGHT_ROWS, cg - b.c0), b.oc_count = smaller(WEIGHT_COLS, ocg - b.oc0);
    double sum[WEIGHT_ROWS][WEIGHT_COLS] = {{0}};
    weight_sums(j, &b, sum);
    for (int64_t r = 0; r < b.c_count; r++)
        for (int64_t i = 0; i < b.oc_count; i++) {
            float *out = j->a->out + (tap * cg + b.c0 + r) * p->oc + b.group * ocg + b.oc0 + i;
            *out = (j->a->accumulate ? *out : 0.0f) + (float)sum[r][i];
        }
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    job j = {p, args, args->fusion != NULL ? args->fusion : &gr_no_fusion};
    int64_t rows = (p->c / p->groups + WEIGHT_ROWS - 1) / WEIGHT_ROWS;
    int64_t cols = (p->oc / p->groups + WEIGHT_COLS - 1) / WEIGHT_COLS;
    if (d == GR_FORWARD)
        gr_parallel_for(p->n * p->oh, forward_row, &j);
    else if (d == GR_BACKDATA)
        gr_parallel_for(p->n * p->h, data_row, &j);
    else
        gr_parallel_for(p->kh * p->kw * p->groups * rows * cols, weight_job, &j);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    (void)p;
    snprintf(text, size, d == GR_BACKWEIGHT ? "plain loops, blocks of weights" : "plain loops, one row of pixels a block");
}

const gr_conv_algorithm GR_KERNEL(gr_conv_reference) = {
    .name = "reference",
    .refuses = takes_all,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
