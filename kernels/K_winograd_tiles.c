/* Winograd's tile transforms: 6x6 patches in, 4x4 tiles of gradient in, 4x4 tiles out. One vector holds GR_VL channels of
 * one pixel, so that every transform is a few sums and products of whole vectors. Each goes by halves, so that what lies
 * between its two dimensions stays in registers. */
#include "winograd.h"

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

/* What of a tile's outputs is its own: a short one's last row or column is another's, or outside. */
static extent own(const gr_wino_grid *grid, const gr_wino_corner *at, int64_t h, int64_t w)
{
    const gr_wino_tiles *k = &grid->kinds[at->kind];
    return (extent){0, clamp(h - at->row, k->height), 0, clamp(w - at->col, k->width)};
}

static bool is_cut(const extent *e, int64_t size)
{
    return e->row0 > 0 || e->col0 > 0 || e->row1 < size || e->col1 < size;
}

/* ---- tiles in ---------------------------------------------------------------------------------------------------- */

/* Rows 0 1 2 of v = B^T d. */
GR_INLINE void input_upper(gr_vf d0, gr_vf d1, gr_vf d2, gr_vf d3, gr_vf d4, gr_vf v[3])
{
    gr_vf even = gr_vfma(gr_vset(-2.0f), d2, d4), odd = gr_vset(GR_POINT_A) * gr_vfma(gr_vset(-2.0f), d1, d3);
    v[0] = gr_vfma(gr_vset(-2.5f), d2, d0 + d4);
    v[1] = even + odd;
    v[2] = even - odd;
}

/* Rows 3 4 5. */
GR_INLINE void input_lower(gr_vf d1, gr_vf d2, gr_vf d3, gr_vf d4, gr_vf d5, gr_vf v[3])
{
    gr_vf even = gr_vfma(gr_vset(-0.5f), d2, d4), odd = gr_vset(GR_POINT_B) * gr_vfma(gr_vset(-0.5f), d1, d3);
    v[0] = even + odd;
    v[1] = even - odd;
    v[2] = gr_vfma(gr_vset(-2.5f), d3, d1 + d5);
}

/* Rows 0 1 2 and 3 4 5 of w = A y. */
GR_INLINE void gradient_upper(gr_vf y0, gr_vf y1, gr_vf y2, gr_vf y3, gr_vf w[3])
{
    gr_vf even = gr_vfma(gr_vset(0.5f), y2, y0), odd = gr_vset(GR_POINT_A) * gr_vfma(gr_vset(0.5f), y3, y1);
    w[0] = y0;
    w[1] = even + odd;
    w[2] = even - odd;
}

GR_INLINE void gradient_lower(gr_vf y0, gr_vf y1, gr_vf y2, gr_vf y3, gr_vf w[3])
{
    gr_vf even = gr_vfma(gr_vset(2.0f), y2, y0), odd = gr_vset(GR_POINT_B) * gr_vfma(gr_vset(2.0f), y3, y1);
    w[0] = even + odd;
    w[1] = even - odd;
    w[2] = y3;
}

/* 6x6 pixels to 36 positions, v_position floats apart. */
GR_INLINE void transform_patch(const float *x, int64_t row_step, int64_t col_step, float *v, int64_t v_position,
                               const bool fetch, int64_t ahead)
{
    GR_UNROLL
    for (int half = 0; half < 2; half++) {
        gr_vf columns[6][3], row[6];
        GR_UNROLL
        for (int j = 0; j < 6; j++) {
            const float *at = x + j * col_step + half * row_step;
            gr_vf p0 = gr_vload(at), p1 = gr_vload(at + row_step), p2 = gr_vload(at + 2 * row_step);
            gr_vf p3 = gr_vload(at + 3 * row_step), p4 = gr_vload(at + 4 * row_step);
            if (half == 0)
                input_upper(p0, p1, p2, p3, p4, columns[j]);
            else
                input_lower(p0, p1, p2, p3, p4, columns[j]);
        }
        GR_UNROLL
        for (int i = 0; i < 3; i++) {
            input_upper(columns[0][i], columns[1][i], columns[2][i], columns[3][i], columns[4][i], row);
            input_lower(columns[1][i], columns[2][i], columns[3][i], columns[4][i], columns[5][i], row + 3);
            GR_UNROLL
            for (int j = 0; j < 6; j++) {
                float *to = v + ((half * 3 + i) * 6 + j) * v_position;
                gr_vstore(to, row[j]);
                if (fetch)
                    __builtin_prefetch(to + ahead, 1);
            }
        }
    }
}

/* Those of a block that stays near, and of one so large that its lines are far when their turn comes again: they are asked
 * for `ahead` floats before they are written. */
static __attribute__((noinline)) void near_patch(const float *x, int64_t row_step, int64_t col_step, float *v, int64_t v_position)
{
    transform_patch(x, row_step, col_step, v, v_position, false, 0);
}

static __attribute__((noinline)) void far_patch(const float *x, int64_t row_step, int64_t col_step, float *v, int64_t v_position,
                                                int64_t ahead)
{
    transform_patch(x, row_step, col_step, v, v_position, true, ahead);
}

/* 4x4 pixels to 36 positions, far ones as well. */
static __attribute__((noinline)) void transform_gradient(const float *dy, int64_t row_step, int64_t col_step, float *w,
                                                         int64_t w_position, int64_t ahead)
{
    GR_UNROLL
    for (int half = 0; half < 2; half++) {
        gr_vf columns[4][3], row[6];
        GR_UNROLL
        for (int j = 0; j < 4; j++) {
            const float *at = dy + j * col_step;
            gr_vf p0 = gr_vload(at), p1 = gr_vload(at + row_step), p2 = gr_vload(at + 2 * row_step);
            if (half == 0)
                gradient_upper(p0, p1, p2, gr_vload(at + 3 * row_step), columns[j]);
            else
                gradient_lower(p0, p1, p2, gr_vload(at + 3 * row_step), columns[j]);
        }
        GR_UNROLL
        for (int i = 0; i < 3; i++) {
            gradient_upper(columns[0][i], columns[1][i], columns[2][i], columns[3][i], row);
            gradient_lower(columns[0][i], columns[1][i], columns[2][i], columns[3][i], row + 3);
            GR_UNROLL
            for (int j = 0; j < 6; j++) {
                float *to = w + ((half * 3 + i) * 6 + j) * w_position;
                gr_vstore(to, row[j]);
                __builtin_prefetch(to + ahead, 1);
            }
        }
    }
}

/* size x size pixels of channels c .. c + lanes - 1, the first at float `base` of the tensor, read into patch[size][size];
 * cut: those outside `in` are 0; not narrow: no tensor is. */
GR_INLINE void fill(const int size, const gr_wino_image *image, const gr_wino_reading how, int64_t base, int64_t c,
                    int64_t lanes, const bool cut, const bool narrow, const extent *in, gr_vf *patch)
{
    const gr_source *s = &image->source;
    const gr_wino_change change = gr_wino_change_of(s, how, c, lanes);
    for (int i = 0; i < size; i++) {
        GR_UNROLL
        for (int j = 0; j < size; j++) {
            int64_t at = base + (i * image->w + j) * image->channels;
            if (cut && (i < in->row0 || i >= in->row1 || j < in->col0 || j >= in->col1)) {
                patch[i * size + j] = gr_vzero();
                continue;
            }
            patch[i * size + j] = gr_wino_read(s, how, &change, at, lanes, narrow);
        }
    }
}

GR_INLINE void fill_how(const int size, const gr_wino_image *image, const gr_wino_reading how, int64_t base, int64_t c,
                        const extent *in, gr_vf *patch)
{
    const int64_t lanes = image->channels - c;
    const bool narrow = image->source.narrow || image->source.other_narrow;
    if (lanes < GR_VL)
        fill(size, image, how, base, c, lanes, true, true, in, patch);
    else if (narrow && is_cut(in, size))
        fill(size, image, how, base, c, GR_VL, true, true, in, patch);
    else if (narrow)
        fill(size, image, how, base, c, GR_VL, false, true, in, patch);
    else if (is_cut(in, size))
        fill(size, image, how, base, c, GR_VL, true, false, in, patch);
    else
        fill(size, image, how, base, c, GR_VL, false, false, in, patch);
}

/* Pixels that need more than a load. */
GR_INLINE void fill_patch(const int size, const gr_wino_image *image, const gr_wino_reading how, int64_t base, int64_t c,
                          const extent *in, gr_vf *patch)
{
    switch (how) {
    case GR_READ_PLAIN: fill_how(size, image, GR_READ_PLAIN, base, c, in, patch); break;
    case GR_READ_CLIPPED: fill_how(size, image, GR_READ_CLIPPED, base, c, in, patch); break;
    case GR_READ_SCALED: fill_how(size, image, GR_READ_SCALED, base, c, in, patch); break;
    case GR_READ_SCALED_CLIPPED: fill_how(size, image, GR_READ_SCALED_CLIPPED, base, c, in, patch); break;
    case GR_READ_BATCH_NORM_BACK: fill_how(size, image, GR_READ_BATCH_NORM_BACK, base, c, in, patch); break;
    }
}

GR_INLINE void tiles_in(const int size, const gr_wino_image *image, const gr_wino_grid *grid, int64_t first, int64_t count,
                        int64_t cb0, int64_t cb1, const gr_wino_steps *steps, float *v)
{
    const int64_t pad_top = size == 6 ? grid->pad_top : 0, pad_left = size == 6 ? grid->pad_left : 0;
    const gr_wino_reading how = gr_wino_reading_of(&image->source);
    gr_wino_corner at = gr_wino_corner_of(grid, first);
    for (int64_t t = 0; t < count; t++, at = gr_wino_next_corner(grid, at)) {
        int64_t row = at.row - pad_top, col = at.col - pad_left;
        int64_t pixel = ((at.image * image->h + row) * image->w + col) * image->channels;
        extent in = size == 4 ? own(grid, &at, image->h, image->w) : inside(row, col, size, image->h, image->w);
        bool cut = is_cut(&in, size);
        for (int64_t cb = cb0; cb < cb1; cb++) {
            gr_vf pixels[36];
            float *to = v + t * steps->tile + (cb - cb0) / 2 * steps->pair + (cb - cb0) % 2 * steps->block;
            const float *from = (const float *)pixels;
            int64_t c = cb * GR_VL, row_step = size * GR_VL, col_step = GR_VL;
            if (image->pool != NULL) {
                GR_KERNEL(gr_wino_unpool)(image, size, &(gr_wino_corner){at.image, row, col, at.kind}, c, (float *)pixels);
            } else if (how == GR_READ_PLAIN && !cut && !image->source.narrow && image->channels - c >= GR_VL) {
                from = image->source.data + pixel + c;
                row_step = image->w * image->channels;
                col_step = image->channels;
            } else {
                fill_patch(size, image, how, pixel + c, c, &in, pixels);
            }
            if (size == 4)
                transform_gradient(from, row_step, col_step, to, steps->position, steps->ahead);
            else if (steps->ahead == 0)
                near_patch(from, row_step, col_step, to, steps->position);
            else
                far_patch(from, row_step, col_step, to, steps->position, steps->ahead);
        }
    }
}

void GR_KERNEL(gr_wino_input)(const gr_wino_image *image, const gr_wino_grid *grid, int64_t first, int64_t count,
                              int64_t cb0, int64_t cb1, const gr_wino_steps *steps, float *v)
{
    tiles_in(6, image, grid, first, count, cb0, cb1, steps, v);
}

void GR_KERNEL(gr_wino_gradient)(const gr_wino_image *image, const gr_wino_grid *grid, int64_t first, int64_t count,
                                 int64_t cb0, int64_t cb1, const gr_wino_steps *steps, float *w)
{
    tiles_in(4, image, grid, first, count, cb0, cb1, steps, w);
}

gr_wino_feed GR_KERNEL(gr_wino_feed)(const gr_wino_image *image, const gr_wino_grid *grid, int size, int64_t first,
                                     int64_t count, int64_t parts)
{
    gr_wino_feed f = {.image = image, .grid = grid, .size = size, .rows = count * size, .parts = parts};
    if (count > 0)
        f.at = gr_wino_corner_of(grid, first);
    return f;
}

/* One row of pixels of a patch or tile. Four columns: the others are the next patch's too. */
static void prefetch_row(const gr_wino_feed *f)
{
    const gr_wino_image *image = f->image;
    const gr_source *s = &image->source;
    const int half = image->pool != NULL; /* a pool has half the rows and columns */
    const int64_t h = half ? image->pool->oh : image->h, w = half ? image->pool->ow : image->w;
    const int64_t up = f->size == 6 ? f->grid->pad_top : 0, left = f->size == 6 ? f->grid->pad_left - 2 : 0;
    const int64_t row = clamp((f->at.row - up + f->row) >> half, h - 1), col = clamp((f->at.col - left) >> half, w - 1);
    const int64_t all = h * w * image->channels, from = (row * w + col) * image->channels, image0 = f->at.image * all;
    const int64_t end = gr_least(from + (4 >> half) * image->channels, all);
    for (int64_t i = from; i < end; i += s->narrow ? 2 * GR_LINE : GR_LINE)
        __builtin_prefetch(gr_number_at(s->data, image0 + i, s->narrow));
    if (s->other != NULL)
        for (int64_t i = from; i < end; i += s->other_narrow ? 2 * GR_LINE : GR_LINE)
            __builtin_prefetch(gr_number_at(s->other, image0 + i, s->other_narrow));
}

void GR_KERNEL(gr_wino_feed_part)(gr_wino_feed *f)
{
    for (f->due += f->rows; f->due >= f->parts; f->due -= f->parts) {
        prefetch_row(f);
        if (++f->row == f->size) {
            f->row = 0;
            f->at = gr_wino_next_corner(f->grid, f->at);
        }
    }
}

/* ---- tiles out --------------------------------------------------------------------------------------------------- */

/* Rows 0 and 2 of y = A^T m. */
GR_INLINE void output_even(gr_vf m0, gr_vf m1, gr_vf m2, gr_vf m3, gr_vf m4, gr_vf *y0, gr_vf *y2)
{
    gr_vf sum_a = m1 + m2, sum_b = m3 + m4;
    *y0 = m0 + sum_a + sum_b;
    *y2 = gr_vfma(gr_vset(2.0f), sum_b, gr_vset(0.5f) * sum_a);
}

/* Rows 1 and 3. */
GR_INLINE void output_odd(gr_vf m1, gr_vf m2, gr_vf m3, gr_vf m4, gr_vf m5, gr_vf *y1, gr_vf *y3)
{
    gr_vf diff_a = gr_vset(GR_POINT_A) * (m1 - m2), diff_b = gr_vset(GR_POINT_B) * (m3 - m4);
    *y1 = diff_a + diff_b;
    *y3 = gr_vfma(gr_vset(2.0f), diff_b, gr_vfma(gr_vset(0.5f), diff_a, m5));
}

/* 36 positions of m, GR_STRIP * GR_PANEL floats apart, to 4x4 pixels. */
static __attribute__((noinline)) void transform_out(const float *m, float *y, int64_t row_step, int64_t col_step)
{
    const int64_t apart = GR_STRIP * GR_PANEL;
    GR_UNROLL
    for (int odd = 0; odd < 2; odd++) {
        gr_vf columns[6][2], row[4];
        GR_UNROLL
        for (int j = 0; j < 6; j++) {
            const float *at = m + (j + odd * 6) * apart;
            gr_vf m0 = gr_vload(at), m1 = gr_vload(at + 6 * apart), m2 = gr_vload(at + 12 * apart);
            gr_vf m3 = gr_vload(at + 18 * apart), m4 = gr_vload(at + 24 * apart);
            if (odd == 0)
                output_even(m0, m1, m2, m3, m4, &columns[j][0], &columns[j][1]);
            else
                output_odd(m0, m1, m2, m3, m4, &columns[j][0], &columns[j][1]);
        }
        GR_UNROLL
        for (int i = 0; i < 2; i++) {
            output_even(columns[0][i], columns[1][i], columns[2][i], columns[3][i], columns[4][i], &row[0], &row[2]);
            output_odd(columns[1][i], columns[2][i], columns[3][i], columns[4][i], columns[5][i], &row[1], &row[3]);
            GR_UNROLL
            for (int j = 0; j < 4; j++)
                gr_vstore(y + (2 * i + odd) * row_step + j * col_step, row[j]);
        }
    }
}

/* The per-channel values of GR_VL output channels, of which `lanes` exist, and their sums. */
typedef struct writer {
    const gr_wino_target *target;
    int64_t lanes;
    gr_vf bias, mask_scale, mask_shift, sum, sum2;
} writer;

GR_INLINE writer writer_of(const gr_wino_target *t, const unsigned features, int64_t c)
{
    const gr_conv_fusion *f = t->fusion;
    writer w = {.target = t, .lanes = gr_least(t->channels - c, GR_VL), .mask_scale = gr_vset(1.0f)};
    if (features & GR_ADD_BIAS)
        w.bias = gr_vload_upto(f->bias + c, w.lanes);
    if ((features & GR_MASK) && f->mask_scale != NULL) {
        w.mask_scale = gr_vload_upto(f->mask_scale + c, w.lanes);
        w.mask_shift = gr_vload_upto(f->mask_shift + c, w.lanes);
    }
    return w;
}

static void add_sums(const writer *w, float *sum, float *sum2)
{
    gr_vstore_upto(sum, gr_vload_upto(sum, w->lanes) + w->sum, w->lanes);
    gr_vstore_upto(sum2, gr_vload_upto(sum2, w->lanes) + w->sum2, w->lanes);
}

GR_INLINE void write_pixel(writer *w, int64_t at, gr_vf y, const unsigned features)
{
    const gr_wino_target *t = w->target;
    gr_vf mask_x = gr_vzero();
    if (features & GR_ADD_OLD)
        y += gr_vload_as(t->out, at, w->lanes, (features & GR_NARROW_OUT) != 0);
    if (features & GR_ADD_BIAS)
        y += w->bias;
    if (features & GR_MASK) {
        mask_x = gr_vload_as(t->fusion->mask_x, at, w->lanes, (features & GR_NARROW_X) != 0);
        y = gr_vselect((gr_vi)(gr_vfma(mask_x, w->mask_scale, w->mask_shift) > gr_vzero()), y, gr_vzero());
    }
    if (features & (GR_SUM_SQUARES | GR_SUM_PRODUCTS)) {
        w->sum += y;
        w->sum2 = gr_vfma(y, features & GR_SUM_PRODUCTS ? mask_x : y, w->sum2);
    }
    if (features & GR_ADD_RESIDUAL)
        y += gr_vload_upto(t->fusion->residual + at, w->lanes);
    if (features & GR_CLIP)
        y = gr_vrelu(y);
    if (features & GR_NARROW_OUT)
        gr_vstore_as(t->out, at, y, w->lanes, true);
    else if (t->stream)
        gr_vstream(t->out + at, y);
    else
        gr_vstore_upto(t->out + at, y, w->lanes);
}

/* What of one tile lies inside the output, to the pixels from float `base` of it. */
GR_INLINE void write_tile(writer *w, const float *m, int64_t base, const extent *in, const unsigned features)
{
    const gr_wino_target *t = w->target;
    gr_vf tile[16];
    if (features == 0 && !t->stream && w->lanes == GR_VL && !is_cut(in, 4)) {
        transform_out(m, t->out + base, t->w * t->channels, t->channels);
        return;
    }
    transform_out(m, (float *)tile, 4 * GR_VL, GR_VL);
    for (int64_t i = 0; i < in->row1; i++)
        for (int64_t j = 0; j < in->col1; j++)
            write_pixel(w, base + (i * t->w + j) * t->channels, tile[i * 4 + j], features);
}

static void pool_tile(const gr_wino_target *t, const gr_wino_corner *at, int64_t c, int halves, const float *m)
{
    gr_vf tile[16];
    for (int half = 0; half < halves; half++) {
        transform_out(m + half * GR_VL, (float *)tile, 4 * GR_VL, GR_VL);
        GR_KERNEL(gr_wino_pool_tile)(t, at, c + half * GR_VL, (const float *)tile);
    }
}

GR_INLINE void tiles_out(const gr_wino_target *t, const unsigned features, const gr_wino_grid *grid, int64_t first,
                         int64_t count, int64_t c, const float *m, float *stats)
{
    const int halves = t->channels - c > GR_VL ? 2 : 1;
    writer w[2] = {writer_of(t, features, c)};
    if (halves == 2)
        w[1] = writer_of(t, features, c + GR_VL);
    gr_wino_corner at = gr_wino_corner_of(grid, first);
    for (int64_t i = 0; i < count; i++, m += GR_PANEL, at = gr_wino_next_corner(grid, at)) {
        int64_t base = ((at.image * t->h + at.row) * t->w + at.col) * t->channels + c;
        extent in = own(grid, &at, t->h, t->w);
        if (features & GR_POOL) {
            pool_tile(t, &at, c, halves, m);
            continue;
        }
        for (int half = 0; half < halves; half++)
            write_tile(&w[half], m + half * GR_VL, base + half * GR_VL, &in, features);
    }
    if (features & (GR_SUM_SQUARES | GR_SUM_PRODUCTS))
        for (int half = 0; half < halves; half++)
            add_sums(&w[half], stats + c + half * GR_VL, stats + t->channels + c + half * GR_VL);
}

void GR_KERNEL(gr_wino_output)(const gr_wino_target *target, const gr_wino_grid *grid, int64_t first, int64_t count,
                               int64_t panel, const float *m, float *stats)
{
    enum {
        ADDED = GR_ADD_BIAS | GR_ADD_RESIDUAL | GR_CLIP,
        NARROW_FORWARD = GR_NARROW_OUT | GR_SUM_SQUARES,
        NARROW_DATA = GR_NARROW_OUT | GR_NARROW_X | GR_MASK | GR_SUM_PRODUCTS
    };
    const int64_t c = panel * GR_PANEL;
    switch (target->features) { /* the common ones get a copy of their own, without a test per pixel */
    case GR_POOL: tiles_out(target, GR_POOL, grid, first, count, c, m, stats); break;
    case 0: tiles_out(target, 0, grid, first, count, c, m, stats); break;
    case GR_SUM_SQUARES: tiles_out(target, GR_SUM_SQUARES, grid, first, count, c, m, stats); break;
    case GR_MASK | GR_SUM_PRODUCTS: tiles_out(target, GR_MASK | GR_SUM_PRODUCTS, grid, first, count, c, m, stats); break;
    case GR_ADD_BIAS | GR_CLIP: tiles_out(target, GR_ADD_BIAS | GR_CLIP, grid, first, count, c, m, stats); break;
    case ADDED: tiles_out(target, ADDED, grid, first, count, c, m, stats); break;
    case NARROW_FORWARD: tiles_out(target, NARROW_FORWARD, grid, first, count, c, m, stats); break;
    case NARROW_DATA: tiles_out(target, NARROW_DATA, grid, first, count, c, m, stats); break;
    default: tiles_out(target, target->features, grid, first, count, c, m, stats); break;
    }
}
