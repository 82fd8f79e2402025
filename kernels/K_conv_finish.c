/* Bias, statistics, residual and activation behind a convolution; the activation in front of it, and its sums, on the way
 * back. */
#include "conv_finish.h"

#include "rows.h"

gr_finish GR_KERNEL(gr_finish_begin)(const gr_conv_fusion *f, gr_direction d, const float *base, int64_t channels,
                                     int64_t block, int64_t channel, int64_t count)
{
    gr_finish finish = {.f = f, .d = d, .base = base, .channels = channels};
    float *stats = d == GR_FORWARD ? f->stats : f->mask_x != NULL ? f->mask_stats : NULL;
    if (stats != NULL) {
        finish.stats = stats + block * 2 * channels;
        memset(finish.stats + channel, 0, sizeof(float) * (size_t)count);
        memset(finish.stats + channels + channel, 0, sizeof(float) * (size_t)count);
    }
    return finish;
}

bool GR_KERNEL(gr_finish_needed)(const gr_finish *finish)
{
    const gr_conv_fusion *f = finish->f;
    if (finish->d == GR_BACKDATA)
        return f->mask_x != NULL;
    return f->bias != NULL || f->residual != NULL || f->act != GR_ACT_NONE || f->stats != NULL;
}

static void add_stats(const gr_finish *finish, int64_t channel, int64_t count, gr_vf sum, gr_vf product)
{
    if (finish->stats == NULL)
        return;
    float *sums = finish->stats + channel, *products = sums + finish->channels;
    gr_vstore_upto(sums, gr_vload_upto(sums, count) + sum, count);
    gr_vstore_upto(products, gr_vload_upto(products, count) + product, count);
}

/* Where a tile's sums stand, and where they go: rows `from_step` apart; out[r] + offset of each row. */
typedef struct place {
    const float *from;
    int64_t from_step;
    float *const *out;
    int64_t rows, offset, channel;
    bool stream; /* past the caches */
} place;

enum { VECTORS = 2 }; /* of a row at once: with vectors of half a line, a line is written whole */

/* Of `vectors` vectors, each has GR_VL numbers but the last, which has `last`. */
GR_INLINE int64_t lanes_of(int vector, const int vectors, int64_t last)
{
    return vector < vectors - 1 ? GR_VL : last;
}

GR_INLINE void put(const place *p, float *at, gr_vf value, int64_t count)
{
    if (p->stream)
        gr_vstream(at, value);
    else
        gr_vstore_upto(at, value, count);
}

/* `plain`: nothing but bias and sums. */
GR_INLINE void finish_forward(const gr_finish *finish, const place *p, const int vectors, int64_t last, const bool plain)
{
    const gr_conv_fusion *f = finish->f;
    gr_vf bias[VECTORS], sum[VECTORS], squares[VECTORS];
    for (int v = 0; v < vectors; v++) {
        const int64_t channel = p->channel + v * GR_VL;
        bias[v] = f->bias != NULL ? gr_vload_upto(f->bias + channel, lanes_of(v, vectors, last)) : gr_vzero();
        sum[v] = squares[v] = gr_vzero();
    }
    for (int64_t r = 0, from = 0; r < p->rows; r++, from += p->from_step) {
        float *at = p->out[r] + p->offset;
        for (int v = 0; v < vectors; v++, at += GR_VL) {
            const int64_t count = lanes_of(v, vectors, last);
            gr_vf y = gr_vload_upto(p->from != NULL ? p->from + from + v * GR_VL : at, count) + bias[v];
            sum[v] += y;
            squares[v] = gr_vfma(y, y, squares[v]);
            if (!plain && f->residual != NULL)
                y += gr_vload_upto(f->residual + (at - finish->base), count);
            put(p, at, plain ? y : gr_vact_of(f->act, y), count);
        }
    }
    for (int v = 0; v < vectors; v++)
        add_stats(finish, p->channel + v * GR_VL, lanes_of(v, vectors, last), sum[v], squares[v]);
}

/* Inlined once for each kind of activation, so that the choice stands outside the loop. */
GR_INLINE void finish_masked(const gr_finish *finish, const place *p, const int vectors, int64_t last, const gr_act act)
{
    const gr_conv_fusion *f = finish->f;
    gr_vf scale[VECTORS], shift[VECTORS], sum[VECTORS], products[VECTORS];
    for (int v = 0; v < vectors; v++) {
        const int64_t count = lanes_of(v, vectors, last), channel = p->channel + v * GR_VL;
        scale[v] = gr_vset(1.0f), shift[v] = sum[v] = products[v] = gr_vzero();
        if (f->mask_scale != NULL)
            scale[v] = gr_vload_upto(f->mask_scale + channel, count), shift[v] = gr_vload_upto(f->mask_shift + channel, count);
    }
    for (int64_t r = 0, from = 0; r < p->rows; r++, from += p->from_step) {
        float *at = p->out[r] + p->offset;
        for (int v = 0; v < vectors; v++, at += GR_VL) {
            const int64_t count = lanes_of(v, vectors, last);
            gr_vf x = gr_vload_upto(f->mask_x + (at - finish->base), count);
            gr_vf dx = gr_vload_upto(p->from != NULL ? p->from + from + v * GR_VL : at, count);
            gr_vf z = gr_vfma(x, scale[v], shift[v]);
            if (act == GR_ACT_RELU)
                dx = gr_vselect((gr_vi)(z > gr_vzero()), dx, gr_vzero());
            else if (act != GR_ACT_NONE)
                dx = gr_vgate(dx, gr_vact_slope(act, z));
            sum[v] += dx;
            products[v] = gr_vfma(dx, x, products[v]);
            put(p, at, dx, count);
        }
    }
    for (int v = 0; v < vectors; v++)
        add_stats(finish, p->channel + v * GR_VL, lanes_of(v, vectors, last), sum[v], products[v]);
}

GR_INLINE void finish_data(const gr_finish *finish, const place *p, const int vectors, int64_t last)
{
    switch (finish->f->mask_act) {
    case GR_ACT_NONE: finish_masked(finish, p, vectors, last, GR_ACT_NONE); break;
    case GR_ACT_RELU: finish_masked(finish, p, vectors, last, GR_ACT_RELU); break;
    case GR_ACT_RELU6: finish_masked(finish, p, vectors, last, GR_ACT_RELU6); break;
    case GR_ACT_HARD_SIGMOID: finish_masked(finish, p, vectors, last, GR_ACT_HARD_SIGMOID); break;
    case GR_ACT_HARD_SWISH: finish_masked(finish, p, vectors, last, GR_ACT_HARD_SWISH); break;
    case GR_ACT_SILU: finish_masked(finish, p, vectors, last, GR_ACT_SILU); break;
    }
}

GR_INLINE void finish_columns(const gr_finish *finish, const place *p, const int vectors, int64_t last)
{
    if (finish->d != GR_FORWARD)
        finish_data(finish, p, vectors, last);
    else if (finish->f->residual == NULL && finish->f->act == GR_ACT_NONE)
        finish_forward(finish, p, vectors, last, true);
    else
        finish_forward(finish, p, vectors, last, false);
}

static void finish_place(const gr_finish *finish, place p, int64_t count)
{
    int64_t step = 0;
    for (; count > 0; count -= step, p.offset += step, p.channel += step) {
        step = count >= VECTORS * GR_VL ? VECTORS * GR_VL : gr_least(GR_VL, count);
        if (step == VECTORS * GR_VL)
            finish_columns(finish, &p, VECTORS, GR_VL);
        else
            finish_columns(finish, &p, 1, step);
        if (p.from != NULL)
            p.from += step;
    }
}

void GR_KERNEL(gr_finish_tile)(const gr_finish *finish, float *const *out, int64_t rows, int64_t offset, int64_t channel,
                               int64_t count)
{
    finish_place(finish, (place){.out = out, .rows = rows, .offset = offset, .channel = channel}, count);
}

void GR_KERNEL(gr_finish_move)(const gr_finish *finish, const float *from, int64_t step, float *const *out, int64_t rows,
                               int64_t offset, int64_t channel, int64_t count, bool stream)
{
    finish_place(finish, (place){from, step, out, rows, offset, channel, stream}, count);
}
