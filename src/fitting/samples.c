#include "fitting/samples.h"

#include <math.h>
#include <string.h>

#include "base/base.h"

enum { LANES = 16 };
static const float slack = 1e-5f; /* OpenCV's, of a stage's threshold */

void gr_samples_free(gr_samples *s)
{
    gr_free(s->images);
    gr_free(s->norms);
    *s = (gr_samples){0};
}

/* ---- integral images -------------------------------------------------------------------------------------------------- */

typedef struct spreading {
    gr_samples *samples;
    const gr_patches *lists[2];
    bool tilted;
    uint32_t *rows; /* [threads, ROWS, width + LANES] */
} spreading;

/* Rows of scratch: sums, squares, 3 of tilted ones, 2 of prefixes, 1 of zeros. */
enum { ROWS = 8, SUMS = 0, SQUARES = 1, TILTED = 2, PREFIXES = 5, ZEROS = 7 };

/* A search's own (kernels/K_windows.c): 1 / sqrt(area * squares - sum^2), 0 where that is too large. */
static float norm_of(const gr_samples *s, const uint8_t *pixels)
{
    int64_t sum = 0, squares = 0;
    for (int y = 1; y < s->height - 1; y++)
        for (int x = 1; x < s->width - 1; x++) {
            int p = pixels[y * s->width + x];
            sum += p;
            squares += p * p;
        }
    double area = (double)(s->width - 2) * (s->height - 2), factor = area * (double)squares - (double)sum * (double)sum;
    if (!(factor > 0))
        return 0;
    float norm = (float)(1.0 / sqrt(factor));
    return (double)norm * area < 1e-1 ? norm : 0;
}

static void put(const gr_samples *s, int64_t sample, int64_t place, const uint32_t *row)
{
    for (int x = 0; x <= s->width; x++)
        s->images[(place + x) * s->stride + sample] = (int32_t)row[x];
}

static void spread(void *ctx, int64_t i, int thread)
{
    const spreading *sp = ctx;
    const gr_samples *s = sp->samples;
    const gr_kernels *k = gr_kernels_get();
    bool second = i >= s->positives;
    const uint8_t *pixels =
        sp->lists[second]->pixels + (size_t)(second ? i - s->positives : i) * (size_t)s->width * (size_t)s->height;
    size_t row = (size_t)s->width + LANES;
    uint32_t *scratch = sp->rows + (size_t)thread * ROWS * row, *tilted = scratch + TILTED * row;
    const uint8_t *above = (const uint8_t *)(scratch + ZEROS * row);
    memset(scratch, 0, ROWS * row * sizeof *scratch);
    for (int y = 0; y <= s->height; y++) {
        if (y > 0) {
            const uint8_t *in = pixels + (y - 1) * s->width;
            k->integral_row(s->width, in, scratch + SUMS * row, scratch + SQUARES * row, scratch + PREFIXES * row);
            if (sp->tilted)
                k->tilted_row(s->width, in, above, tilted + (size_t)(y + 2) % 3 * row, tilted + (size_t)(y + 1) % 3 * row,
                              tilted + (size_t)y % 3 * row);
            above = in;
        }
        put(s, i, y * s->layout.stride, scratch + SUMS * row);
        if (sp->tilted)
            put(s, i, s->layout.tilted + y * s->layout.stride, tilted + (size_t)y % 3 * row);
    }
    s->norms[i] = s->kind == GR_CASCADE_HAAR ? norm_of(s, pixels) : 1;
}

gr_status gr_samples_make(gr_cascade_kind kind, bool tilted, const gr_patches *positives, const gr_patches *negatives,
                          gr_samples *s, gr_error *err)
{
    int64_t row = positives->width + 1, places = row * (positives->height + 1), count = positives->count + negatives->count;
    *s = (gr_samples){.kind = kind,
                      .width = positives->width,
                      .height = positives->height,
                      .count = count,
                      .positives = positives->count,
                      .stride = (count + LANES - 1) / LANES * LANES,
                      .layout = {.stride = row, .tilted = places}};
    size_t numbers;
    bool fit = gr_mul_size((size_t)(tilted ? 2 * places : places), (size_t)s->stride, &numbers);
    s->images = fit ? gr_alloc(numbers, sizeof *s->images) : NULL;
    s->norms = gr_alloc((size_t)s->stride, sizeof *s->norms);
    spreading sp = {s, {positives, negatives}, tilted, NULL};
    sp.rows = gr_alloc((size_t)gr_threads_get() * ROWS * ((size_t)s->width + LANES), sizeof *sp.rows);
    if (s->images == NULL || s->norms == NULL || sp.rows == NULL) {
        gr_free(sp.rows);
        gr_samples_free(s);
        return gr_fail(err, GR_NOMEM, "no memory for %lld windows", (long long)count);
    }
    gr_parallel_for(count, spread, &sp);
    gr_free(sp.rows);
    return GR_OK;
}

/* ---- features --------------------------------------------------------------------------------------------------------- */

static const int32_t *row_of(const gr_samples *s, int32_t place)
{
    return s->images + place * s->stride;
}

void gr_samples_haar(const gr_samples *s, const gr_cascade_feature *feature, float *values)
{
    gr_window_node n = {0};
    gr_windows_feature(s->kind, &s->layout, feature, &n);
    const int32_t *c[12];
    for (int i = 0; i < 12; i++)
        c[i] = row_of(s, n.at[i]);
    for (int64_t i = 0; i < s->stride; i++)
        values[i] = n.weight[0] * (float)(c[0][i] - c[1][i] - c[2][i] + c[3][i]) +
                    n.weight[1] * (float)(c[4][i] - c[5][i] - c[6][i] + c[7][i]);
    for (int64_t i = 0; n.weight[2] != 0 && i < s->stride; i++)
        values[i] += n.weight[2] * (float)(c[8][i] - c[9][i] - c[10][i] + c[11][i]);
    for (int64_t i = 0; i < s->stride; i++)
        values[i] *= s->norms[i];
}

void gr_samples_lbp(const gr_samples *s, const gr_cascade_feature *feature, uint8_t *patterns)
{
    static const int8_t blocks[8] = {0, 1, 2, 6, 10, 9, 8, 4}; /* their upper left corners in 4 x 4, clockwise */
    gr_window_node n = {0};
    gr_windows_feature(s->kind, &s->layout, feature, &n);
    const int32_t *c[16];
    for (int i = 0; i < 16; i++)
        c[i] = row_of(s, n.at[i]);
    memset(patterns, 0, (size_t)s->stride);
    for (int bit = 0; bit < 8; bit++) {
        int b = blocks[bit];
        const int32_t *p = c[b], *q = c[b + 1], *r = c[b + 4], *t = c[b + 5];
        for (int64_t i = 0; i < s->stride; i++)
            patterns[i] |= (uint8_t)((p[i] - q[i] - r[i] + t[i] >= c[5][i] - c[6][i] - c[9][i] + c[10][i]) << (7 - bit));
    }
}

/* ---- stages ----------------------------------------------------------------------------------------------------------- */

static void add_tree(const gr_samples *s, const gr_cascade *c, int64_t tree, float *values, uint8_t *patterns, double *sums)
{
    const gr_cascade_node *n = &c->nodes[c->trees[tree].first_node];
    const float *leaves = c->leaves + c->trees[tree].first_node + tree;
    const gr_cascade_feature *f = &c->features[n->feature];
    if (s->kind == GR_CASCADE_HAAR) {
        gr_samples_haar(s, f, values);
        for (int64_t i = 0; i < s->count; i++)
            sums[i] += (double)leaves[values[i] < n->threshold ? -n->left : -n->right];
        return;
    }
    gr_samples_lbp(s, f, patterns);
    for (int64_t i = 0; i < s->count; i++)
        sums[i] += (double)leaves[n->subset[patterns[i] >> 5] >> (patterns[i] & 31) & 1 ? -n->left : -n->right];
}

gr_status gr_samples_pass(const gr_samples *s, const gr_cascade *c, int64_t first, bool *pass, double *sums, gr_error *err)
{
    float *values = gr_alloc((size_t)s->stride, sizeof *values);
    uint8_t *patterns = gr_alloc((size_t)s->stride, 1);
    double *own = sums == NULL ? gr_alloc((size_t)s->count, sizeof *own) : NULL, *to = sums == NULL ? own : sums;
    gr_status status = GR_OK;
    if (values == NULL || patterns == NULL || to == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for %lld windows", (long long)s->count);
    for (int64_t i = 0; status == GR_OK && i < s->count; i++)
        pass[i] = pass[i] && s->norms[i] != 0;
    for (int64_t stage = first; status == GR_OK && stage < c->stage_count; stage++) {
        const gr_cascade_stage *st = &c->stages[stage];
        memset(to, 0, (size_t)s->count * sizeof *to);
        for (int64_t t = st->first_tree; t < st->first_tree + st->tree_count; t++)
            add_tree(s, c, t, values, patterns, to);
        for (int64_t i = 0; i < s->count; i++)
            pass[i] = pass[i] && to[i] >= (double)(st->threshold - slack);
    }
    gr_free(values);
    gr_free(patterns);
    gr_free(own);
    return status;
}
