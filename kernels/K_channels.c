/* What is done to channels: ShuffleNet's shuffles, squeeze and excitation's factor for each image and channel, PReLU's slope. */
#include "parts.h"
#include "rows.h"

typedef struct shuffle_job {
    int64_t rows, groups, per_group, block;
    const float *x;
    float *y;
    bool accumulate;
} shuffle_job;

/* Loops that compilers turn into vector code when one of the two numbers is the constant 2. */
GR_INLINE void shuffle_row(const float *restrict x, float *restrict y, const int64_t groups, const int64_t per_group,
                           const bool accumulate)
{
    if (groups < per_group) {
        for (int64_t k = 0; k < per_group; k++)
            for (int64_t i = 0; i < groups; i++)
                y[k * groups + i] = x[i * per_group + k] + (accumulate ? y[k * groups + i] : 0.0f);
        return;
    }
    for (int64_t i = 0; i < groups; i++)
        for (int64_t k = 0; k < per_group; k++)
            y[k * groups + i] = x[i * per_group + k] + (accumulate ? y[k * groups + i] : 0.0f);
}

GR_INLINE void shuffle_rows(const shuffle_job *j, int64_t index, const bool accumulate)
{
    int64_t c = j->groups * j->per_group, end = gr_least(j->rows, (index + 1) * j->block);
    for (int64_t r = index * j->block; r < end; r++)
        if (j->groups == 2)
            shuffle_row(j->x + r * c, j->y + r * c, 2, j->per_group, accumulate);
        else if (j->per_group == 2)
            shuffle_row(j->x + r * c, j->y + r * c, j->groups, 2, accumulate);
        else
            shuffle_row(j->x + r * c, j->y + r * c, j->groups, j->per_group, accumulate);
}

static void shuffle_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const shuffle_job *j = ctx;
    if (j->accumulate)
        shuffle_rows(j, index, true);
    else
        shuffle_rows(j, index, false);
}

void GR_KERNEL(gr_shuffle)(int64_t rows, int64_t groups, int64_t per_group, const float *x, float *y, bool accumulate)
{
    shuffle_job j = {rows, groups, per_group, gr_rows_per_block(groups * per_group), x, y, accumulate};
    gr_parallel_for(gr_blocks(rows, j.block), shuffle_block, &j);
}

/* ---- one factor for each image and channel ------------------------------------------------------------------------------ */

typedef struct scale_job {
    int64_t pixels, c, chunks, block;
    const float *x, *s, *dy;
    float *y, *dx, *ds;
    bool accumulate_dx, accumulate_ds;
} scale_job;

static void scale_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const scale_job *j = ctx;
    int64_t n = index / j->chunks, first = index % j->chunks * j->block, end = gr_least(j->pixels, first + j->block);
    const int64_t c = j->c, whole = c / GR_VL * GR_VL, at = (n * j->pixels + first) * c;
    const float *s = j->s + n * c, *x = j->x + at;
    float *y = j->y + at;
    for (int64_t p = first; p < end; p++, x += c, y += c) {
        for (int64_t i = 0; i < whole; i += GR_VL)
            gr_vstore(y + i, gr_vload(x + i) * gr_vload(s + i));
        if (whole < c)
            gr_vstore_part(y + whole, gr_vload_part(x + whole, c - whole) * gr_vload_part(s + whole, c - whole), c - whole);
    }
}

void GR_KERNEL(gr_scale_channels)(int64_t n, int64_t pixels, int64_t c, const float *x, const float *s, float *y)
{
    scale_job j = {.pixels = pixels, .c = c, .block = gr_rows_per_block(c), .x = x, .s = s, .y = y};
    j.chunks = gr_blocks(pixels, j.block);
    gr_parallel_for(n * j.chunks, scale_block, &j);
}

/* A panel's first pixel in each array; s: the factors. */
typedef struct scale_view {
    const float *x, *dy, *s;
    float *dx;
    bool accumulate;
} scale_view;

GR_INLINE void scale_step(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    const scale_view *v = view;
    (void)q;
    gr_vf dy = gr_vload_upto(v->dy + at, left);
    *s = gr_vfma(dy, gr_vload_upto(v->x + at, left), *s);
    if (v->dx == NULL)
        return;
    gr_vf dx = dy * gr_vload_upto(v->s + i, left);
    gr_vstore_upto(v->dx + at, v->accumulate ? gr_vload_upto(v->dx + at, left) + dx : dx, left);
}

/* One group of channels of one image: its sums stay on the stack, panels are added in double. */
static void scale_backward_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const scale_job *j = ctx;
    int64_t n = index / j->chunks, first = index % j->chunks * GR_GROUP, width = gr_least(GR_GROUP, j->c - first);
    float sum[GR_GROUP], unused[GR_GROUP];
    double total[GR_GROUP] = {0};
    for (int64_t p = 0; p < j->pixels; p += GR_PANEL_ROWS) {
        int64_t at = (n * j->pixels + p) * j->c + first, rows = gr_least(GR_PANEL_ROWS, j->pixels - p);
        const scale_view view = {j->x + at, j->dy + at, j->s + n * j->c + first, j->dx != NULL ? j->dx + at : NULL,
                                 j->accumulate_dx};
        gr_panel_sums(&view, rows, width, j->c, scale_step, sum, unused);
        for (int64_t i = 0; i < width; i++)
            total[i] += (double)sum[i];
    }
    float *ds = j->ds != NULL ? j->ds + n * j->c + first : NULL;
    for (int64_t i = 0; ds != NULL && i < width; i++)
        ds[i] = (float)total[i] + (j->accumulate_ds ? ds[i] : 0.0f);
}

void GR_KERNEL(gr_scale_channels_backward)(int64_t n, int64_t pixels, int64_t c, const float *x, const float *s,
                                           const float *dy, float *dx, bool accumulate_dx, float *ds, bool accumulate_ds)
{
    scale_job j = {.pixels = pixels, .c = c, .chunks = gr_blocks(c, GR_GROUP), .x = x, .s = s, .dy = dy, .dx = dx, .ds = ds,
                   .accumulate_dx = accumulate_dx, .accumulate_ds = accumulate_ds};
    gr_parallel_for(n * j.chunks, scale_backward_block, &j);
}

/* ---- a slope below 0 for each channel ----------------------------------------------------------------------------------- */

typedef struct slope_job {
    int64_t rows, c, block;
    const float *x, *a;
    float *y;
} slope_job;

static void slope_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const slope_job *j = ctx;
    int64_t end = gr_least(j->rows, (index + 1) * j->block);
    for (int64_t r = index * j->block; r < end; r++)
        for (int64_t i = 0; i < j->c; i += GR_VL) {
            int64_t at = r * j->c + i, left = j->c - i;
            gr_vf x = gr_vload_upto(j->x + at, left);
            gr_vstore_upto(j->y + at, gr_vselect((gr_vi)(x > gr_vzero()), x, x * gr_vload_upto(j->a + i, left)), left);
        }
}

void GR_KERNEL(gr_prelu)(int64_t rows, int64_t c, const float *x, const float *a, float *y)
{
    slope_job j = {rows, c, gr_rows_per_block(c), x, a, y};
    gr_parallel_for(gr_blocks(rows, j.block), slope_block, &j);
}

/* A panel's first row in each array; a: the slopes; at_zero: all bits where the slope at 0 is the channel's. */
typedef struct slope_view {
    const float *x, *dy, *a;
    float *dx;
    bool accumulate;
    gr_vi at_zero;
} slope_view;

GR_INLINE void slope_step(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    const slope_view *v = view;
    (void)q;
    gr_vf x = gr_vload_upto(v->x + at, left), dy = gr_vload_upto(v->dy + at, left);
    gr_vi above = (gr_vi)(x > gr_vzero());
    *s += gr_vselect(above, gr_vzero(), dy * x);
    if (v->dx == NULL)
        return;
    gr_vf below = dy * gr_vload_upto(v->a + i, left);
    below = gr_vselect((gr_vi)(x == gr_vzero()) & ~v->at_zero, gr_vzero(), below);
    gr_vf dx = gr_vselect(above, dy, below);
    gr_vstore_upto(v->dx + at, v->accumulate ? gr_vload_upto(v->dx + at, left) + dx : dx, left);
}

typedef struct slope_sums {
    int64_t c, first, width;
    gr_row_cut cut;
    slope_view all;
    double partial[GR_ROW_BLOCKS][GR_GROUP];
} slope_sums;

static void slope_backward_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    slope_sums *j = ctx;
    int64_t begin = index * j->cut.block, end = gr_least(j->cut.rows, begin + j->cut.block);
    float sum[GR_GROUP], unused[GR_GROUP];
    double *total = j->partial[index];
    for (int64_t i = 0; i < j->width; i++)
        total[i] = 0;
    for (int64_t r = begin; r < end; r += GR_PANEL_ROWS) {
        int64_t at = r * j->c + j->first;
        slope_view view = j->all;
        view.x += at;
        view.dy += at;
        view.a += j->first;
        view.dx = view.dx != NULL ? view.dx + at : NULL;
        gr_panel_sums(&view, gr_least(GR_PANEL_ROWS, end - r), j->width, j->c, slope_step, sum, unused);
        for (int64_t i = 0; i < j->width; i++)
            total[i] += (double)sum[i];
    }
}

void GR_KERNEL(gr_prelu_backward)(int64_t rows, int64_t c, const float *x, const float *a, const float *dy, bool kink,
                                  float *dx, bool accumulate, float *da)
{
    slope_sums j;
    j.c = c;
    j.cut = gr_cut_rows(rows);
    j.all = (slope_view){x, dy, a, dx, accumulate, (gr_vi){0} - !kink};
    for (j.first = 0; j.first < c; j.first += GR_GROUP) {
        j.width = gr_least(GR_GROUP, c - j.first);
        gr_parallel_for(j.cut.blocks, slope_backward_block, &j);
        for (int64_t i = 0; da != NULL && i < j.width; i++) {
            double sum = 0;
            for (int64_t b = 0; b < j.cut.blocks; b++)
                sum += j.partial[b][i];
            da[j.first + i] = (float)sum;
        }
    }
}
