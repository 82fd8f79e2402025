/* Pieces of both factors as bfloat16 numbers: read from the tensor, changed on the way and rounded in one go. */
#include "implicit_gemm.h"
#include "parts.h"
#include "simd_math.h"

/* What happens to a number on its way in; SOME: anything, slowly. */
typedef enum change { PLAIN, SCALED, COMPLETED, SOME } change;

static change change_of(const gr_source *s)
{
    if (s->a != NULL)
        return s->narrow == s->other_narrow ? COMPLETED : SOME;
    if (s->scale == NULL)
        return s->act == GR_ACT_NONE ? PLAIN : SOME;
    return s->act == GR_ACT_NONE || s->act == GR_ACT_RELU || s->act == GR_ACT_RELU6 ? SCALED : SOME;
}

/* gr_stored_read of a whole vector, with the choices made where it is inlined. Of two tensors both are `narrow` or none. */
GR_INLINE gr_vf read_as(const gr_source *s, int64_t at, int64_t channel, const change how, const gr_act act, const bool narrow)
{
    if (how == SOME)
        return gr_stored_read(s, at, channel, GR_VL);
    gr_vf x = gr_vload_as(s->data, at, GR_VL, narrow);
    if (how == SCALED)
        return gr_vact(act, gr_vfma(x, gr_vload(s->scale + channel), gr_vload(s->shift + channel)));
    if (how == COMPLETED)
        return gr_vfma(x, gr_vload(s->a + channel),
                       gr_vfma(gr_vload_as(s->other, at, GR_VL, narrow), gr_vload(s->b + channel), gr_vload(s->c + channel)));
    return x;
}

/* ---- rows: neighbours along k ------------------------------------------------------------------------------------------ */

GR_INLINE void round_as(const gr_source *s, int64_t at, int64_t channel, int64_t count, uint16_t *out, const change how,
                        const gr_act act, const bool narrow)
{
    int64_t i = 0;
    for (; i + 2 * GR_VL <= count; i += 2 * GR_VL) {
        gr_vf pairs = gr_vpair_neighbours(read_as(s, at + i, channel + i, how, act, narrow),
                                          read_as(s, at + i + GR_VL, channel + i + GR_VL, how, act, narrow));
        memcpy(out + i, &pairs, sizeof pairs);
    }
    if (i < count) {
        int64_t left = count - i;
        gr_vf first = gr_stored_read(s, at + i, channel + i, gr_least(left, GR_VL)), second = gr_vzero();
        if (left > GR_VL)
            second = gr_stored_read(s, at + i + GR_VL, channel + i + GR_VL, left - GR_VL);
        gr_vstore_words(out + i, gr_vpair_neighbours(first, second), left);
    }
}

GR_INLINE void round_kind(const gr_source *s, int64_t at, int64_t channel, int64_t count, uint16_t *out, const bool narrow)
{
    if (s->a != NULL)
        round_as(s, at, channel, count, out, COMPLETED, GR_ACT_NONE, narrow);
    else if (s->scale == NULL)
        round_as(s, at, channel, count, out, PLAIN, GR_ACT_NONE, narrow);
    else if (s->act == GR_ACT_RELU)
        round_as(s, at, channel, count, out, SCALED, GR_ACT_RELU, narrow);
    else if (s->act == GR_ACT_RELU6)
        round_as(s, at, channel, count, out, SCALED, GR_ACT_RELU6, narrow);
    else
        round_as(s, at, channel, count, out, SCALED, GR_ACT_NONE, narrow);
}

static void round_run(const gr_source *s, int64_t at, int64_t channel, int64_t count, uint16_t *out)
{
    change how = change_of(s);
    if (how == SOME)
        round_as(s, at, channel, count, out, SOME, GR_ACT_NONE, false);
    else if (how == PLAIN && s->narrow)
        memcpy(out, (const uint16_t *)s->data + at, sizeof *out * (size_t)count);
    else if (s->narrow)
        round_kind(s, at, channel, count, out, true);
    else
        round_kind(s, at, channel, count, out, false);
}

#if GR_PAIR_STEP > 1

/* Two vectors of channels of each pixel, `apart` behind those before. */
GR_INLINE void round_groups(const gr_source *s, int64_t at, int64_t step, int64_t channel, int64_t pixels, int64_t count,
                            uint16_t *out, int64_t apart, const change how, const gr_act act, const bool narrow)
{
    for (; pixels > 0; pixels--, at += step, out += 2 * GR_VL)
        for (int64_t i = 0, to = 0; i < count; i += 2 * GR_VL, to += apart) {
            gr_vf pairs = gr_vpair_neighbours(read_as(s, at + i, channel + i, how, act, narrow),
                                              read_as(s, at + i + GR_VL, channel + i + GR_VL, how, act, narrow));
            memcpy(out + to, &pairs, sizeof pairs);
        }
}

void GR_KERNEL(gr_round_pixels)(const gr_source *s, int64_t at, int64_t step, int64_t channel, int64_t pixels, int64_t count,
                                uint16_t *out, int64_t apart)
{
    change how = change_of(s);
    if (how == PLAIN && s->narrow)
        round_groups(s, at, step, channel, pixels, count, out, apart, PLAIN, GR_ACT_NONE, true);
    else if (how == SCALED && s->narrow && s->act == GR_ACT_RELU)
        round_groups(s, at, step, channel, pixels, count, out, apart, SCALED, GR_ACT_RELU, true);
    else if (how == COMPLETED && s->narrow)
        round_groups(s, at, step, channel, pixels, count, out, apart, COMPLETED, GR_ACT_NONE, true);
    else
        round_groups(s, at, step, channel, pixels, count, out, apart, SOME, GR_ACT_NONE, false);
}

#endif

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

GR_INLINE void copy_words(int64_t count, const uint16_t *words, uint16_t *out)
{
    for (; count >= 2 * GR_VL; count -= 2 * GR_VL, words += 2 * GR_VL, out += 2 * GR_VL)
        memcpy(out, words, sizeof(gr_vf));
    if (count > 0)
        gr_vcopy_words(out, words, count);
}

void GR_KERNEL(gr_gather_pairs)(const gr_view *v, const gr_source *s, int64_t group, int64_t pixel, int64_t rows, int64_t k0,
                                int64_t k1, float *a, int64_t lda)
{
    int64_t width = v->w.taps * v->group_in;
    bool one_run = !gr_source_changes(s) && v->groups == 1 && v->w.dil == 1, copied = one_run && s->narrow;
    int64_t j = pixel % v->w.results, i = pixel / v->w.results % v->h.results, n = pixel / (v->w.results * v->h.results);
    for (int64_t row = 0; row < rows; row++, a += lda) {
        uint16_t *out = (uint16_t *)a;
        for (int64_t th = width > 0 ? k0 / width : 0; th * width < k1; th++) {
            int64_t begin = gr_most(k0 - th * width, 0), end = gr_least(k1 - th * width, width);
            int64_t line = v->h.first + i * v->h.stride + th * v->h.dil, column = v->w.first + j * v->w.stride;
            int64_t first = (n * v->h.size + line) * v->w.size;
            if (line < 0 || line >= v->h.size)
                fill_zero(end - begin, out);
            else if (copied && column >= 0 && column + v->w.taps <= v->w.size)
                copy_words(end - begin, (const uint16_t *)s->data + (first + column) * v->in_c + begin, out);
            else
                round_taps(v, s, one_run, group, first, column, begin, end, out);
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

/* ---- a copy in bfloat16 ------------------------------------------------------------------------------------------------ */

enum { FEW_CHANNELS = 8 };

static bool is_read_often(const gr_conv_problem *p, const gr_view *v)
{
    return !p->narrow.x && v->in_c < FEW_CHANNELS && v->h.taps * v->w.taps > 1;
}

size_t GR_KERNEL(gr_rounded_floats)(const gr_conv_problem *p, const gr_view *v)
{
    return is_read_often(p, v) ? (size_t)gr_round_up(gr_blocks(v->n * v->h.size * v->w.size * v->in_c, 2), 16) : 0;
}

void GR_KERNEL(gr_round_source)(const gr_conv_problem *p, const gr_view *v, gr_source *s, float *room)
{
    if (!is_read_often(p, v) || gr_source_changes(s))
        return;
    GR_KERNEL(gr_f32_to_bf16)(v->n * v->h.size * v->w.size * v->in_c, s->data, (uint16_t *)room);
    s->data = room, s->narrow = true;
}

/* ---- columns: neighbours along the pixels ------------------------------------------------------------------------------- */

GR_INLINE gr_vf pair_of(const gr_source *s, int64_t at, int64_t step, bool both, int64_t channel, const change how,
                        const gr_act act, const bool narrow)
{
    gr_vf low = read_as(s, at, channel, how, act, narrow);
    return gr_vpair(low, both ? read_as(s, at + step, channel, how, act, narrow) : gr_vzero());
}

/* `both` pixels at `at` and at + step, or the first and zeros, for `columns` channels: `width` of them, a multiple of a vector,
 * then the next ones `apart` floats on; zeros behind the last up to whole vectors. */
typedef struct layout {
    int64_t width, apart;
} layout;

GR_INLINE void pair_columns(const gr_source *s, int64_t at, int64_t step, bool both, int64_t channel, int64_t columns, float *out,
                            const layout *to, const change how, const gr_act act, const bool narrow)
{
    for (int64_t begin = 0; begin < columns; begin += to->width, out += to->apart)
        for (int64_t i = 0; i < to->width && begin + i < columns; i += GR_VL) {
            int64_t column = begin + i, left = columns - column;
            if (left >= GR_VL) {
                gr_vstore(out + i, pair_of(s, at + column, step, both, channel + column, how, act, narrow));
                continue;
            }
            gr_vf low = gr_stored_read(s, at + column, channel + column, left), high = gr_vzero();
            if (both)
                high = gr_stored_read(s, at + step + column, channel + column, left);
            gr_vstore(out + i, gr_vpair(low, high));
        }
}

GR_INLINE void pair_kind(const gr_source *s, int64_t at, int64_t step, bool both, int64_t channel, int64_t columns, float *out,
                         const layout *to, const change how, const bool narrow)
{
    if (how == COMPLETED)
        pair_columns(s, at, step, both, channel, columns, out, to, COMPLETED, GR_ACT_NONE, narrow);
    else if (how == PLAIN)
        pair_columns(s, at, step, both, channel, columns, out, to, PLAIN, GR_ACT_NONE, narrow);
    else if (s->act == GR_ACT_RELU)
        pair_columns(s, at, step, both, channel, columns, out, to, SCALED, GR_ACT_RELU, narrow);
    else
        pair_columns(s, at, step, both, channel, columns, out, to, SOME, GR_ACT_NONE, narrow);
}

static void pair_pixels(const gr_source *s, int64_t at, int64_t step, bool both, int64_t channel, int64_t columns, float *out,
                        const layout *to)
{
    change how = change_of(s);
    if (how == SOME)
        pair_columns(s, at, step, both, channel, columns, out, to, SOME, GR_ACT_NONE, false);
    else if (s->narrow)
        pair_kind(s, at, step, both, channel, columns, out, to, how, true);
    else
        pair_kind(s, at, step, both, channel, columns, out, to, how, false);
}

void GR_KERNEL(gr_gather_panels)(const gr_source *s, int64_t pixel, int64_t pixels, int64_t channels, int64_t channel,
                                 int64_t columns, float *out, int64_t panel)
{
    const layout to = {GR_NR, panel};
    int64_t empty = gr_blocks(columns, GR_VL) % 2 != 0 ? columns / GR_NR * panel + GR_VL : -1;
    for (int64_t i = 0; i < pixels; i += 2, out += GR_NR) {
        pair_pixels(s, (pixel + i) * channels + channel, channels, i + 1 < pixels, channel, columns, out, &to);
        if (empty >= 0)
            gr_vstore(out + empty, gr_vzero());
    }
}

void GR_KERNEL(gr_gather_columns)(const gr_source *s, int64_t pixel, int64_t pixels, int64_t channels, int64_t channel,
                                  int64_t columns, float *out, int64_t lda)
{
    const layout to = {gr_round_up(columns, GR_VL), 0};
    for (int64_t i = 0; i < pixels; i += 2, out += lda)
        pair_pixels(s, (pixel + i) * channels + channel, channels, i + 1 < pixels, channel, columns, out, &to);
}

void GR_KERNEL(gr_pair_words)(int64_t rows, int64_t count, const float *a, int64_t lda, float *out, int64_t ldo)
{
    for (int64_t row = 0; row < rows; row += 2, out += ldo) {
        const uint16_t *low = (const uint16_t *)(a + row * lda), *high = (const uint16_t *)(a + (row + 1) * lda);
        for (int64_t at = 0; at < count; at += GR_VL) {
            gr_vi second = row + 1 < rows ? gr_vwiden_words(high + at) : (gr_vi){0};
            gr_vstore(out + at, (gr_vf)(gr_vwiden_words(low + at) | (gr_vi)((gr_vu)second << 16)));
        }
    }
}
