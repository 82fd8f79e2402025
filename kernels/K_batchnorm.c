/* Batch norm's passes over rows x c: statistics, the affine map, and the two passes of its backward. */
#include "parts.h"
#include "past_caches.h"
#include "rows.h"
#include "simd_math.h"

/* ---- statistics --------------------------------------------------------------------------------------------------------
 *
 * Each panel's sums are of deviations from a centre close to its mean: its own mean for a block's first panel, which is
 * read twice, and for the others the mean of the panel before. Where panels differ so much that this centre is a bad one,
 * the same difference is part of the variance, so that the relative error stays small. Panels and blocks are merged in
 * double (Chan, Golub & LeVeque 1979): no cancellation happens however far the mean is from zero. */

typedef struct stats_job {
    int64_t c, first, width;
    gr_row_cut cut;
    const float *x;
    double mean[GR_ROW_BLOCKS][GR_GROUP], squares[GR_ROW_BLOCKS][GR_GROUP];
} stats_job;

typedef struct deviations_view {
    const float *x, *centre;
} deviations_view;

GR_INLINE void deviations_step(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    const deviations_view *v = view;
    gr_vf d = gr_vload_upto(v->x + at, left) - gr_vload(v->centre + i);
    *s += d;
    *q = gr_vfma(d, d, *q);
}

static void stats_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    stats_job *job = ctx;
    float centre[GR_GROUP], sum[GR_GROUP], squares[GR_GROUP];
    double *mean = job->mean[index], *total = job->squares[index];
    int64_t begin = index * job->cut.block, rows = gr_least(job->cut.block, job->cut.rows - begin);
    const float *x = job->x + begin * job->c + job->first;
    int64_t n = gr_least(GR_PANEL_ROWS, rows);
    gr_panel_sum(n, job->width, job->c, x, centre);
    for (int64_t i = 0; i < job->width; i += GR_VL)
        gr_vstore(centre + i, gr_vload(centre + i) * gr_vset(1.0f / (float)n));
    for (int64_t i = 0; i < job->width; i++)
        mean[i] = total[i] = 0;
    for (int64_t r = 0; r < rows; r += n) {
        n = gr_least(GR_PANEL_ROWS, rows - r);
        const deviations_view view = {x + r * job->c, centre};
        gr_panel_sums(&view, n, job->width, job->c, deviations_step, sum, squares);
        double inverse = 1.0 / (double)n, weight = (double)n / (double)(r + n), cross = (double)r * weight;
        for (int64_t i = 0; i < job->width; i++) {
            double off = (double)sum[i], panel_mean = (double)centre[i] + off * inverse;
            double delta = panel_mean - mean[i];
            mean[i] += delta * weight;
            total[i] += (double)squares[i] - off * off * inverse + delta * delta * cross;
            centre[i] = (float)panel_mean;
        }
    }
}

static void merge_stats(const stats_job *job, float *mean, float *var)
{
    int64_t all = job->cut.rows;
    for (int64_t i = 0; i < job->width; i++) {
        double m = job->mean[0][i], squares = job->squares[0][i];
        for (int64_t b = 1; b < job->cut.blocks; b++) {
            int64_t before = b * job->cut.block, n = gr_least(job->cut.block, all - before);
            double weight = (double)n / (double)(before + n), delta = job->mean[b][i] - m;
            m += delta * weight;
            squares += job->squares[b][i] + delta * delta * (double)before * weight;
        }
        mean[i] = (float)m;
        var[i] = squares < 0 ? 0.0f : (float)(squares / (double)all);
    }
}

void GR_KERNEL(gr_bn_stats)(int64_t rows, int64_t c, const float *x, float *mean, float *var)
{
    stats_job job;
    job.c = c;
    job.cut = gr_cut_rows(rows);
    job.x = x;
    for (int64_t first = 0; first < c; first += GR_GROUP) {
        job.first = first;
        job.width = gr_least(GR_GROUP, c - first);
        gr_parallel_for(job.cut.blocks, stats_block, &job);
        merge_stats(&job, mean + first, var + first);
    }
}

void GR_KERNEL(gr_bn_stats_from_blocks)(int64_t rows, int64_t c, int64_t blocks, const float *stats, float *mean, float *var)
{
    double inverse = 1.0 / (double)rows;
    double sum[GR_GROUP], squares[GR_GROUP];
    for (int64_t first = 0; first < c; first += GR_GROUP) {
        int64_t width = gr_least(GR_GROUP, c - first);
        for (int64_t i = 0; i < width; i++)
            sum[i] = squares[i] = 0;
        for (int64_t b = 0; b < blocks; b++) {
            const float *block = stats + b * 2 * c + first;
            for (int64_t i = 0; i < width; i++) {
                sum[i] += (double)block[i];
                squares[i] += (double)block[c + i];
            }
        }
        for (int64_t i = 0; i < width; i++) {
            double m = sum[i] * inverse, v = squares[i] * inverse - m * m;
            mean[first + i] = (float)m;
            var[first + i] = v < 0 ? 0.0f : (float)v;
        }
    }
}

/* ---- the affine map --------------------------------------------------------------------------------------------------- */

typedef struct affine_job {
    int64_t rows, c, block;
    const float *x, *scale, *shift;
    gr_residual residual;
    gr_act act;
    float *y;
    bool stream; /* y goes past the caches */
} affine_job;

typedef enum added { NOTHING, PLAIN, SCALED } added;

GR_INLINE void affine_rows(const affine_job *job, int64_t index, const added residual, const gr_act act)
{
    int64_t c = job->c, end = gr_least(job->rows, (index + 1) * job->block);
    for (int64_t r = index * job->block; r < end; r++)
        for (int64_t i = 0; i < c; i += GR_VL) {
            int64_t at = r * c + i, left = c - i;
            gr_vf y = gr_vfma(gr_vload_upto(job->x + at, left), gr_vload_upto(job->scale + i, left),
                              gr_vload_upto(job->shift + i, left));
            if (residual == PLAIN)
                y += gr_vload_upto(job->residual.data + at, left);
            else if (residual == SCALED)
                y += gr_vfma(gr_vload_upto(job->residual.data + at, left), gr_vload_upto(job->residual.scale + i, left),
                             gr_vload_upto(job->residual.shift + i, left));
            if (job->stream)
                gr_vstream(job->y + at, gr_vact(act, y));
            else
                gr_vstore_upto(job->y + at, gr_vact(act, y), left);
        }
    if (job->stream)
        gr_vstream_end();
}

static void affine_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const affine_job *job = ctx;
    if (job->residual.scale != NULL && job->act == GR_ACT_RELU)
        affine_rows(job, index, SCALED, GR_ACT_RELU);
    else if (job->residual.scale != NULL)
        affine_rows(job, index, SCALED, job->act);
    else if (job->residual.data != NULL && job->act == GR_ACT_RELU)
        affine_rows(job, index, PLAIN, GR_ACT_RELU);
    else if (job->residual.data != NULL)
        affine_rows(job, index, PLAIN, job->act);
    else if (job->act == GR_ACT_RELU)
        affine_rows(job, index, NOTHING, GR_ACT_RELU);
    else if (job->act == GR_ACT_HARD_SWISH)
        affine_rows(job, index, NOTHING, GR_ACT_HARD_SWISH);
    else if (job->act == GR_ACT_SILU)
        affine_rows(job, index, NOTHING, GR_ACT_SILU);
    else
        affine_rows(job, index, NOTHING, job->act);
}

void GR_KERNEL(gr_affine)(int64_t rows, int64_t c, const float *x, const float *scale, const float *shift,
                          const gr_residual *residual, gr_act act, float *y)
{
    affine_job job = {rows, c, gr_rows_per_block(c), x, scale, shift, {NULL, NULL, NULL}, act, y, false};
    if (residual != NULL)
        job.residual = *residual;
    job.stream = y != x && y != job.residual.data && c % GR_VL == 0 && gr_past_caches(rows * c * (int64_t)sizeof(float), y);
    gr_parallel_for(gr_blocks(rows, job.block), affine_block, &job);
}

/* ---- backward ----------------------------------------------------------------------------------------------------------
 *
 * The sum of g x is taken as the sum of g (x - x0) with x0 the first row, and x0 times the sum of g is added in double:
 * who then subtracts mean * sum_g from it loses no digits where the mean is far from zero. */

typedef struct sums_job {
    int64_t c, first, width;
    gr_row_cut cut;
    const float *x;
    const gr_bn_gradient *from;
    double g[GR_ROW_BLOCKS][GR_GROUP], gx[GR_ROW_BLOCKS][GR_GROUP];
} sums_job;

GR_INLINE gr_vf masked(const float *dy, const float *mask, int64_t left)
{
    gr_vf g = gr_vload_upto(dy, left);
    if (mask == NULL)
        return g;
    return gr_vselect((gr_vi)(gr_vload_upto(mask, left) > gr_vzero()), g, gr_vzero());
}

/* A panel's first row in each array; x0: the first row of all; by channel: x0, scale, shift. */
typedef struct sums_view {
    const float *x, *dy, *mask, *x0, *scale, *shift;
    gr_act act;
    float *g_out;
    const float *factors, *shares; /* of the image */
} sums_view;

typedef enum gate { OPEN, RELU_OUT, SLOPE } gate;

GR_INLINE void sums_step(const sums_view *v, int64_t at, int64_t i, int64_t left, const gate how, const bool complete,
                         const gr_act act, bool write, gr_vf *s, gr_vf *q)
{
    gr_vf g = masked(v->dy + at, how == RELU_OUT ? v->mask + at : NULL, left), x = gr_vload_upto(v->x + at, left);
    if (complete)
        g = g * gr_vload_upto(v->factors + i, left) + gr_vload_upto(v->shares + i, left);
    if (how == SLOPE) {
        gr_vf z = gr_vfma(x, gr_vload_upto(v->scale + i, left), gr_vload_upto(v->shift + i, left));
        g = gr_vgate(g, gr_vact_slope(act, z));
    }
    if (write)
        gr_vstore_upto(v->g_out + at, g, left);
    *s += g;
    *q = gr_vfma(g, x - gr_vload_upto(v->x0 + i, left), *q);
}

GR_INLINE void step_plain(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    sums_step(view, at, i, left, OPEN, false, GR_ACT_NONE, false, s, q);
}

GR_INLINE void step_masked(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    sums_step(view, at, i, left, RELU_OUT, false, GR_ACT_NONE, false, s, q);
}

GR_INLINE void step_copied(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    sums_step(view, at, i, left, OPEN, false, GR_ACT_NONE, true, s, q);
}

GR_INLINE void step_masked_copied(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    sums_step(view, at, i, left, RELU_OUT, false, GR_ACT_NONE, true, s, q);
}

/* The two dear ones have loops of their own, whose constants stay in registers. */
GR_INLINE void step_sloped(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    const sums_view *v = view;
    sums_step(v, at, i, left, SLOPE, false, v->act, v->g_out != NULL, s, q);
}

GR_INLINE void step_silu(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    const sums_view *v = view;
    sums_step(v, at, i, left, SLOPE, false, GR_ACT_SILU, v->g_out != NULL, s, q);
}

GR_INLINE void step_hard_swish(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    const sums_view *v = view;
    sums_step(v, at, i, left, SLOPE, false, GR_ACT_HARD_SWISH, v->g_out != NULL, s, q);
}

GR_INLINE void step_complete(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    const sums_view *v = view;
    sums_step(v, at, i, left, SLOPE, true, v->act, v->g_out != NULL, s, q);
}

GR_INLINE void step_complete_silu(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    const sums_view *v = view;
    sums_step(v, at, i, left, SLOPE, true, GR_ACT_SILU, v->g_out != NULL, s, q);
}

GR_INLINE void step_complete_hard_swish(const void *view, int64_t at, int64_t i, int64_t left, gr_vf *s, gr_vf *q)
{
    const sums_view *v = view;
    sums_step(v, at, i, left, SLOPE, true, GR_ACT_HARD_SWISH, v->g_out != NULL, s, q);
}

/* A panel of a map whose gradient is to be completed, image by image. */
static void complete_panel(const sums_job *job, sums_view *v, int64_t begin, int64_t rows, float *g, float *gx)
{
    const gr_bn_gradient *from = job->from;
    const int64_t c = job->c, width = job->width;
    gr_panel_clear(width, g, gx);
    for (int64_t r = 0, end; r < rows; r = end) {
        const int64_t image = (begin + r) / from->pixels;
        end = gr_least(rows, (image + 1) * from->pixels - begin);
        v->factors = from->factors + image * c + job->first, v->shares = from->shares + image * c + job->first;
        if (from->act == GR_ACT_SILU)
            gr_panel_add(v, r, end, width, c, step_complete_silu, g, gx);
        else if (from->act == GR_ACT_HARD_SWISH)
            gr_panel_add(v, r, end, width, c, step_complete_hard_swish, g, gx);
        else
            gr_panel_add(v, r, end, width, c, step_complete, g, gx);
    }
}

static void sums_panel(const sums_job *job, int64_t begin, int64_t rows, float *g, float *gx)
{
    const gr_bn_gradient *from = job->from;
    int64_t at = begin * job->c + job->first;
    sums_view view = {.x = job->x + at, .dy = from->dy + at, .x0 = job->x + job->first, .act = from->act};
    view.mask = from->relu_out != NULL ? from->relu_out + at : NULL;
    view.g_out = from->out != NULL ? from->out + at : NULL;
    if (from->scale != NULL)
        view.scale = from->scale + job->first, view.shift = from->shift + job->first;
    bool write = from->out != NULL && (from->relu_out != NULL || from->out != from->dy);
    if (from->factors != NULL)
        complete_panel(job, &view, begin, rows, g, gx);
    else if (from->scale != NULL && from->act == GR_ACT_SILU)
        gr_panel_sums(&view, rows, job->width, job->c, step_silu, g, gx);
    else if (from->scale != NULL && from->act == GR_ACT_HARD_SWISH)
        gr_panel_sums(&view, rows, job->width, job->c, step_hard_swish, g, gx);
    else if (from->scale != NULL)
        gr_panel_sums(&view, rows, job->width, job->c, step_sloped, g, gx);
    else if (from->relu_out != NULL && write)
        gr_panel_sums(&view, rows, job->width, job->c, step_masked_copied, g, gx);
    else if (from->relu_out != NULL)
        gr_panel_sums(&view, rows, job->width, job->c, step_masked, g, gx);
    else if (write)
        gr_panel_sums(&view, rows, job->width, job->c, step_copied, g, gx);
    else
        gr_panel_sums(&view, rows, job->width, job->c, step_plain, g, gx);
}

static void sums_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    sums_job *job = ctx;
    float g[GR_GROUP], gx[GR_GROUP];
    double *total_g = job->g[index], *total_gx = job->gx[index];
    int64_t begin = index * job->cut.block, end = gr_least(job->cut.rows, begin + job->cut.block);
    for (int64_t i = 0; i < job->width; i++)
        total_g[i] = total_gx[i] = 0;
    for (int64_t r = begin; r < end; r += GR_PANEL_ROWS) {
        sums_panel(job, r, gr_least(GR_PANEL_ROWS, end - r), g, gx);
        for (int64_t i = 0; i < job->width; i++) {
            total_g[i] += (double)g[i];
            total_gx[i] += (double)gx[i];
        }
    }
}

void GR_KERNEL(gr_bn_backward_sums)(int64_t rows, int64_t c, const float *x, const gr_bn_gradient *from, double *sum_g,
                                    double *sum_gx)
{
    sums_job job;
    job.c = c;
    job.cut = gr_cut_rows(rows);
    job.x = x;
    job.from = from;
    for (int64_t first = 0; first < c; first += GR_GROUP) {
        job.first = first;
        job.width = gr_least(GR_GROUP, c - first);
        gr_parallel_for(job.cut.blocks, sums_block, &job);
        for (int64_t i = 0; i < job.width; i++) {
            double g = 0, gx = 0;
            for (int64_t b = 0; b < job.cut.blocks; b++) {
                g += job.g[b][i];
                gx += job.gx[b][i];
            }
            sum_g[first + i] = g;
            sum_gx[first + i] = gx + (double)x[first + i] * g;
        }
    }
}

typedef struct data_job {
    int64_t rows, c, block;
    const float *x, *dy, *mask, *a, *b, *k;
    float *dx;
    bool accumulate;
} data_job;

GR_INLINE void data_rows(const data_job *job, int64_t index, bool mask, bool accumulate)
{
    int64_t c = job->c, end = gr_least(job->rows, (index + 1) * job->block);
    for (int64_t r = index * job->block; r < end; r++)
        for (int64_t i = 0; i < c; i += GR_VL) {
            int64_t at = r * c + i, left = c - i;
            gr_vf g = masked(job->dy + at, mask ? job->mask + at : NULL, left);
            gr_vf linear =
                gr_vfma(gr_vload_upto(job->x + at, left), gr_vload_upto(job->b + i, left), gr_vload_upto(job->k + i, left));
            gr_vf dx = gr_vfma(g, gr_vload_upto(job->a + i, left), linear);
            if (accumulate)
                dx += gr_vload_upto(job->dx + at, left);
            gr_vstore_upto(job->dx + at, dx, left);
        }
}

static void data_block(void *ctx, int64_t index, int thread)
{
    (void)thread;
    const data_job *job = ctx;
    if (job->mask != NULL && job->accumulate)
        data_rows(job, index, true, true);
    else if (job->mask != NULL)
        data_rows(job, index, true, false);
    else if (job->accumulate)
        data_rows(job, index, false, true);
    else
        data_rows(job, index, false, false);
}

void GR_KERNEL(gr_bn_backward_data)(int64_t rows, int64_t c, const float *x, const float *dy, const float *mask,
                                    const float *a, const float *b, const float *k, float *dx, bool accumulate)
{
    data_job job = {rows, c, gr_rows_per_block(c), x, dy, mask, a, b, k, dx, accumulate};
    gr_parallel_for(gr_blocks(rows, job.block), data_block, &job);
}
