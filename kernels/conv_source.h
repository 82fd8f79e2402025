/* The tensor that a convolution reads, and what happens to a number on its way. Private to kernels/K_*.c. */
#ifndef GR_CONV_SOURCE_H
#define GR_CONV_SOURCE_H

#include "conv_fusion.h"
#include "narrow.h"
#include "rows.h"

/* Nothing; or scale, shift and activation by channel; or batch norm's backward with a second tensor. */
typedef struct gr_source {
    const float *data;
    const float *scale, *shift; /* by channel or NULL */
    gr_act act;
    const float *other, *a, *b, *c; /* data * a + other * b + c when a is not NULL */
    bool narrow, other_narrow;      /* data, other: stored as bfloat16 */
} gr_source;

static inline gr_source gr_source_of_x(const gr_conv_args *args)
{
    const gr_conv_fusion *f = args->fusion != NULL ? args->fusion : &gr_no_fusion;
    return (gr_source){.data = args->x, .scale = f->in_scale, .shift = f->in_shift, .act = f->in_act};
}

static inline gr_source gr_source_of_dy(const gr_conv_args *args)
{
    const gr_conv_fusion *f = args->fusion != NULL ? args->fusion : &gr_no_fusion;
    return (gr_source){.data = args->dy, .other = f->y, .a = f->out_a, .b = f->out_b, .c = f->out_c};
}

/* The same of tensors that may be narrow. */
static inline gr_source gr_stored_x(const gr_conv_problem *p, const gr_conv_args *args)
{
    gr_source s = gr_source_of_x(args);
    s.narrow = p->narrow.x;
    return s;
}

static inline gr_source gr_stored_dy(const gr_conv_problem *p, const gr_conv_args *args)
{
    gr_source s = gr_source_of_dy(args);
    s.narrow = p->narrow.dy, s.other_narrow = p->narrow.y;
    return s;
}

static inline bool gr_source_changes(const gr_source *s)
{
    return s->scale != NULL || s->act != GR_ACT_NONE || s->a != NULL;
}

/* The numbers at data[at], of channels from `channel` on: a vector, or the `count` that are left. */
GR_INLINE gr_vf gr_source_read(const gr_source *s, int64_t at, int64_t channel, int64_t count)
{
    gr_vf x = gr_vload_upto(s->data + at, count);
    if (s->a != NULL) {
        gr_vf rest = gr_vfma(gr_vload_upto(s->other + at, count), gr_vload_upto(s->b + channel, count),
                             gr_vload_upto(s->c + channel, count));
        return gr_vfma(x, gr_vload_upto(s->a + channel, count), rest);
    }
    if (s->scale != NULL)
        x = gr_vfma(x, gr_vload_upto(s->scale + channel, count), gr_vload_upto(s->shift + channel, count));
    return gr_vact_of(s->act, x);
}

/* The same where data or other may be narrow. */
GR_INLINE gr_vf gr_stored_read(const gr_source *s, int64_t at, int64_t channel, int64_t count)
{
    gr_vf x = gr_vload_as(s->data, at, count, s->narrow);
    if (s->a != NULL) {
        gr_vf rest = gr_vfma(gr_vload_as(s->other, at, count, s->other_narrow), gr_vload_upto(s->b + channel, count),
                             gr_vload_upto(s->c + channel, count));
        return gr_vfma(x, gr_vload_upto(s->a + channel, count), rest);
    }
    if (s->scale != NULL)
        x = gr_vfma(x, gr_vload_upto(s->scale + channel, count), gr_vload_upto(s->shift + channel, count));
    return gr_vact_of(s->act, x);
}

/* Some pixels of a source, and up to two vectors of their channels, which go to `out` one pixel behind another. */
typedef struct gr_strip {
    int64_t at, step;        /* where in the source the first pixel's first channel stands; from pixel to pixel */
    int64_t pixels;
    int64_t channel, count;  /* channels [channel, channel + count) */
    float *out;              /* whole vectors are written: what stands behind `count` is what zeros become */
    int64_t out_step;
    int64_t apart;           /* from the first vector to the second in `out`; 0: one behind the other */
    const float *fetch;      /* pixels `step` apart that will be read soon, and are asked for meanwhile; NULL: none */
} gr_strip;

void GR_KERNEL(gr_source_strip)(const gr_source *s, const gr_strip *strip);

#endif
