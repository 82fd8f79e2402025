/* Pieces of both factors as bfloat16 numbers: read from the tensor, changed on the way and rounded in one go. */
#include "implicit_gemm.h"
#include "simd_math.h"

/* What happens to a number on its way in; SOME: anything, slowly. */
typedef enum change { PLAIN, SCALED, COMPLETED, SOME } change;

static change change_of(const gr_source *s)
{
    if (s->a != NULL)
        return COMPLETED;
    if (s->scale == NULL)
        return s->act == GR_ACT_NONE ? PLAIN : SOME;
    return s->act == GR_ACT_NONE || s->act == GR_ACT_RELU || s->act == GR_ACT_RELU6 ? SCALED : SOME;
}

/* gr_source_read of a whole vector, with the choices made where it is inlined. */
GR_INLINE gr_vf read_as(const gr_source *s, int64_t at, int64_t channel, const change how, const gr_act act)
{
    if (how == SOME)
        return gr_source_read(s, at, channel, GR_VL);
    gr_vf x = gr_vload(s->data + at);
    if (how == SCALED)
        return gr_vact(act, gr_vfma(x, gr_vload(s->scale + channel), gr_vload(s->shift + channel)));
    if (how == COMPLETED)
        return gr_vfma(x, gr_vload(s->a + channel),
                       gr_vfma(gr_vload(s->other + at), gr_vload(s->b + channel), gr_vload(s->c + channel)));
    return x;
}

/* ---- rows: neighbours along k ------------------------------------------------------------------------------------------ */

GR_INLINE void round_as(const gr_source *s, int64_t at, int64_t channel, int64_t count, uint16_t *out, const change how,
                        const gr_act act)
{
    int64_t i = 0;
    for (; i + 2 * GR_VL <= count; i += 2 * GR_VL) {
        gr_vf pairs = gr_vpair_neighbours(read_as(s, at + i, channel + i, how, act),
                                          read_as(s, at + i + GR_VL, channel + i + GR_VL, how, act));
        memcpy(out + i, &pairs, sizeof pairs);
    }
    if (i < count) {
        int64_t left = count - i;
        gr_vf first = gr_source_read(s, at + i, channel + i, left), second = gr_vzero();
        if (left > GR_VL)
            second = gr_source_read(s, at + i + GR_VL, channel + i + GR_VL, left - GR_VL);
        gr_vstore_words(out + i, gr_vpair_neighbours(first, second), left);
    }
}

static void round_run(const gr_source *s, int64_t at, int64_t channel, int64_t count, uint16_t *out)
{
    switch (change_of(s)) {
    case PLAIN: round_as(s, at, channel, count, out, PLAIN, GR_ACT_NONE); return;
    case COMPLETED: round_as(s, at, channel, count, out, COMPLETED, GR_ACT_NONE); return;
    case SOME: round_as(s, at, channel, count, out, SOME, GR_ACT_NONE); return;
    case SCALED: break;
    }
    switch (s->act) {
    case GR_ACT_RELU: round_as(s, at, channel, count, out, SCALED, GR_ACT_RELU); return;
    case GR_ACT_RELU6: round_as(s, at, channel, count, out, SCALED, GR_ACT_RELU6); return;
    default: round_as(s, at, channel, count, out, SCALED, GR_ACT_NONE); return;
    }
}

static void fill_zero(int64_t count, uint16_t *out)
{
    memset(out, 0, sizeof *out * (size_t)count);
}

/* Numbers begin .. end of a row of taps as the pixel with tap 0 at `column` sees it; `line`: index of the first pixel of the
 * row of the image. Where neighbouring taps read neighbouring memory as it is, they are one run. */
static void round_taps(const gr_view *v, const gr_source *s, bool one_run, int64_t group, int64_t line, int64_t column,
                       int64_t begin, int64_t end, uint16_t *out)
{
    if (one_run) {
        int64_t low = gr_least(gr_most(gr_most(0, -column) * v->in_c, begin), end);
        int64_t high = gr_least(gr_most((v->w.size - column) * v->in_c, low), end);
        fill_zero(low - begin, out);
        round_run(s, (line + column) * v->in_c + low, 0, high - low, out + low - begin);
        fill_zero(end - high, out + high - begin);
        return;
    }
    int64_t tap = begin / v->group_in, channel = begin - tap * v->group_in;
    for (int64_t at = begin; at < end; tap++, channel = 0) {
        int64_t count = gr_least(v->group_in - channel, end - at), place = column + tap * v->w.dil;
        int64_t first = group * v->group_in + channel;
        if (place < 0 || place >= v->w.size)
            fill_zero(count, out);
        else
            round_run(s, (line + place) * v->in_c + first, first, count, out);
        at += count, out += count;
    }
}

void GR_KERNEL(gr_gather_pairs)(const gr_view *v, const gr_source *s, int64_t group, int64_t pixel, int64_t rows, int64_t k0,
                                int64_t k1, float *a, int64_t lda)
{
    int64_t width = v->w.taps * v->group_in;
    bool one_run = !gr_source_changes(s) && v->groups == 1 && v->w.dil == 1;
    int64_t j = pixel % v->w.results, i = pixel / v->w.results % v->h.results, n = pixel / (v->w.results * v->h.results);
    for (int64_t row = 0; row < rows; row++, a += lda) {
        uint16_t *out = (uint16_t *)a;
        for (int64_t th = width > 0 ? k0 / width : 0; th * width < k1; th++) {
            int64_t begin = gr_most(k0 - th * width, 0), end = gr_least(k1 - th * width, width);
            int64_t line = v->h.first + i * v->h.stride + th * v->h.dil;
            if (line < 0 || line >= v->h.size)
                fill_zero(end - begin, out);
            else
                round_taps(v, s, one_run, group, (n * v->h.size + line) * v->w.size, v->w.first + j * v->w.stride, begin, end, out);
            out += end - begin;
        }
        if (((k1 - k0) & 1) != 0)
            *out = 0; /* the last pair's other half */
        if (++j == v->w.results) {
            j = 0;
            if (++i == v->h.results)
                i = 0, n++;
        }
    }
}

/* ---- panels: neighbours along the pixels -------------------------------------------------------------------------------- */

GR_INLINE gr_vf pair_of(const gr_source *s, int64_t at, int64_t step, bool both, int64_t channel, const change how)
{
    gr_vf low = read_as(s, at, channel, how, GR_ACT_NONE);
    return gr_vpair(low, both ? read_as(s, at + step, channel, how, GR_ACT_NONE) : gr_vzero());
}

/* `both` pixels at `at` and at + step, or the first and zeros, for `columns` channels. */
GR_INLINE void pair_columns(const gr_source *s, int64_t at, int64_t step, bool both, int64_t channel, int64_t columns, float *out,
                            int64_t panel, const change how)
{
    for (int64_t column = 0; column < columns; column += GR_NR, out += panel) {
        if (column + GR_NR <= columns) {
            gr_vstore(out, pair_of(s, at + column, step, both, channel + column, how));
            gr_vstore(out + GR_VL, pair_of(s, at + column + GR_VL, step, both, channel + column + GR_VL, how));
            continue;
        }
        for (int64_t i = 0; i < GR_NR; i += GR_VL) {
            int64_t left = columns - column - i;
            gr_vf low = gr_vzero(), high = low;
            if (left > 0)
                low = gr_source_read(s, at + column + i, channel + column + i, left);
            if (left > 0 && both)
                high = gr_source_read(s, at + step + column + i, channel + column + i, left);
            gr_vstore(out + i, gr_vpair(low, high));
        }
    }
}

void GR_KERNEL(gr_gather_panels)(const gr_source *s, int64_t pixel, int64_t pixels, int64_t channels, int64_t channel,
                                 int64_t columns, float *out, int64_t panel)
{
    change how = change_of(s);
    for (int64_t i = 0; i < pixels; i += 2, out += GR_NR) {
        int64_t at = (pixel + i) * channels + channel;
        bool both = i + 1 < pixels;
        if (how == COMPLETED)
            pair_columns(s, at, channels, both, channel, columns, out, panel, COMPLETED);
        else if (how == PLAIN)
            pair_columns(s, at, channels, both, channel, columns, out, panel, PLAIN);
        else
            pair_columns(s, at, channels, both, channel, columns, out, panel, SOME);
    }
}
