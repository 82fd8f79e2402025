/* The transforms of strided Winograd's weight direction: patches of x and tiles of dy in, taps out. A vector holds GR_VL channels
 * of one pixel. */
#include "winograd_strided_weight.h"

#define A GR_SMALL
#define B GR_LARGE

enum { PATCH = 9, TILE = 4 }; /* pixels of x and of dy along an axis, for four results */

/* B e and A dy at the five points. */
GR_INLINE void points_of_x(const gr_vf e[5], gr_vf v[5])
{
    gr_finite_points(e[0], e[1], e[2], e[3], v);
    v[4] = gr_vfma(gr_vset(-A * A - B * B), e[2], gr_vfma(gr_vset(A * A * B * B), e[0], e[4]));
}

GR_INLINE void points_of_dy(const gr_vf y[4], gr_vf w[5])
{
    const gr_vf even_a = gr_vfma(gr_vset(A * A), y[2], y[0]), odd_a = gr_vset(A) * gr_vfma(gr_vset(A * A), y[3], y[1]);
    const gr_vf even_b = gr_vfma(gr_vset(B * B), y[2], y[0]), odd_b = gr_vset(B) * gr_vfma(gr_vset(B * B), y[3], y[1]);
    w[0] = even_a + odd_a, w[1] = even_a - odd_a;
    w[2] = even_b + odd_b, w[3] = even_b - odd_b;
    w[4] = y[3];
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* A square of pixels: the tensor's first one under it, and what of it is read; the rest is 0. */
typedef struct square {
    int64_t pixel, row0, row1, col0, col1;
} square;

static square square_at(const gr_wino_image *image, int64_t n, int64_t row, int64_t col, int64_t rows, int64_t cols)
{
    return (square){.pixel = (n * image->h + row) * image->w + col,
                    .row0 = gr_least(gr_most(0, -row), rows),
                    .row1 = gr_most(0, gr_least(rows, image->h - row)),
                    .col0 = gr_least(gr_most(0, -col), cols),
                    .col1 = gr_most(0, gr_least(cols, image->w - col))};
}

GR_INLINE void fill(const int size, const gr_wino_image *image, const gr_wino_reading how, const square *q, int64_t c,
                    int64_t lanes, const bool narrow, gr_vf *to)
{
    const gr_source *s = &image->source;
    const int64_t ahead = (size - size % 2) * image->channels;
    const gr_wino_change change = gr_wino_change_of(s, how, c, lanes);
    for (int64_t i = 0; i < size; i++, to += size) {
        const bool there = i >= q->row0 && i < q->row1;
        const int64_t col0 = there ? q->col0 : size, col1 = there ? q->col1 : size;
        int64_t at = (q->pixel + i * image->w + col0) * image->channels + c;
        for (int64_t j = 0; j < col0; j++)
            to[j] = gr_vzero();
        for (int64_t j = col0; j < col1; j++, at += image->channels) {
            const gr_vf x = gr_wino_read(s, how, &change, at, lanes, narrow);
            __builtin_prefetch(gr_number_at(s->data, at + ahead, narrow && s->narrow)); /* the next tile's */
            if (how == GR_READ_BATCH_NORM_BACK)
                __builtin_prefetch(gr_number_at(s->other, at + ahead, narrow && s->other_narrow));
            to[j] = x;
        }
        for (int64_t j = gr_most(col0, col1); j < size; j++)
            to[j] = gr_vzero();
    }
}

GR_INLINE void fill_how(const int size, const gr_wino_image *image, const gr_wino_reading how, const square *q, int64_t c,
                        gr_vf *to)
{
    const int64_t lanes = image->channels - c;
    if (lanes < GR_VL || image->source.narrow || image->source.other_narrow)
        fill(size, image, how, q, c, gr_least(lanes, GR_VL), true, to);
    else
        fill(size, image, how, q, c, GR_VL, false, to);
}

GR_INLINE void fill_square(const int size, const gr_wino_image *image, const gr_wino_reading how, const square *q, int64_t c,
                           gr_vf *to)
{
    switch (how) {
    case GR_READ_PLAIN: fill_how(size, image, GR_READ_PLAIN, q, c, to); break;
    case GR_READ_CLIPPED: fill_how(size, image, GR_READ_CLIPPED, q, c, to); break;
    case GR_READ_SCALED: fill_how(size, image, GR_READ_SCALED, q, c, to); break;
    case GR_READ_SCALED_CLIPPED: fill_how(size, image, GR_READ_SCALED_CLIPPED, q, c, to); break;
    case GR_READ_BATCH_NORM_BACK: fill_how(size, image, GR_READ_BATCH_NORM_BACK, q, c, to); break;
    }
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

/* Where a tile's entries go: its first one of each matrix, from which the plain ones follow `width` floats apart along the row,
 * row_step[kind of columns] apart down the column. */
typedef struct place {
    float *to[GR_PHASE_MATRICES];
    int64_t width, row_step[GR_PHASE_KINDS];
    int rows, cols; /* of the tile: 4 or 3 */
} place;

static place place_of(const gr_phase_grid *g, int64_t first, int64_t band, int64_t tile, int64_t width, float *v)
{
    place p = {.width = width, .rows = band % g->h.tiles < g->h.full ? 4 : 3, .cols = tile < g->w.full ? 4 : 3};
    for (int rows = 0; rows < GR_PHASE_KINDS; rows++) {
        const int64_t line = gr_phase_lines(g, rows, band) - gr_phase_lines(g, rows, first);
        for (int cols = 0; cols < GR_PHASE_KINDS; cols++) {
            const int matrix = rows * GR_PHASE_KINDS + cols;
            const int64_t entry = g->at[matrix] + line * g->w.lines[cols] + gr_phase_before(&g->w, cols, tile);
            p.to[matrix] = v + entry * width + matrix * GR_PHASE_PAD;
        }
    }
    for (int cols = 0; cols < GR_PHASE_KINDS; cols++)
        p.row_step[cols] = g->w.lines[cols] * width;
    return p;
}

/* The numbers of one line of a square, `step` floats apart, to line `row` of row kind `kind`: at the points, and plain. `size` is
 * PATCH or TILE: a patch gives its even samples to the points, its odd ones to the plain products. */
GR_INLINE void line_out(const int size, const float *line, int64_t step, const place *p, const int kind, int64_t row, int64_t c)
{
    float *const *to = p->to + kind * GR_PHASE_KINDS;
    const int count = size == PATCH ? 5 : 4;
    gr_vf in[5], out[5];
    GR_UNROLL
    for (int i = 0; i < count; i++)
        in[i] = gr_vload(line + (size == PATCH ? 2 * i : i) * step);
    if (size == PATCH)
        points_of_x(in, out);
    else
        points_of_dy(in, out);
    GR_UNROLL
    for (int i = 0; i < 4; i++)
        gr_vstore(to[i] + row * p->row_step[i] + c, out[i]);
    if (p->cols == 4)
        gr_vstore(to[4] + row * p->row_step[4] + c, out[4]);
    float *plain = to[GR_PHASE_PLAIN] + row * p->row_step[GR_PHASE_PLAIN] + c;
    GR_UNROLL
    for (int i = 0; i < 3; i++)
        gr_vstore(plain + i * p->width, size == PATCH ? gr_vload(line + (2 * i + 1) * step) : in[i]);
    if (p->cols == 4)
        gr_vstore(plain + 3 * p->width, size == PATCH ? gr_vload(line + 7 * step) : in[3]);
}

/* A square of a vector of channels. */
GR_INLINE void transform(const int size, const float *from, int64_t row_step, int64_t col_step, const place *p, int64_t c)
{
    const int count = size == PATCH ? 5 : 4;
    gr_vf lines[5][PATCH];
    GR_UNROLL
    for (int j = 0; j < size; j++) {
        gr_vf in[5], out[5];
        GR_UNROLL
        for (int i = 0; i < count; i++)
            in[i] = gr_vload(from + (size == PATCH ? 2 * i : i) * row_step + j * col_step);
        if (size == PATCH)
            points_of_x(in, out);
        else
            points_of_dy(in, out);
        GR_UNROLL
        for (int k = 0; k < 5; k++)
            lines[k][j] = out[k];
    }
    for (int kind = 0; kind < (p->rows == 4 ? 5 : 4); kind++)
        line_out(size, (const float *)lines[kind], GR_VL, p, kind, 0, c);
    for (int row = 0; row < p->rows; row++)
        line_out(size, from + (size == PATCH ? 2 * row + 1 : row) * row_step, col_step, p, GR_PHASE_PLAIN, row, c);
}

static __attribute__((noinline)) void transform_x(const float *from, int64_t row_step, int64_t col_step, const place *p,
                                                  int64_t c)
{
    transform(PATCH, from, row_step, col_step, p, c);
}

static __attribute__((noinline)) void transform_dy(const float *from, int64_t row_step, int64_t col_step, const place *p,
                                                   int64_t c)
{
    transform(TILE, from, row_step, col_step, p, c);
}

/* ---- bands --------------------------------------------------------------------------------------------------------- */

GR_INLINE void band_in(const int size, const gr_wino_image *image, const gr_phase_grid *g, int64_t first, int64_t band,
                       int64_t cb0, int64_t cb1, int64_t width, int64_t group, float *v)
{
    const int64_t blocks = width / GR_VL;
    const gr_wino_reading how = gr_wino_reading_of(&image->source);
    const int64_t n = band / g->h.tiles, top = gr_phase_before(&g->h, GR_PHASE_PLAIN, band % g->h.tiles);
    const int64_t channels = image->channels;
    for (int64_t tile = 0; tile < g->w.tiles; tile++) {
        const place p = place_of(g, first, band, tile, width, v);
        const int64_t left = gr_phase_before(&g->w, GR_PHASE_PLAIN, tile);
        const square q = size == TILE
                             ? square_at(image, n, top, left, p.rows, p.cols)
                             : square_at(image, n, 2 * top - g->h.pad, 2 * left - g->w.pad, 2 * p.rows + 1, 2 * p.cols + 1);
        const bool whole = q.row0 == 0 && q.col0 == 0 && q.row1 == size && q.col1 == size;
        for (int64_t cb = cb0; cb < cb1; cb++) {
            const int64_t c = cb * GR_VL, to = (cb - cb0) / blocks * group + (cb - cb0) % blocks * GR_VL;
            gr_vf patch[PATCH * PATCH];
            const float *from = (const float *)patch;
            int64_t row_step = size * GR_VL, col_step = GR_VL;
            if (c >= channels)
                memset(patch, 0, sizeof patch[0] * (size_t)(size * size));
            else if (how == GR_READ_PLAIN && whole && !image->source.narrow && channels - c >= GR_VL)
                from = image->source.data + q.pixel * channels + c, row_step = image->w * channels, col_step = channels;
            else
                fill_square(size, image, how, &q, c, patch);
            if (size == PATCH)
                transform_x(from, row_step, col_step, &p, to);
            else
                transform_dy(from, row_step, col_step, &p, to);
        }
    }
}

void GR_KERNEL(gr_phase_x)(const gr_wino_image *x, const gr_phase_grid *g, int64_t first, int64_t band, int64_t cb0, int64_t cb1,
                           int64_t width, int64_t group, float *v)
{
    band_in(PATCH, x, g, first, band, cb0, cb1, width, group, v);
}

void GR_KERNEL(gr_phase_dy)(const gr_wino_image *dy, const gr_phase_grid *g, int64_t first, int64_t band, int64_t cb0,
                            int64_t cb1, int64_t width, int64_t group, float *w)
{
    band_in(TILE, dy, g, first, band, cb0, cb1, width, group, w);
}

/* ---- taps ---------------------------------------------------------------------------------------------------------- */

/* G^T. */
GR_INLINE void taps_of(const gr_vf sums[GR_PHASE_KINDS], gr_vf taps[3])
{
    taps[0] = gr_vfma(gr_vset(GR_SMALL_OVER), sums[0] - sums[1], gr_vset(GR_LARGE_OVER) * (sums[2] - sums[3]));
    taps[1] = sums[GR_PHASE_PLAIN];
    taps[2] = gr_vfma(gr_vset(GR_SMALL_OVER * A), sums[0] + sums[1],
                      gr_vfma(gr_vset(GR_LARGE_OVER * B), sums[2] + sums[3], sums[4]));
}

/* One input channel and up to GR_VL output channels; what will be written `ahead` floats behind is fetched. */
static void finish(const float *du, int64_t du_matrix, float *dw, int64_t tap_step, int64_t ahead, int64_t lanes,
                   bool accumulate)
{
    gr_vf columns[3][GR_PHASE_KINDS], sums[GR_PHASE_KINDS], taps[3];
    GR_UNROLL
    for (int cols = 0; cols < GR_PHASE_KINDS; cols++) {
        GR_UNROLL
        for (int rows = 0; rows < GR_PHASE_KINDS; rows++)
            sums[rows] = gr_vload(du + (rows * GR_PHASE_KINDS + cols) * du_matrix);
        taps_of(sums, taps);
        for (int i = 0; i < 3; i++)
            columns[i][cols] = taps[i];
    }
    for (int i = 0; i < 3; i++) {
        taps_of(columns[i], taps);
        for (int j = 0; j < 3; j++) {
            float *to = dw + (i * 3 + j) * tap_step;
            gr_vstore_upto(to, accumulate ? taps[j] + gr_vload_upto(to, lanes) : taps[j], lanes);
            __builtin_prefetch(to + ahead, 1);
        }
    }
}

void GR_KERNEL(gr_phase_finish)(int64_t rows, int64_t cols, const float *du, int64_t du_matrix, int64_t oc, int64_t tap_step,
                                bool accumulate, float *dw)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t at = 0; at < cols; at += GR_VL)
            finish(du + r * GR_PANEL + at, du_matrix, dw + r * oc + at, tap_step, 4 * oc, cols - at, accumulate);
}
