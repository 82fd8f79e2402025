/* Maps over flat arrays, and biases. Each works through fixed blocks, one pass over memory. */
#include "parts.h"
#include "rows.h"
#include "simd_math.h"

typedef struct flat {
    int64_t count;
    const float *a, *b; /* b: NULL when the map has one input */
    float *y;
    bool accumulate; /* y += instead of y = */
} flat;

typedef gr_vf map_fn(gr_vf a, gr_vf b);

GR_INLINE void map_at(const flat *f, int64_t i, int64_t left, bool binary, bool accumulate, map_fn *op)
{
    gr_vf a = gr_vload_upto(f->a + i, left);
    gr_vf b = binary ? gr_vload_upto(f->b + i, left) : gr_vzero();
    gr_vf y = op(a, b);
    if (accumulate)
        y = gr_vload_upto(f->y + i, left) + y;
    gr_vstore_upto(f->y + i, y, left);
}

GR_INLINE void map_block(const flat *f, int64_t index, bool binary, bool accumulate, map_fn *op)
{
    int64_t i = index * GR_FLAT_BLOCK, end = gr_least(f->count, i + GR_FLAT_BLOCK);
    for (; i + GR_VL <= end; i += GR_VL)
        map_at(f, i, GR_VL, binary, accumulate, op);
    if (i < end)
        map_at(f, i, end - i, binary, accumulate, op);
}

static void map_blocks(flat f, void (*fn)(void *ctx, int64_t index, int thread))
{
    gr_parallel_for(gr_blocks(f.count, GR_FLAT_BLOCK), fn, &f);
}

GR_INLINE gr_vf relu_op(gr_vf a, gr_vf b)
{
    (void)b;
    return gr_vrelu(a);
}

static void relu_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    map_block(ctx, index, false, false, relu_op);
}

void GR_KERNEL(gr_relu)(int64_t count, const float *x, float *y)
{
    map_blocks((flat){.count = count, .a = x, .y = y}, relu_block);
}

GR_INLINE gr_vf relu_backward_op(gr_vf y, gr_vf dy)
{
    return gr_vselect((gr_vi)(y > gr_vzero()), dy, gr_vzero());
}

static void relu_backward_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const flat *f = ctx;
    if (f->accumulate)
        map_block(f, index, true, true, relu_backward_op);
    else
        map_block(f, index, true, false, relu_backward_op);
}

void GR_KERNEL(gr_relu_backward)(int64_t count, const float *y, const float *dy, float *dx, bool accumulate)
{
    map_blocks((flat){.count = count, .a = y, .b = dy, .y = dx, .accumulate = accumulate}, relu_backward_block);
}

GR_INLINE gr_vf add_op(gr_vf a, gr_vf b)
{
    return a + b;
}

static void add_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    map_block(ctx, index, true, false, add_op);
}

void GR_KERNEL(gr_add)(int64_t count, const float *a, const float *b, float *y)
{
    map_blocks((flat){.count = count, .a = a, .b = b, .y = y}, add_block);
}

void GR_KERNEL(gr_accumulate)(int64_t count, const float *x, float *y)
{
    map_blocks((flat){.count = count, .a = y, .b = x, .y = y}, add_block);
}

GR_INLINE gr_vf sigmoid_op(gr_vf a, gr_vf b)
{
    (void)b;
    return gr_vsigmoid(a);
}

static void sigmoid_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    map_block(ctx, index, false, false, sigmoid_op);
}

void GR_KERNEL(gr_sigmoid)(int64_t count, const float *x, float *y)
{
    map_blocks((flat){.count = count, .a = x, .y = y}, sigmoid_block);
}

GR_INLINE gr_vf sigmoid_backward_op(gr_vf y, gr_vf dy)
{
    return dy * (gr_vset(1.0f) - y) * y;
}

static void sigmoid_backward_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const flat *f = ctx;
    if (f->accumulate)
        map_block(f, index, true, true, sigmoid_backward_op);
    else
        map_block(f, index, true, false, sigmoid_backward_op);
}

void GR_KERNEL(gr_sigmoid_backward)(int64_t count, const float *y, const float *dy, float *dx, bool accumulate)
{
    map_blocks((flat){.count = count, .a = y, .b = dy, .y = dx, .accumulate = accumulate}, sigmoid_backward_block);
}

/* ---- rows ------------------------------------------------------------------------------------------------------------- */

typedef struct bias_job {
    int64_t rows, c, block;
    const float *bias;
    float *y;
} bias_job;

static void add_bias_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const bias_job *job = ctx;
    int64_t end = gr_least(job->rows, (index + 1) * job->block);
    for (int64_t r = index * job->block; r < end; r++) {
        float *y = job->y + r * job->c;
        for (int64_t i = 0; i < job->c; i += GR_VL) {
            int64_t left = job->c - i;
            gr_vstore_upto(y + i, gr_vload_upto(y + i, left) + gr_vload_upto(job->bias + i, left), left);
        }
    }
}

void GR_KERNEL(gr_add_bias)(int64_t rows, int64_t c, const float *bias, float *y)
{
    bias_job job = {rows, c, gr_rows_per_block(c), bias, y};
    gr_parallel_for(gr_blocks(rows, job.block), add_bias_block, &job);
}

typedef struct sum_job {
    int64_t c, first, width;
    gr_row_cut cut;
    const float *dy;
    double partial[GR_ROW_BLOCKS][GR_GROUP];
} sum_job;

static void sum_rows_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    sum_job *job = ctx;
    int64_t begin = index * job->cut.block, rows = gr_least(job->cut.block, job->cut.rows - begin);
    gr_rows_sum(rows, job->width, job->c, job->dy + begin * job->c + job->first, job->partial[index]);
}

void GR_KERNEL(gr_sum_rows)(int64_t rows, int64_t c, const float *dy, float *db, bool accumulate)
{
    sum_job job;
    job.c = c;
    job.cut = gr_cut_rows(rows);
    job.dy = dy;
    for (int64_t first = 0; first < c; first += GR_GROUP) {
        job.first = first;
        job.width = gr_least(GR_GROUP, c - first);
        gr_parallel_for(job.cut.blocks, sum_rows_block, &job);
        for (int64_t i = 0; i < job.width; i++) {
            double sum = 0;
            for (int64_t b = 0; b < job.cut.blocks; b++)
                sum += job.partial[b][i];
            db[first + i] = (accumulate ? db[first + i] : 0.0f) + (float)sum;
        }
    }
}
