/* What a convolution reads, changed on its way into cache: rows of neighbouring channels, each with its scale and shift, or its
 * three numbers of batch norm's backward, which stay in registers from row to row. */
#include "implicit_gemm.h"

enum { VECTORS = GR_REGISTERS == 32 ? 4 : 2 }; /* of a row at once: three numbers of each channel and room to work */

typedef enum change { PLAIN, SCALED, COMPLETED, SOME } change;

static change change_of(const gr_source *s)
{
    if (s->a != NULL)
        return COMPLETED;
    if (!gr_source_changes(s))
        return PLAIN;
    return s->scale != NULL ? SCALED : SOME;
}

typedef struct patch {
    const gr_source *s;
    int64_t at, step, channel, rows;
    float *out;
    int64_t lda;
} patch;

/* Columns [i, i + count) of all rows, in so many vectors, the last of them perhaps not whole. The kinds are constants where it
 * is inlined, so that the choice stands outside the loop. */
GR_INLINE void copy_columns(const patch *p, int64_t i, int64_t count, const int vectors, const change how, const gr_act act)
{
    const gr_source *s = p->s;
    const float *data = s->data + p->at + i, *other = how == COMPLETED ? s->other + p->at + i : NULL;
    float *out = p->out + i;
    const int64_t last = count - (vectors - 1) * GR_VL, channel = p->channel + i;
    gr_vf first[VECTORS], second[VECTORS], third[VECTORS];
#pragma GCC unroll 4
    for (int l = 0; l < vectors; l++) {
        int64_t left = l < vectors - 1 ? GR_VL : last, c = channel + l * GR_VL;
        if (how == COMPLETED) {
            first[l] = gr_vload_upto(s->a + c, left), second[l] = gr_vload_upto(s->b + c, left);
            third[l] = gr_vload_upto(s->c + c, left);
        } else if (how == SCALED)
            first[l] = gr_vload_upto(s->scale + c, left), second[l] = gr_vload_upto(s->shift + c, left);
    }
    for (int64_t r = 0; r < p->rows; r++, data += p->step, out += p->lda) {
#pragma GCC unroll 4
        for (int l = 0; l < vectors; l++) {
            int64_t left = l < vectors - 1 ? GR_VL : last;
            gr_vf x = gr_vload_upto(data + l * GR_VL, left);
            if (how == COMPLETED)
                x = gr_vfma(x, first[l], gr_vfma(gr_vload_upto(other + l * GR_VL, left), second[l], third[l]));
            else if (how == SCALED)
                x = gr_vact(act, gr_vfma(x, first[l], second[l]));
            gr_vstore_upto(out + l * GR_VL, x, left);
        }
        if (how == COMPLETED)
            other += p->step;
    }
}

GR_INLINE void copy_as(const patch *p, int64_t width, const change how, const gr_act act)
{
    int64_t i = 0;
    for (; i + VECTORS * GR_VL <= width; i += VECTORS * GR_VL)
        copy_columns(p, i, VECTORS * GR_VL, VECTORS, how, act);
    for (; i + 2 * GR_VL <= width; i += 2 * GR_VL)
        copy_columns(p, i, 2 * GR_VL, 2, how, act);
    for (; i + GR_VL <= width; i += GR_VL)
        copy_columns(p, i, GR_VL, 1, how, act);
    if (i < width)
        copy_columns(p, i, width - i, 1, how, act);
}

static void copy_scaled(const patch *p, int64_t width)
{
    switch (p->s->act) {
    case GR_ACT_NONE: copy_as(p, width, SCALED, GR_ACT_NONE); break;
    case GR_ACT_RELU: copy_as(p, width, SCALED, GR_ACT_RELU); break;
    case GR_ACT_RELU6: copy_as(p, width, SCALED, GR_ACT_RELU6); break;
    case GR_ACT_HARD_SIGMOID: copy_as(p, width, SCALED, GR_ACT_HARD_SIGMOID); break;
    case GR_ACT_HARD_SWISH: copy_as(p, width, SCALED, GR_ACT_HARD_SWISH); break;
    case GR_ACT_SILU: copy_as(p, width, SCALED, GR_ACT_SILU); break;
    }
}

void GR_KERNEL(gr_source_block)(const gr_source *s, int64_t at, int64_t step, int64_t channel, int64_t rows, int64_t width,
                                float *out, int64_t lda)
{
    const patch p = {s, at, step, channel, rows, out, lda};
    switch (change_of(s)) {
    case PLAIN: copy_as(&p, width, PLAIN, GR_ACT_NONE); return;
    case SCALED: copy_scaled(&p, width); return;
    case COMPLETED: copy_as(&p, width, COMPLETED, GR_ACT_NONE); return;
    case SOME: break;
    }
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < width; i += GR_VL)
            gr_vstore_upto(out + r * lda + i, gr_source_read(s, at + r * step + i, channel + i, width - i), width - i);
}

void GR_KERNEL(gr_source_copy)(const gr_source *s, int64_t at, int64_t channel, int64_t count, float *out)
{
    GR_KERNEL(gr_source_block)(s, at, 0, channel, 1, count, out, 0);
}
