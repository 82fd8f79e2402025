/* Polyphase Winograd's transforms. A vector holds GR_VL channels of one pixel; both dimensions go one after the other, with what
 * lies between them in L1. */
#include "winograd_strided.h"

enum { WIDTH = 2 * GR_VL, MOST = 9 }; /* channels at once, as a tile of products has; pixels of a side of a patch */

/* v = B d. */
GR_INLINE void points_in(const int size, const float *d, int64_t apart, gr_vf *v)
{
    const gr_vf aa = gr_vset(-GR_SMALL * GR_SMALL), bb = gr_vset(-GR_LARGE * GR_LARGE);
    const gr_vf d0 = gr_vload(d), d2 = gr_vload(d + 2 * apart);
    gr_finite_points(d0, gr_vload(d + apart), d2, gr_vload(d + 3 * apart), v);
    if (size == 4)
        v[4] = gr_vfma(aa * bb, d0, gr_vfma(aa + bb, d2, gr_vload(d + 4 * apart)));
}

/* A line of a patch to the places of an axis. `middle`: the first number that meets the middle tap. */
GR_INLINE void line_in(const int size, const bool data, const float *d, int64_t apart, int64_t middle, gr_vf v[GR_PLACES])
{
    const int64_t step = data ? 1 : 2;
    points_in(size, d, step * apart, v);
#pragma GCC unroll 4
    for (int k = 0; k < size; k++)
        v[5 + k] = gr_vload(d + (middle + step * k) * apart);
}

/* y = A m, of the five or four products. */
GR_INLINE void points_out(const int size, const gr_vf m[GR_PLACES], gr_vf y[4])
{
    const float a = GR_SMALL, b = GR_LARGE;
    gr_vf sum_a = m[0] + m[1], sum_b = m[2] + m[3], apart_a = m[0] - m[1], apart_b = m[2] - m[3];
    y[0] = sum_a + sum_b;
    y[1] = gr_vfma(gr_vset(b), apart_b, gr_vset(a) * apart_a);
    y[2] = gr_vfma(gr_vset(b * b), sum_b, gr_vset(a * a) * sum_a);
    if (size == 4)
        y[3] = gr_vfma(gr_vset(b * b * b), apart_b, gr_vfma(gr_vset(a * a * a), apart_a, m[4]));
}

/* The places of an axis to its results: sums of both kinds forward, pairs of them backward. */
GR_INLINE void line_out(const int size, const bool data, const gr_vf m[GR_PLACES], int64_t even, float *y, int64_t apart)
{
    gr_vf sums[4];
    points_out(size, m, sums);
#pragma GCC unroll 4
    for (int k = 0; k < size; k++) {
        if (data) {
            gr_vstore(y + (2 * k + even) * apart, sums[k]);
            gr_vstore(y + (2 * k + 1 - even) * apart, m[5 + k]);
        } else {
            gr_vstore(y + k * apart, sums[k] + m[5 + k]);
        }
    }
}

/* A tile of 3 has no place 4 and 8. */
GR_INLINE bool has_place(const int size, int place)
{
    return size == 4 || (place != 4 && place != 8);
}

/* patch[rows][MOST][WIDTH] to V, whose rows for this tile are at[]. One vector. */
GR_INLINE void tile_in(const int rows, const int cols, const bool data, const float *patch, int64_t middle_row, int64_t middle_col,
                       const int64_t *at, int64_t lda, float *v)
{
    _Alignas(64) float between[GR_PLACES * MOST * GR_VL];
    gr_vf line[GR_PLACES];
    for (int j = 0; j < (data ? cols + 1 : 2 * cols + 1); j++) {
        line_in(rows, data, patch + j * WIDTH, MOST * WIDTH, middle_row, line);
#pragma GCC unroll 9
        for (int i = 0; i < GR_PLACES; i++)
            if (has_place(rows, i))
                gr_vstore(between + (i * MOST + j) * GR_VL, line[i]);
    }
    for (int i = 0; i < GR_PLACES; i++) {
        if (!has_place(rows, i))
            continue;
        line_in(cols, data, between + i * MOST * GR_VL, GR_VL, middle_col, line);
#pragma GCC unroll 9
        for (int j = 0; j < GR_PLACES; j++)
            if (has_place(cols, j))
                gr_vstore(v + at[i * GR_PLACES + j] * lda, line[j]);
    }
}

/* M's rows at[] to y[rows][cols][GR_NR], one vector. */
GR_INLINE void tile_out(const int rows, const int cols, const bool data, const float *m, const int64_t *at, int64_t step,
                        const gr_strided_plan *plan, float *y)
{
    const int width = data ? 2 * cols : cols;
    _Alignas(64) float between[GR_PLACES * 2 * 4 * GR_VL];
    gr_vf line[GR_PLACES];
    for (int i = 0; i < GR_PLACES; i++) {
        if (!has_place(rows, i))
            continue;
#pragma GCC unroll 9
        for (int j = 0; j < GR_PLACES; j++)
            if (has_place(cols, j))
                line[j] = gr_vload(m + at[i * GR_PLACES + j] * step);
        line_out(cols, data, line, plan->w.even, between + i * width * GR_VL, GR_VL);
    }
    for (int j = 0; j < width; j++) {
#pragma GCC unroll 9
        for (int i = 0; i < GR_PLACES; i++)
            if (has_place(rows, i))
                line[i] = gr_vload(between + (i * width + j) * GR_VL);
        line_out(rows, data, line, plan->h.even, y + j * GR_NR, width * GR_NR);
    }
}

/* Channels [c, c + count) of the tile's patch, up to two vectors; what lies outside is 0. */
static void fill(const gr_strided_plan *plan, const gr_source *s, const gr_strided_tile *t, int64_t c, int64_t count, float *patch)
{
    const int64_t step = plan->data ? 1 : 2, rows = step * t->rows + 1, cols = step * t->cols + 1;
    const int64_t row = plan->h.first + step * t->row, col = plan->w.first + step * t->col;
    const int64_t low = gr_most(0, -col), high = gr_least(cols, plan->w.size - col);
    const bool cut = low > 0 || high < cols || count < WIDTH;
    for (int64_t i = 0; i < rows; i++) {
        float *to = patch + i * MOST * WIDTH;
        const bool inside = row + i >= 0 && row + i < plan->h.size && low < high;
        if (cut || !inside)
            memset(to, 0, sizeof *to * MOST * WIDTH);
        if (!inside)
            continue;
        gr_strip strip = {.step = plan->ic, .pixels = high - low, .channel = c, .count = count, .out_step = WIDTH};
        strip.at = (((t->image * plan->h.size + row + i) * plan->w.size + col + low) * plan->ic) + c;
        strip.out = to + low * WIDTH;
        GR_KERNEL(gr_source_strip)(s, &strip);
    }
}

/* The rows of its tiles, each without the last, which is the next one's too. */
void GR_KERNEL(gr_strided_ask)(const gr_strided_plan *plan, const gr_source *s, int64_t block, int64_t part, int64_t parts)
{
    enum { LINE = 16 };
    const int64_t step = plan->data ? 1 : 2, rows = 4 * step, first = gr_strided_first(plan, block);
    const int64_t all = (gr_strided_first(plan, block + 1) - first) * rows, image = plan->h.size * plan->w.size * plan->ic;
    for (int64_t i = all * part / parts; i < all * (part + 1) / parts; i++) {
        const gr_strided_tile t = GR_KERNEL(gr_strided_tile_of)(plan, first + i / rows);
        const int64_t row = plan->h.first + step * t.row + i % rows, col = gr_most(0, plan->w.first + step * t.col);
        if (row < 0 || row >= plan->h.size)
            continue;
        const int64_t at = t.image * image + (row * plan->w.size + col) * plan->ic;
        const int64_t count = gr_least(step * t.cols, plan->w.size - col) * plan->ic;
        for (int64_t f = 0; f < count; f += LINE) {
            __builtin_prefetch(s->data + at + f, 0, 2);
            if (s->other != NULL)
                __builtin_prefetch(s->other + at + f, 0, 2);
        }
    }
}

GR_INLINE void tile_in_of(const int rows, const int cols, const gr_strided_plan *plan, const float *patch, const int64_t *at,
                          float *v)
{
    /* Forward the middle tap meets the odd numbers; backward those from the second on where F's are the first of the pairs. */
    if (plan->data)
        tile_in(rows, cols, true, patch, 1 - plan->h.even, 1 - plan->w.even, at, plan->lda, v);
    else
        tile_in(rows, cols, false, patch, 1, 1, at, plan->lda, v);
}

void GR_KERNEL(gr_strided_read)(const gr_strided_plan *plan, const gr_source *s, const gr_strided_block *block, int64_t tile,
                                float *v)
{
    const gr_strided_tile *t = &block->tiles[tile];
    _Alignas(64) float patch[MOST * MOST * WIDTH];
    v += tile * plan->lda;
    for (int64_t c = 0; c < plan->ic; c += WIDTH) {
        fill(plan, s, t, c, gr_least(WIDTH, plan->ic - c), patch);
        for (int64_t k = 0; k < gr_least(WIDTH, plan->ic - c); k += GR_VL) {
            if (t->rows == 4 && t->cols == 4)
                tile_in_of(4, 4, plan, patch + k, block->at, v + c + k);
            else if (t->rows == 4)
                tile_in_of(4, 3, plan, patch + k, block->at, v + c + k);
            else if (t->cols == 4)
                tile_in_of(3, 4, plan, patch + k, block->at, v + c + k);
            else
                tile_in_of(3, 3, plan, patch + k, block->at, v + c + k);
        }
    }
}

GR_INLINE void tile_out_of(const int rows, const int cols, const gr_strided_plan *plan, const float *m, const int64_t *at,
                           int64_t step, float *y)
{
    if (plan->data)
        tile_out(rows, cols, true, m, at, step, plan, y);
    else
        tile_out(rows, cols, false, m, at, step, plan, y);
}

void GR_KERNEL(gr_strided_results)(const gr_strided_plan *plan, const gr_strided_block *block, int64_t tile, const float *m,
                                   int64_t step, float *y)
{
    const gr_strided_tile *t = &block->tiles[tile];
    m += tile * step;
    for (int64_t k = 0; k < GR_NR; k += GR_VL) {
        if (t->rows == 4 && t->cols == 4)
            tile_out_of(4, 4, plan, m + k, block->at, step, y + k);
        else if (t->rows == 4)
            tile_out_of(4, 3, plan, m + k, block->at, step, y + k);
        else if (t->cols == 4)
            tile_out_of(3, 4, plan, m + k, block->at, step, y + k);
        else
            tile_out_of(3, 3, plan, m + k, block->at, step, y + k);
    }
}
