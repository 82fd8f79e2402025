/* Polyphase Winograd, forward and data direction: V of a block of tiles, then for some panels of output channels the products of
 * all points, a point's weights serving all its rows while they are near, and the results, finished before they leave the cache.
 * Fused: a task does so for its block. Staged, where U is so large that each block would bring it from memory: V of many blocks
 * first, then all products, some panels at a time. */
#include "winograd_strided.h"

typedef struct job {
    gr_strided_plan plan;
    const gr_conv_args *args;
    gr_source source;
    gr_direction d;
    const gr_conv_fusion *f;
    float *v, *m;
    size_t v_block, m_thread; /* floats of one block's V, of one thread's M */
    int64_t block0, blocks;   /* staged: the round's */
    bool stream;
} job;

static size_t v_floats(const gr_strided_plan *plan)
{
    return (size_t)(GR_KERNEL(gr_strided_rows)(plan) * plan->lda);
}

static size_t m_floats(const gr_strided_plan *plan)
{
    return (size_t)(GR_KERNEL(gr_strided_rows)(plan) * plan->group * GR_NR);
}

size_t GR_KERNEL(gr_strided_scratch)(const gr_strided_plan *plan, int threads)
{
    const size_t blocks = plan->staged ? (size_t)plan->round : (size_t)threads;
    return sizeof(float) * (v_floats(plan) * blocks + m_floats(plan) * (size_t)threads);
}

/* Strip `strip` of `strips` of `rows` rows from `first` on; `behind`: the weights that come when all are done. */
static void run_strip(gr_tile *t, int64_t first, int64_t rows, int64_t strip, int64_t strips, const float *v, float *m, int64_t ldm,
                      const float *behind)
{
    float *out[GR_MR];
    const int64_t from = rows * strip / strips, count = rows * (strip + 1) / strips - from;
    for (int64_t r = 0; r < count; r++)
        out[r] = m + (first + from + r) * ldm;
    t->a = v + (first + from) * t->lda, t->out = out;
    if (strip + 1 < strips)
        t->fetch = (const char *)(t->a + count * t->lda), t->fetch_step = (GR_MR + 1) * (int64_t)sizeof(float);
    else
        t->fetch = (const char *)behind, t->fetch_step = GR_NR * (int64_t)sizeof(float);
    GR_KERNEL(gr_tile_rows)(t, count);
}

/* m = v u for the rows of each point and panels [panel, panel + panels). Meanwhile the next rows, the next point's weights, and the
 * pixels of block `next` (negative: none) are asked for. */
static void multiply(const job *j, const gr_strided_block *b, int64_t panel, int64_t panels, int64_t next, const float *v, float *m)
{
    const gr_strided_plan *plan = &j->plan;
    const int64_t u_point = plan->ic * GR_NR, u_panel = GR_STRIDED_POINTS * u_point, ldm = panels * GR_NR;
    const float *u = (const float *)j->args->packed + panel * u_panel;
    gr_tile t = {.runs = 1, .k = plan->ic, .lda = plan->lda, .columns = GR_NR};
    for (int64_t point = 0; point < GR_STRIDED_POINTS; point++, u += u_point) {
        const int64_t rows = b->begin[point + 1] - b->begin[point], strips = gr_blocks(rows, GR_MR);
        if (next >= 0)
            GR_KERNEL(gr_strided_ask)
            (plan, &j->source, next, panel * GR_STRIDED_POINTS + point * panels, plan->panels * GR_STRIDED_POINTS);
        for (int64_t i = 0; i < panels; i++) {
            t.b = u + i * u_panel, t.column = i * GR_NR;
            const float *behind = i + 1 < panels ? t.b + u_panel : u + u_point;
            for (int64_t s = 0; s < strips; s++)
                run_strip(&t, b->begin[point], rows, s, strips, v, m, ldm, behind);
        }
    }
}

/* Where the results of a tile go, those that exist; their number. */
typedef struct place {
    int64_t rows, cols;
    float *out[64];
} place;

static void locate(const job *j, const gr_strided_tile *t, place *p)
{
    const gr_strided_plan *plan = &j->plan;
    const int64_t times = plan->data ? 2 : 1, row = t->row * times, col = t->col * times;
    float *at = j->args->out + ((t->image * plan->h.full + row) * plan->w.full + col) * plan->oc;
    p->rows = gr_least(times * t->rows, plan->h.full - row), p->cols = gr_least(times * t->cols, plan->w.full - col);
    for (int64_t r = 0; r < p->rows; r++)
        for (int64_t k = 0; k < p->cols; k++)
            p->out[r * p->cols + k] = at + (r * plan->w.full + k) * plan->oc;
}

/* Asks for what is written next, and for what it meets there. */
static void ask_out(const job *j, const place *p, int64_t column)
{
    const float *mask_x = j->d == GR_FORWARD ? j->f->residual : j->f->mask_x;
    for (int64_t r = 0; r < p->rows * p->cols; r++) {
        if (!j->stream)
            __builtin_prefetch(p->out[r] + column, 1);
        if (mask_x != NULL)
            __builtin_prefetch(mask_x + (p->out[r] - j->args->out) + column);
        if (GR_NR > 16 && !j->stream)
            __builtin_prefetch(p->out[r] + column + GR_NR - 1, 1);
        if (GR_NR > 16 && mask_x != NULL)
            __builtin_prefetch(mask_x + (p->out[r] - j->args->out) + column + GR_NR - 1);
    }
}

/* Moves the results that exist together, where the tile hangs over. */
static void close_up(const place *p, int64_t width, float *y)
{
    for (int64_t r = 1; r < p->rows && p->cols < width; r++)
        memmove(y + r * p->cols * GR_NR, y + r * width * GR_NR, sizeof *y * (size_t)(p->cols * GR_NR));
}

static void write_out(const job *j, const gr_finish *finish, float *y, float *const *out, int64_t rows, int64_t column)
{
    const int64_t columns = gr_least(GR_NR, j->plan.oc - column);
    for (int64_t r = 0; r < rows && j->args->accumulate; r++)
        for (int64_t at = 0; at < columns; at += GR_VL) {
            const gr_vf old = gr_vload_upto(out[r] + column + at, columns - at);
            gr_vstore(y + r * GR_NR + at, gr_vload(y + r * GR_NR + at) + old);
        }
    if (GR_KERNEL(gr_finish_needed)(finish)) {
        GR_KERNEL(gr_finish_move)(finish, y, GR_NR, out, rows, column, column, columns, j->stream);
        return;
    }
    for (int64_t r = 0; r < rows; r++)
        for (int64_t at = 0; at < columns; at += GR_VL)
            if (j->stream)
                gr_vstream(out[r] + column + at, gr_vload(y + r * GR_NR + at));
            else
                gr_vstore_upto(out[r] + column + at, gr_vload(y + r * GR_NR + at), columns - at);
}

static void run_panels(const job *j, const gr_strided_block *b, int64_t block, int64_t panel, int64_t next, const float *v,
                       float *m)
{
    const gr_strided_plan *plan = &j->plan;
    const int64_t panels = gr_least(plan->group, plan->panels - panel), column = panel * GR_NR, times = plan->data ? 2 : 1;
    const gr_finish finish = GR_KERNEL(gr_finish_begin)(j->f, j->d, j->args->out, plan->oc, block, column,
                                                        gr_least(panels * GR_NR, plan->oc - column));
    _Alignas(64) float y[64 * GR_NR];
    place places[2];
    multiply(j, b, panel, panels, next, v, m);
    locate(j, &b->tiles[0], &places[0]);
    for (int64_t i = 0; i < b->count; i++) {
        const place *here = &places[i % 2];
        if (i + 1 < b->count)
            locate(j, &b->tiles[i + 1], &places[(i + 1) % 2]);
        for (int64_t k = 0; k < panels; k++) {
            if (k + 1 < panels)
                ask_out(j, here, column + (k + 1) * GR_NR);
            else if (i + 1 < b->count)
                ask_out(j, &places[(i + 1) % 2], column);
            GR_KERNEL(gr_strided_results)(plan, b, i, m + k * GR_NR, panels * GR_NR, y);
            close_up(here, times * b->tiles[i].cols, y);
            write_out(j, &finish, y, here->out, here->rows * here->cols, column + k * GR_NR);
        }
    }
    if (j->stream)
        gr_vstream_end();
}

static void run_fused(void *ctx, int64_t block, int thread)
{
    const job *j = ctx;
    float *v = j->v + j->v_block * (size_t)thread;
    const gr_strided_block b = GR_KERNEL(gr_strided_block_make)(&j->plan, block);
    for (int64_t i = 0; i < b.count; i++)
        GR_KERNEL(gr_strided_read)(&j->plan, &j->source, &b, i, v);
    for (int64_t panel = 0; panel < j->plan.panels; panel += j->plan.group)
        run_panels(j, &b, block, panel, block + 1 < j->plan.blocks ? block + 1 : -1, v, j->m + j->m_thread * (size_t)thread);
}

enum { PARTS = 4 }; /* of a block's tiles, each a task */

static void staged_read(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const job *j = ctx;
    const int64_t block = index / PARTS, part = index % PARTS;
    const gr_strided_block b = GR_KERNEL(gr_strided_block_make)(&j->plan, j->block0 + block);
    for (int64_t i = b.count * part / PARTS; i < b.count * (part + 1) / PARTS; i++)
        GR_KERNEL(gr_strided_read)(&j->plan, &j->source, &b, i, j->v + j->v_block * (size_t)block);
}

/* Blocks alternate fastest: they follow each other with the same weights. */
static void staged_multiply(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const int64_t block = index % j->blocks;
    const gr_strided_block b = GR_KERNEL(gr_strided_block_make)(&j->plan, j->block0 + block);
    run_panels(j, &b, j->block0 + block, index / j->blocks * j->plan.group, -1, j->v + j->v_block * (size_t)block,
               j->m + j->m_thread * (size_t)thread);
}

enum { STREAM_FROM = GR_VL < 16 ? 48 << 20 : 16 << 20 }; /* bytes of output: as in implicit GEMM */

void GR_KERNEL(gr_strided_run)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    job j = {.plan = GR_KERNEL(gr_strided_plan_make)(p, d), .args = args, .d = d};
    const gr_strided_plan *plan = &j.plan;
    j.f = args->fusion != NULL ? args->fusion : &gr_no_fusion;
    j.source = d == GR_FORWARD ? gr_source_of_x(args) : gr_source_of_dy(args);
    j.v_block = v_floats(plan), j.m_thread = m_floats(plan);
    j.v = args->scratch, j.m = j.v + j.v_block * (size_t)(plan->staged ? plan->round : gr_threads_get());
    j.stream = GR_VL >= 8 && plan->oc % GR_NR == 0 && (uintptr_t)args->out % 64 == 0 && !args->accumulate &&
               plan->n * plan->h.full * plan->w.full * plan->oc * (int64_t)sizeof(float) >= STREAM_FROM;
    if (!plan->staged) {
        gr_parallel_for(plan->blocks, run_fused, &j);
        return;
    }
    for (; j.block0 < plan->blocks; j.block0 += j.blocks) {
        j.blocks = gr_least(plan->round, plan->blocks - j.block0);
        gr_parallel_for(j.blocks * PARTS, staged_read, &j);
        gr_parallel_for(j.blocks * gr_blocks(plan->panels, plan->group), staged_multiply, &j);
    }
}
