/* The left matrix of implicit GEMM, piece by piece: rows of pixels, copied so that padding, stride, dilation and whatever
 * must happen to a number on its way in are behind us when the register tile runs. One copy serves all output channels. */
#include "implicit_gemm.h"

static bool moves_nothing(const gr_axis *a)
{
    return a->taps == 1 && a->first == 0 && a->stride == 1 && a->results == a->size;
}

bool GR_KERNEL(gr_left_is_still)(const gr_view *v)
{
    return moves_nothing(&v->h) && moves_nothing(&v->w);
}

bool GR_KERNEL(gr_left_is_source)(const gr_view *v, const gr_source *s)
{
    return GR_KERNEL(gr_left_is_still)(v) && !gr_source_changes(s);
}

static bool strides_evenly(const gr_axis *a)
{
    return a->taps == 1 && a->first == 0 && a->results * a->stride == a->size;
}

bool GR_KERNEL(gr_left_is_strided)(const gr_view *v, const gr_source *s)
{
    return strides_evenly(&v->h) && strides_evenly(&v->w) && !gr_source_changes(s);
}

static inline void copy_plain(int64_t count, const float *x, float *out)
{
    int64_t i = 0;
    for (; i + GR_VL <= count; i += GR_VL)
        gr_vstore(out + i, gr_vload(x + i));
    if (i < count)
        gr_vstore_part(out + i, gr_vload_part(x + i, count - i), count - i);
}

static inline void fill_zero(int64_t count, float *out)
{
    for (int64_t i = 0; i < count; i++)
        out[i] = 0.0f;
}

/* A row of taps, as pixels that are neighbours in a row of results see it. */
typedef struct tap_row {
    const gr_view *v;
    const gr_source *s;
    int64_t group;
    int64_t begin, end; /* of the row's w.taps * group_in numbers */
    bool one_run;       /* neighbouring taps read neighbouring memory, unchanged */
} tap_row;

/* One pixel whose taps may hang over the image's edge. `line`: index of the first pixel of the row of the image; `column`:
 * of the pixel under tap 0. */
static void gather_run(const tap_row *t, int64_t line, int64_t column, float *out)
{
    const gr_view *v = t->v;
    int64_t low = gr_most(0, -column) * v->in_c, high = (v->w.size - column) * v->in_c;
    low = gr_least(gr_most(low, t->begin), t->end);
    high = gr_least(gr_most(high, low), t->end);
    fill_zero(low - t->begin, out);
    copy_plain(high - low, t->s->data + (line + column) * v->in_c + low, out + low - t->begin);
    fill_zero(t->end - high, out + high - t->begin);
}

/* Rows of `width` numbers, from `step` to lda apart. The last vector overlaps the one before it. */
static void copy_rows(int64_t rows, int64_t width, const float *from, int64_t step, float *out, int64_t lda)
{
    for (int64_t r = 0; r < rows; r++, from += step, out += lda) {
        if (width < GR_VL) {
            gr_vstore_part(out, gr_vload_part(from, width), width);
            continue;
        }
        for (int64_t i = 0; i + GR_VL < width; i += GR_VL)
            gr_vstore(out + i, gr_vload(from + i));
        gr_vstore(out + width - GR_VL, gr_vload(from + width - GR_VL));
    }
}

static inline void zero_rows(int64_t rows, int64_t width, float *out, int64_t lda)
{
    for (int64_t r = 0; r < rows; r++)
        fill_zero(width, out + r * lda);
}

/* Results j .. j + count of one row, tap by tap. */
static void gather_taps(const tap_row *t, int64_t line, int64_t j, int64_t count, float *out, int64_t lda)
{
    const gr_view *v = t->v;
    for (int64_t at = t->begin; at < t->end;) {
        int64_t tap = at / v->group_in, channel = at % v->group_in, place = v->w.first + j * v->w.stride + tap * v->w.dil;
        int64_t width = gr_least(v->group_in - channel, t->end - at);
        /* results before `low` read left of the image, from `high` on right of it */
        int64_t low = gr_least(count, place < 0 ? gr_blocks(-place, v->w.stride) : 0);
        int64_t high = gr_least(count, place < v->w.size ? gr_blocks(v->w.size - place, v->w.stride) : 0);
        high = gr_most(low, high);
        channel += t->group * v->group_in;
        zero_rows(low, width, out, lda);
        GR_KERNEL(gr_source_block)(t->s, (line + place + low * v->w.stride) * v->in_c + channel, v->w.stride * v->in_c, channel,
                                   high - low, width, out + low * lda, lda);
        zero_rows(count - high, width, out + high * lda, lda);
        at += width, out += width;
    }
}

/* Results j .. j + count of one row. */
static void gather_line(const tap_row *t, int64_t line, int64_t j, int64_t count, float *out, int64_t lda)
{
    const gr_axis *w = &t->v->w;
    if (!t->one_run) {
        gather_taps(t, line, j, count, out, lda);
        return;
    }
    for (int64_t end = j + count; j < end;) {
        int64_t column = w->first + j * w->stride;
        if (column >= 0 && column + w->taps <= w->size) {
            int64_t inside = gr_least(end - j, (w->size - w->taps - column) / w->stride + 1);
            copy_rows(inside, t->end - t->begin, t->s->data + (line + column) * t->v->in_c + t->begin,
                      w->stride * t->v->in_c, out, lda);
            j += inside, out += inside * lda;
            continue;
        }
        gather_run(t, line, column, out);
        j++, out += lda;
    }
}

void GR_KERNEL(gr_gather)(const gr_view *v, const gr_source *s, int64_t group, int64_t pixel, int64_t rows, int64_t k0,
                          int64_t k1, float *a, int64_t lda)
{
    int64_t width = v->w.taps * v->group_in;
    tap_row t = {.v = v, .s = s, .group = group, .one_run = !gr_source_changes(s) && v->groups == 1 && v->w.dil == 1};
    for (int64_t th = width > 0 ? k0 / width : 0; th * width < k1; th++) {
        t.begin = gr_most(k0 - th * width, 0), t.end = gr_least(k1 - th * width, width);
        float *out = a + th * width + t.begin - k0;
        for (int64_t row = 0; row < rows;) {
            int64_t j = (pixel + row) % v->w.results, i = (pixel + row) / v->w.results % v->h.results;
            int64_t n = (pixel + row) / (v->w.results * v->h.results), line = v->h.first + i * v->h.stride + th * v->h.dil;
            int64_t count = gr_least(rows - row, v->w.results - j);
            if (line >= 0 && line < v->h.size)
                gather_line(&t, (n * v->h.size + line) * v->w.size, j, count, out, lda);
            else
                zero_rows(count, t.end - t.begin, out, lda);
            row += count, out += count * lda;
        }
    }
}
