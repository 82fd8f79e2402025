/* Batch norm's passes over tensors of which some are narrow: the affine map, and the two passes of its backward. Sums are taken as
 * in K_batchnorm.c, and with the same cuts: of g x as g (x - x0), x0 the first row, so that who subtracts mean * sum_g loses no
 * digits. */
#include "narrow.h"
#include "parts.h"

/* ---- the affine map --------------------------------------------------------------------------------------------------- */

typedef enum added { NOTHING, PLAIN, SCALED } added;

/* GR_VL numbers of the residual from `at` on, of channels from c on. */
GR_INLINE gr_vf residual_at(const gr_norm_stored *n, const added how, int64_t at, int64_t c, int64_t left, const bool narrow)
{
    gr_vf r = gr_vload_as(n->residual.data, at, left, narrow);
    return how == SCALED ? gr_vfma(r, gr_vload_upto(n->residual_scale + c, left), gr_vload_upto(n->residual_shift + c, left)) : r;
}

GR_INLINE void affine_rows(const gr_norm_stored *n, int64_t begin, int64_t end, const added residual, const gr_act act)
{
    const bool x = n->x.narrow, more = n->residual.narrow, y = n->y.narrow;
    for (int64_t r = begin; r < end; r++)
        for (int64_t i = 0; i < n->c; i += GR_VL) {
            int64_t at = r * n->c + i, left = n->c - i;
            gr_vf v = gr_vfma(gr_vload_as(n->x.data, at, left, x), gr_vload_upto(n->scale + i, left),
                              gr_vload_upto(n->shift + i, left));
            if (residual != NOTHING)
                v += residual_at(n, residual, at, i, left, more);
            gr_vstore_as(n->y.data, at, gr_vact(act, v), left, y);
        }
}

/* All of the tensors narrow and c whole pairs of vectors. */
GR_INLINE void affine_wide(const gr_norm_stored *n, int64_t begin, int64_t end, const added residual, const gr_act act)
{
    const bool stream = gr_streams_narrow(n->y.data, n->rows * n->c, n->c);
    for (int64_t r = begin; r < end; r++)
        for (int64_t i = 0; i < n->c; i += 2 * GR_VL) {
            gr_vf y[2];
            for (int v = 0; v < 2; v++) {
                int64_t at = r * n->c + i + v * GR_VL, channel = i + v * GR_VL;
                y[v] = gr_vfma(gr_vload_as(n->x.data, at, GR_VL, true), gr_vload(n->scale + channel), gr_vload(n->shift + channel));
                if (residual != NOTHING)
                    y[v] += residual_at(n, residual, at, channel, GR_VL, true);
                y[v] = gr_vact(act, y[v]);
            }
            gr_vstore_words_pair((uint16_t *)n->y.data + r * n->c + i, y[0], y[1], stream);
        }
    if (stream)
        gr_vstream_end();
}

static void affine_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const gr_norm_stored *n = ctx;
    int64_t block = gr_rows_per_block(n->c), begin = index * block, end = gr_least(n->rows, begin + block);
    added residual = n->residual.data == NULL ? NOTHING : n->residual_scale != NULL ? SCALED : PLAIN;
    bool narrow = n->x.narrow && n->y.narrow && (residual == NOTHING || n->residual.narrow);
    narrow = narrow && n->c % (2 * GR_VL) == 0;
    if (narrow && residual == SCALED && n->act == GR_ACT_RELU)
        affine_wide(n, begin, end, SCALED, GR_ACT_RELU);
    else if (narrow && residual == PLAIN && n->act == GR_ACT_RELU)
        affine_wide(n, begin, end, PLAIN, GR_ACT_RELU);
    else if (narrow && residual == NOTHING && n->act == GR_ACT_NONE)
        affine_wide(n, begin, end, NOTHING, GR_ACT_NONE);
    else if (residual == SCALED)
        affine_rows(n, begin, end, SCALED, n->act);
    else if (residual == PLAIN)
        affine_rows(n, begin, end, PLAIN, n->act);
    else
        affine_rows(n, begin, end, NOTHING, n->act);
}

void GR_KERNEL(gr_affine_stored)(const gr_norm_stored *norm)
{
    gr_norm_stored job = *norm;
    gr_parallel_for(gr_blocks(norm->rows, gr_rows_per_block(norm->c)), affine_block, &job);
}

/* ---- backward: sums ----------------------------------------------------------------------------------------------------- */

typedef struct sums_job {
    const gr_norm_stored *n;
    int64_t first, width;
    gr_row_cut cut;
    float x0[GR_GROUP];
    double g[GR_ROW_BLOCKS][GR_GROUP], gx[GR_ROW_BLOCKS][GR_GROUP];
} sums_job;

/* A panel: the number at which it begins. */
typedef struct sums_view {
    const sums_job *job;
    int64_t begin;
} sums_view;

typedef enum gate { OPEN, RELU_OUT, SLOPE } gate;

GR_INLINE void sums_step(const sums_view *view, int64_t at, int64_t i, int64_t left, const bool narrow, const gate how, gr_vf *s,
                         gr_vf *q)
{
    const sums_job *job = view->job;
    const gr_norm_stored *n = job->n;
    at += view->begin;
    gr_vf x = gr_vload_as(n->x.data, at, left, narrow || n->x.narrow);
    gr_vf g = gr_vload_as(n->dy.data, at, left, narrow || n->dy.narrow);
    if (how == RELU_OUT) {
        gr_vf y = gr_vload_as(n->y.data, at, left, narrow || n->y.narrow);
        g = gr_vselect((gr_vi)(y > gr_vzero()), g, gr_vzero());
    } else if (how == SLOPE) {
        gr_vf z = gr_vfma(x, gr_vload_upto(n->scale + job->first + i, left), gr_vload_upto(n->shift + job->first + i, left));
        g = gr_vgate(g, gr_vact_slope(n->act, z));
    }
    if (how != OPEN)
        gr_vstore_as(n->g.data, at, g, left, narrow || n->g.narrow);
    *s += g;
    *q = gr_vfma(g, x - gr_vload(job->x0 + i), *q);
}

GR_INLINE void narrow_open(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    sums_step(view, at, i, left, true, OPEN, s, q);
}

GR_INLINE void narrow_relu(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    sums_step(view, at, i, left, true, RELU_OUT, s, q);
}

GR_INLINE void any_open(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    sums_step(view, at, i, left, false, OPEN, s, q);
}

GR_INLINE void any_relu(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    sums_step(view, at, i, left, false, RELU_OUT, s, q);
}

GR_INLINE void any_slope(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    sums_step(view, at, i, left, false, SLOPE, s, q);
}

static void sums_panel(const sums_job *job, int64_t row, int64_t rows, float *g, float *gx)
{
    const gr_norm_stored *n = job->n;
    const sums_view view = {job, row * n->c + job->first};
    bool narrow = n->x.narrow && n->dy.narrow;
    if (n->act == GR_ACT_RELU && narrow && n->y.narrow && n->g.narrow)
        gr_panel_sums(&view, rows, job->width, n->c, narrow_relu, g, gx);
    else if (n->act == GR_ACT_RELU)
        gr_panel_sums(&view, rows, job->width, n->c, any_relu, g, gx);
    else if (n->act != GR_ACT_NONE)
        gr_panel_sums(&view, rows, job->width, n->c, any_slope, g, gx);
    else if (narrow)
        gr_panel_sums(&view, rows, job->width, n->c, narrow_open, g, gx);
    else
        gr_panel_sums(&view, rows, job->width, n->c, any_open, g, gx);
}

static void sums_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    sums_job *job = ctx;
    float g[GR_GROUP], gx[GR_GROUP];
    double *total_g = job->g[index], *total_gx = job->gx[index];
    int64_t begin = index * job->cut.block, end = gr_least(job->cut.rows, begin + job->cut.block);
    memset(total_g, 0, sizeof job->g[0]);
    memset(total_gx, 0, sizeof job->gx[0]);
    for (int64_t r = begin; r < end; r += GR_PANEL_ROWS) {
        sums_panel(job, r, gr_least(GR_PANEL_ROWS, end - r), g, gx);
        for (int64_t i = 0; i < job->width; i++) {
            total_g[i] += (double)g[i];
            total_gx[i] += (double)gx[i];
        }
    }
}

void GR_KERNEL(gr_bn_sums_stored)(const gr_norm_stored *norm, double *sum_g, double *sum_gx)
{
    sums_job job;
    job.n = norm;
    job.cut = gr_cut_rows(norm->rows);
    for (int64_t first = 0; first < norm->c; first += GR_GROUP) {
        job.first = first;
        job.width = gr_least(GR_GROUP, norm->c - first);
        for (int64_t i = 0; i < job.width; i += GR_VL)
            gr_vstore(job.x0 + i, gr_vload_as(norm->x.data, first + i, job.width - i, norm->x.narrow));
        gr_parallel_for(job.cut.blocks, sums_block, &job);
        for (int64_t i = 0; i < job.width; i++) {
            double g = 0, gx = 0;
            for (int64_t b = 0; b < job.cut.blocks; b++) {
                g += job.g[b][i];
                gx += job.gx[b][i];
            }
            sum_g[first + i] = g;
            sum_gx[first + i] = gx + (double)job.x0[i] * g;
        }
    }
}

/* ---- backward: data ----------------------------------------------------------------------------------------------------- */

static void data_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const gr_norm_stored *n = ctx;
    int64_t block = gr_rows_per_block(n->c), end = gr_least(n->rows, (index + 1) * block);
    for (int64_t r = index * block; r < end; r++)
        for (int64_t i = 0; i < n->c; i += GR_VL) {
            int64_t at = r * n->c + i, left = n->c - i;
            gr_vf linear = gr_vfma(gr_vload_as(n->x.data, at, left, n->x.narrow), gr_vload_upto(n->b + i, left),
                                   gr_vload_upto(n->k + i, left));
            gr_vf dx = gr_vfma(gr_vload_as(n->dy.data, at, left, n->dy.narrow), gr_vload_upto(n->a + i, left), linear);
            if (n->accumulate)
                dx += gr_vload_as(n->dx.data, at, left, n->dx.narrow);
            gr_vstore_as(n->dx.data, at, dx, left, n->dx.narrow);
        }
}

void GR_KERNEL(gr_bn_data_stored)(const gr_norm_stored *norm)
{
    gr_norm_stored job = *norm;
    gr_parallel_for(gr_blocks(norm->rows, gr_rows_per_block(norm->c)), data_block, &job);
}

/* ---- from one tensor to another ------------------------------------------------------------------------------------------ */

typedef struct pass_job {
    int64_t count;
    gr_stored from, to;
    bool accumulate;
} pass_job;

static void pass_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const pass_job *job = ctx;
    int64_t end = gr_least(job->count, (index + 1) * GR_FLAT_BLOCK);
    for (int64_t i = index * GR_FLAT_BLOCK; i < end; i += GR_VL) {
        gr_vf v = gr_vload_as(job->from.data, i, end - i, job->from.narrow);
        if (job->accumulate)
            v += gr_vload_as(job->to.data, i, end - i, job->to.narrow);
        gr_vstore_as(job->to.data, i, v, end - i, job->to.narrow);
    }
}

void GR_KERNEL(gr_pass_stored)(int64_t count, gr_stored from, gr_stored to, bool accumulate)
{
    pass_job job = {count, from, to, accumulate};
    gr_parallel_for(gr_blocks(count, GR_FLAT_BLOCK), pass_block, &job);
}
