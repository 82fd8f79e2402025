/* The left matrix of implicit GEMM, piece by piece: rows of pixels, copied so that padding, stride, dilation and whatever
 * must happen to a number on its way in are behind us when the register tile runs. One copy serves all output channels. */
#include "implicit_gemm.h"

gr_source GR_KERNEL(gr_source_of_x)(const gr_conv_args *args)
{
    const gr_conv_fusion *f = args->fusion != NULL ? args->fusion : &gr_no_fusion;
    return (gr_source){.data = args->x, .scale = f->in_scale, .shift = f->in_shift, .relu = f->in_relu};
}

gr_source GR_KERNEL(gr_source_of_dy)(const gr_conv_args *args)
{
    const gr_conv_fusion *f = args->fusion != NULL ? args->fusion : &gr_no_fusion;
    return (gr_source){.data = args->dy, .other = f->y, .a = f->out_a, .b = f->out_b, .c = f->out_c};
}

static bool changes(const gr_source *s)
{
    return s->scale != NULL || s->relu || s->a != NULL;
}

static inline gr_vf take(const float *p, int64_t count)
{
    return count >= GR_VL ? gr_vload(p) : gr_vload_part(p, count);
}

static inline gr_vf changed(const gr_source *s, int64_t at, int64_t channel, int64_t count)
{
    gr_vf x = take(s->data + at, count);
    if (s->a != NULL) {
        gr_vf rest = gr_vfma(take(s->other + at, count), take(s->b + channel, count), take(s->c + channel, count));
        return gr_vfma(x, take(s->a + channel, count), rest);
    }
    if (s->scale != NULL)
        x = gr_vfma(x, take(s->scale + channel, count), take(s->shift + channel, count));
    return s->relu ? gr_vrelu(x) : x;
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

void GR_KERNEL(gr_source_copy)(const gr_source *s, int64_t at, int64_t channel, int64_t count, float *out)
{
    if (!changes(s)) {
        copy_plain(count, s->data + at, out);
        return;
    }
    int64_t i = 0;
    for (; i + GR_VL <= count; i += GR_VL)
        gr_vstore(out + i, changed(s, at + i, channel + i, GR_VL));
    if (i < count)
        gr_vstore_part(out + i, changed(s, at + i, channel + i, count - i), count - i);
}

/* A row of taps of one pixel, restricted to [begin, end) of its taps * group_in numbers. */
typedef struct tap_row {
    int64_t pixel; /* index of the pixel under tap 0, which may lie outside the image */
    int64_t column; /* its column */
    int64_t begin, end;
} tap_row;

/* Neighbouring taps read neighbouring memory: one run, with padding at its ends. */
static void gather_run(const gr_view *v, const gr_source *s, const tap_row *r, float *out)
{
    int64_t low = gr_most(0, -r->column) * v->in_c, high = (v->w.size - r->column) * v->in_c;
    low = gr_least(gr_most(low, r->begin), r->end);
    high = gr_least(gr_most(high, low), r->end);
    fill_zero(low - r->begin, out);
    copy_plain(high - low, s->data + r->pixel * v->in_c + low, out + low - r->begin);
    fill_zero(r->end - high, out + high - r->begin);
}

static void gather_taps(const gr_view *v, const gr_source *s, int64_t group, const tap_row *r, float *out)
{
    for (int64_t at = r->begin; at < r->end;) {
        int64_t tap = at / v->group_in, channel = at % v->group_in;
        int64_t count = gr_least(v->group_in - channel, r->end - at), column = r->column + tap * v->w.dil;
        channel += group * v->group_in;
        if (column < 0 || column >= v->w.size)
            fill_zero(count, out);
        else
            GR_KERNEL(gr_source_copy)(s, (r->pixel + tap * v->w.dil) * v->in_c + channel, channel, count, out);
        at += count, out += count;
    }
}

void GR_KERNEL(gr_gather)(const gr_view *v, const gr_source *s, int64_t group, int64_t pixel, int64_t rows, int64_t k0, int64_t k1,
               float *a, int64_t lda)
{
    bool one_run = !changes(s) && v->groups == 1 && v->w.dil == 1;
    int64_t width = v->w.taps * v->group_in, first_tap = width > 0 ? k0 / width : 0;
    int64_t j = pixel % v->w.results, i = pixel / v->w.results % v->h.results, n = pixel / (v->w.results * v->h.results);
    for (int64_t row = 0; row < rows; row++, a += lda) {
        for (int64_t th = first_tap; th * width < k1; th++) {
            int64_t line = v->h.first + i * v->h.stride + th * v->h.dil;
            tap_row r = {.column = v->w.first + j * v->w.stride};
            r.begin = gr_most(k0 - th * width, 0), r.end = gr_least(k1 - th * width, width);
            r.pixel = (n * v->h.size + line) * v->w.size + r.column;
            float *out = a + th * width + r.begin - k0;
            if (line < 0 || line >= v->h.size)
                fill_zero(r.end - r.begin, out);
            else if (one_run)
                gather_run(v, s, &r, out);
            else
                gather_taps(v, s, group, &r, out);
        }
        if (++j == v->w.results) {
            j = 0;
            if (++i == v->h.results)
                i = 0, n++;
        }
    }
}
