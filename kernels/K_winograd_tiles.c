/* Winograd's tile transforms: 6x6 patches in, 4x4 tiles of gradient in, 4x4 tiles out. One vector holds GR_VL channels of
 * one pixel, so that every transform is a few sums and products of whole vectors. */
#include "winograd.h"

/* The interpolation points are 0, +-A, +-B and infinity with A^2 = 1/2, B^2 = 2. */
#define POINT_A 0.70710678118654752440f
#define POINT_B 1.41421356237309504880f

/* What of a square of pixels lies inside the image. */
typedef struct extent {
    int64_t row0, row1, col0, col1;
} extent;

static int64_t clamp(int64_t value, int64_t high)
{
    return value < 0 ? 0 : value > high ? high : value;
}

static extent inside(int64_t row, int64_t col, int64_t size, int64_t h, int64_t w)
{
    return (extent){clamp(-row, size), clamp(h - row, size), clamp(-col, size), clamp(w - col, size)};
}

static bool is_cut(const extent *e, int64_t size)
{
    return e->row0 > 0 || e->col0 > 0 || e->row1 < size || e->col1 < size;
}

/* The channels in hand: all GR_VL of them (then `whole` is a constant true), or `lanes`. */
GR_INLINE gr_vf load(const float *p, const bool whole, int64_t lanes)
{
    return whole ? gr_vload(p) : gr_vload_part(p, lanes);
}

GR_INLINE void store(float *p, gr_vf v, const bool whole, int64_t lanes)
{
    if (whole)
        gr_vstore(p, v);
    else
        gr_vstore_part(p, v, lanes);
}

static gr_vf load_lanes(const float *p, int64_t lanes)
{
    return load(p, lanes == GR_VL, lanes);
}

/* ---- one dimension -------------------------------------------------------------------------------------------------------- */

/* v = B^T d */
GR_INLINE void input6(gr_vf d0, gr_vf d1, gr_vf d2, gr_vf d3, gr_vf d4, gr_vf d5, gr_vf v[6])
{
    gr_vf even_a = gr_vfma(gr_vset(-2.0f), d2, d4), odd_a = gr_vfma(gr_vset(-2.0f), d1, d3);
    gr_vf even_b = gr_vfma(gr_vset(-0.5f), d2, d4), odd_b = gr_vfma(gr_vset(-0.5f), d1, d3);
    v[0] = gr_vfma(gr_vset(-2.5f), d2, d0 + d4);
    v[1] = gr_vfma(gr_vset(POINT_A), odd_a, even_a);
    v[2] = gr_vfma(gr_vset(-POINT_A), odd_a, even_a);
    v[3] = gr_vfma(gr_vset(POINT_B), odd_b, even_b);
    v[4] = gr_vfma(gr_vset(-POINT_B), odd_b, even_b);
    v[5] = gr_vfma(gr_vset(-2.5f), d3, d1 + d5);
}

/* w = A y */
GR_INLINE void gradient6(gr_vf y0, gr_vf y1, gr_vf y2, gr_vf y3, gr_vf w[6])
{
    gr_vf even_a = gr_vfma(gr_vset(0.5f), y2, y0), odd_a = gr_vfma(gr_vset(0.5f), y3, y1);
    gr_vf even_b = gr_vfma(gr_vset(2.0f), y2, y0), odd_b = gr_vfma(gr_vset(2.0f), y3, y1);
    w[0] = y0;
    w[1] = gr_vfma(gr_vset(POINT_A), odd_a, even_a);
    w[2] = gr_vfma(gr_vset(-POINT_A), odd_a, even_a);
    w[3] = gr_vfma(gr_vset(POINT_B), odd_b, even_b);
    w[4] = gr_vfma(gr_vset(-POINT_B), odd_b, even_b);
    w[5] = y3;
}

/* y = A^T m */
GR_INLINE void output4(gr_vf m0, gr_vf m1, gr_vf m2, gr_vf m3, gr_vf m4, gr_vf m5, gr_vf y[4])
{
    gr_vf sum_a = m1 + m2, sum_b = m3 + m4;
    gr_vf diff_a = gr_vset(POINT_A) * (m1 - m2), diff_b = gr_vset(POINT_B) * (m3 - m4);
    y[0] = m0 + sum_a + sum_b;
    y[1] = diff_a + diff_b;
    y[2] = gr_vfma(gr_vset(2.0f), sum_b, gr_vset(0.5f) * sum_a);
    y[3] = gr_vfma(gr_vset(2.0f), diff_b, gr_vfma(gr_vset(0.5f), diff_a, m5));
}

/* ---- tiles in ------------------------------------------------------------------------------------------------------------- */

/* Where a tile's pixels are and what is done to them on reading. */
typedef struct reader {
    const float *x, *y;
    int64_t row_step, col_step, lanes;
    gr_vf a, b, c;
} reader;

GR_INLINE gr_vf read_pixel(const reader *r, int64_t at, const gr_wino_reading reading, const bool whole)
{
    gr_vf v = load(r->x + at, whole, r->lanes);
    if (reading == GR_READ_TWO)
        return gr_vfma(v, r->a, gr_vfma(load(r->y + at, whole, r->lanes), r->b, r->c));
    if (reading == GR_READ_AFFINE || reading == GR_READ_AFFINE_RELU)
        v = gr_vfma(v, r->a, r->b);
    return reading == GR_READ_RELU || reading == GR_READ_AFFINE_RELU ? gr_vrelu(v) : v;
}

/* size x size pixels (6: a patch of x; 4: a tile of dy), the first at float `base` of the tensor, to 36 positions. cut:
 * some lie outside `in` and count as 0. */
GR_INLINE void transform_in(const int size, const reader *r, int64_t base, const gr_wino_reading reading, const bool cut,
                            extent in, const bool whole, float *v, int64_t v_position)
{
    gr_vf columns[6][6]; /* [column][row of the position] */
    gr_vf d[6] = {gr_vzero()}, row[6];
    GR_UNROLL
    for (int j = 0; j < size; j++) {
        GR_UNROLL
        for (int i = 0; i < size; i++) {
            bool outside = cut && (i < in.row0 || i >= in.row1 || j < in.col0 || j >= in.col1);
            d[i] = outside ? gr_vzero() : read_pixel(r, base + i * r->row_step + j * r->col_step, reading, whole);
        }
        if (size == 6)
            input6(d[0], d[1], d[2], d[3], d[4], d[5], columns[j]);
        else
            gradient6(d[0], d[1], d[2], d[3], columns[j]);
    }
    GR_UNROLL
    for (int i = 0; i < 6; i++) {
        if (size == 6)
            input6(columns[0][i], columns[1][i], columns[2][i], columns[3][i], columns[4][i], columns[5][i], row);
        else
            gradient6(columns[0][i], columns[1][i], columns[2][i], columns[3][i], row);
        GR_UNROLL
        for (int j = 0; j < 6; j++)
            gr_vstore(v + (i * 6 + j) * v_position, row[j]);
    }
}

GR_INLINE void tiles_in(const int size, const gr_wino_reading reading, const gr_wino_source *s, const gr_wino_grid *grid,
                        int64_t first, int64_t count, int64_t cb, float *v, int64_t v_tile, int64_t v_position)
{
    const int64_t c = cb * GR_VL;
    const int64_t pad_top = size == 6 ? grid->pad_top : 0, pad_left = size == 6 ? grid->pad_left : 0;
    reader r = {.x = s->x, .y = s->y, .col_step = s->channels, .row_step = s->w * s->channels};
    r.lanes = gr_wino_min(s->channels - c, GR_VL);
    if (reading >= GR_READ_AFFINE) {
        r.a = load_lanes(s->a + c, r.lanes);
        r.b = load_lanes(s->b + c, r.lanes);
    }
    if (reading == GR_READ_TWO)
        r.c = load_lanes(s->c + c, r.lanes);
    gr_wino_corner at = gr_wino_corner_of(grid, first);
    for (int64_t t = 0; t < count; t++, v += v_tile, at = gr_wino_next_corner(grid, at)) {
        int64_t row = at.row - pad_top, col = at.col - pad_left;
        int64_t base = ((at.image * s->h + row) * s->w + col) * s->channels + c;
        extent in = inside(row, col, size, s->h, s->w);
        if (r.lanes < GR_VL)
            transform_in(size, &r, base, reading, true, in, false, v, v_position);
        else if (is_cut(&in, size))
            transform_in(size, &r, base, reading, true, in, true, v, v_position);
        else
            transform_in(size, &r, base, reading, false, in, true, v, v_position);
    }
}

void GR_KERNEL(gr_wino_input)(const gr_wino_source *source, const gr_wino_grid *grid, int64_t first, int64_t count,
                              int64_t cb, float *v, int64_t v_tile, int64_t v_position)
{
    switch (source->reading) {
    case GR_READ_PLAIN: tiles_in(6, GR_READ_PLAIN, source, grid, first, count, cb, v, v_tile, v_position); break;
    case GR_READ_RELU: tiles_in(6, GR_READ_RELU, source, grid, first, count, cb, v, v_tile, v_position); break;
    case GR_READ_AFFINE: tiles_in(6, GR_READ_AFFINE, source, grid, first, count, cb, v, v_tile, v_position); break;
    case GR_READ_AFFINE_RELU: tiles_in(6, GR_READ_AFFINE_RELU, source, grid, first, count, cb, v, v_tile, v_position); break;
    case GR_READ_TWO: tiles_in(6, GR_READ_TWO, source, grid, first, count, cb, v, v_tile, v_position); break;
    }
}

void GR_KERNEL(gr_wino_gradient)(const gr_wino_source *source, const gr_wino_grid *grid, int64_t first, int64_t count,
                                 int64_t cb, float *v, int64_t v_tile, int64_t v_position)
{
    if (source->reading == GR_READ_TWO)
        tiles_in(4, GR_READ_TWO, source, grid, first, count, cb, v, v_tile, v_position);
    else
        tiles_in(4, GR_READ_PLAIN, source, grid, first, count, cb, v, v_tile, v_position);
}

/* ---- tiles out ------------------------------------------------------------------------------------------------------------ */

/* The per-channel values of GR_VL output channels, and their sums. */
typedef struct writer {
    const gr_wino_target *target;
    int64_t lanes;
    gr_vf bias, mask_scale, mask_shift, sum, sum2;
} writer;

GR_INLINE void write_pixel(writer *w, int64_t at, gr_vf y, const unsigned features, const bool whole)
{
    const gr_wino_target *t = w->target;
    gr_vf mask_x = gr_vzero();
    if (features & GR_ADD_OLD)
        y += load(t->out + at, whole, w->lanes);
    if (features & GR_ADD_BIAS)
        y += w->bias;
    if (features & GR_MASK) {
        mask_x = load(t->mask_x + at, whole, w->lanes);
        y = gr_vselect((gr_vi)(gr_vfma(mask_x, w->mask_scale, w->mask_shift) > gr_vzero()), y, gr_vzero());
    }
    if (features & (GR_SUM_SQUARES | GR_SUM_PRODUCTS)) {
        w->sum += y;
        w->sum2 = gr_vfma(y, features & GR_SUM_PRODUCTS ? mask_x : y, w->sum2);
    }
    if (features & GR_ADD_RESIDUAL)
        y += load(t->residual + at, whole, w->lanes);
    if (features & GR_CLIP)
        y = gr_vrelu(y);
    store(t->out + at, y, whole, w->lanes);
}

/* One tile, m[36] m_position floats apart, to the pixels from float `base` of the output. */
GR_INLINE void transform_out(writer *w, const float *m, int64_t base, const unsigned features, const bool cut, extent in,
                             const bool whole)
{
    gr_vf columns[6][4], row[4]; /* [column of the position][row] */
    const int64_t apart = GR_STRIP * GR_PANEL;
    GR_UNROLL
    for (int j = 0; j < 6; j++) {
        const float *from = m + j * apart;
        output4(gr_vload(from), gr_vload(from + 6 * apart), gr_vload(from + 12 * apart), gr_vload(from + 18 * apart),
                gr_vload(from + 24 * apart), gr_vload(from + 30 * apart), columns[j]);
    }
    GR_UNROLL
    for (int i = 0; i < 4; i++) {
        output4(columns[0][i], columns[1][i], columns[2][i], columns[3][i], columns[4][i], columns[5][i], row);
        GR_UNROLL
        for (int j = 0; j < 4; j++)
            if (!cut || (i < in.row1 && j < in.col1))
                write_pixel(w, base + (i * w->target->w + j) * w->target->channels, row[j], features, whole);
    }
}

GR_INLINE void tiles_out(const gr_wino_target *t, const unsigned features, const gr_wino_grid *grid, int64_t first,
                         int64_t count, int64_t c, const float *m, float *stats)
{
    writer w = {.target = t, .lanes = gr_wino_min(t->channels - c, GR_VL)};
    if (features & GR_ADD_BIAS)
        w.bias = load_lanes(t->bias + c, w.lanes);
    if (features & GR_MASK) {
        w.mask_scale = t->mask_scale == NULL ? gr_vset(1.0f) : load_lanes(t->mask_scale + c, w.lanes);
        w.mask_shift = t->mask_scale == NULL ? gr_vzero() : load_lanes(t->mask_shift + c, w.lanes);
    }
    gr_wino_corner at = gr_wino_corner_of(grid, first);
    for (int64_t i = 0; i < count; i++, m += GR_PANEL, at = gr_wino_next_corner(grid, at)) {
        int64_t base = ((at.image * t->h + at.row) * t->w + at.col) * t->channels + c;
        extent in = inside(at.row, at.col, 4, t->h, t->w);
        if (w.lanes < GR_VL)
            transform_out(&w, m, base, features, true, in, false);
        else if (is_cut(&in, 4))
            transform_out(&w, m, base, features, true, in, true);
        else
            transform_out(&w, m, base, features, false, in, true);
    }
    if (features & (GR_SUM_SQUARES | GR_SUM_PRODUCTS)) {
        float *squares = stats + t->channels;
        gr_vf sum = load_lanes(stats + c, w.lanes) + w.sum, sum2 = load_lanes(squares + c, w.lanes) + w.sum2;
        store(stats + c, sum, w.lanes == GR_VL, w.lanes);
        store(squares + c, sum2, w.lanes == GR_VL, w.lanes);
    }
}

void GR_KERNEL(gr_wino_output)(const gr_wino_target *target, const gr_wino_grid *grid, int64_t first, int64_t count,
                               int64_t panel, const float *m, float *stats)
{
    for (int64_t half = 0; half < 2; half++, m += GR_VL) {
        int64_t c = panel * GR_PANEL + half * GR_VL;
        if (c >= target->channels)
            return;
        /* The common ones get a copy of their own, without a test per pixel. */
        switch (target->features) {
        case 0: tiles_out(target, 0, grid, first, count, c, m, stats); break;
        case GR_SUM_SQUARES: tiles_out(target, GR_SUM_SQUARES, grid, first, count, c, m, stats); break;
        case GR_MASK | GR_SUM_PRODUCTS:
            tiles_out(target, GR_MASK | GR_SUM_PRODUCTS, grid, first, count, c, m, stats);
            break;
        case GR_ADD_BIAS | GR_CLIP: tiles_out(target, GR_ADD_BIAS | GR_CLIP, grid, first, count, c, m, stats); break;
        default: tiles_out(target, target->features, grid, first, count, c, m, stats); break;
        }
    }
}
