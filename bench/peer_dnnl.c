#include "peer_dnnl.h"

#include <dnnl.h>
#include <omp.h>

enum { X, W, Y, TENSORS };

struct peer {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_t primitive;
    const char *name;
    dnnl_memory_desc_t plain[TENSORS];
    dnnl_memory_t memory[TENSORS];
    int out;
};

static void describe(peer *t, const gr_conv_problem *p, dnnl_memory_desc_t any[TENSORS])
{
    dnnl_dims_t x = {p->n, p->c, p->h, p->w}, y = {p->n, p->oc, p->oh, p->ow}, w = {p->oc, p->c, p->kh, p->kw};
    dnnl_dims_t grouped = {p->groups, p->oc / p->groups, p->c / p->groups, p->kh, p->kw};
    bool groups = p->groups > 1;
    dnnl_data_type_t inside = p->bf16 ? dnnl_bf16 : dnnl_f32;
    dnnl_memory_desc_init_by_tag(&t->plain[X], 4, x, dnnl_f32, dnnl_nhwc);
    dnnl_memory_desc_init_by_tag(&t->plain[Y], 4, y, dnnl_f32, dnnl_nhwc);
    dnnl_memory_desc_init_by_tag(&t->plain[W], groups ? 5 : 4, groups ? grouped : w, dnnl_f32,
                                 groups ? dnnl_hwigo : dnnl_hwio);
    dnnl_memory_desc_init_by_tag(&any[X], 4, x, inside, dnnl_format_tag_any);
    dnnl_memory_desc_init_by_tag(&any[Y], 4, y, inside, dnnl_format_tag_any);
    dnnl_memory_desc_init_by_tag(&any[W], groups ? 5 : 4, groups ? grouped : w, inside, dnnl_format_tag_any);
}

static int64_t pad_after(int64_t size, int64_t before, int64_t taps, int64_t dil, int64_t stride, int64_t out)
{
    return (out - 1) * stride + (taps - 1) * dil + 1 - size - before;
}

static dnnl_primitive_desc_t choose(peer *t, const gr_conv_problem *p, gr_direction d, dnnl_alg_kind_t algorithm)
{
    dnnl_memory_desc_t any[TENSORS];
    describe(t, p, any);
    dnnl_dims_t stride = {p->stride_h, p->stride_w}, dil = {p->dil_h - 1, p->dil_w - 1}, before = {p->pad_top, p->pad_left};
    dnnl_dims_t after = {pad_after(p->h, p->pad_top, p->kh, p->dil_h, p->stride_h, p->oh),
                         pad_after(p->w, p->pad_left, p->kw, p->dil_w, p->stride_w, p->ow)};
    dnnl_convolution_desc_t op;
    dnnl_primitive_desc_t hint = NULL, chosen = NULL;
    if (dnnl_dilated_convolution_forward_desc_init(&op, dnnl_forward_training, algorithm, &any[X], &any[W], NULL, &any[Y],
                                                   stride, dil, before, after) != dnnl_success ||
        dnnl_primitive_desc_create(&hint, &op, NULL, t->engine, NULL) != dnnl_success)
        return NULL;
    if (d == GR_FORWARD)
        return hint;
    dnnl_status_t status = d == GR_BACKDATA
                               ? dnnl_dilated_convolution_backward_data_desc_init(&op, algorithm, &any[X], &any[W], &any[Y],
                                                                                  stride, dil, before, after)
                               : dnnl_dilated_convolution_backward_weights_desc_init(&op, algorithm, &any[X], &any[W], NULL,
                                                                                     &any[Y], stride, dil, before, after);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(&chosen, &op, NULL, t->engine, hint);
    dnnl_primitive_desc_destroy(hint);
    return status == dnnl_success ? chosen : NULL;
}

static void copy(peer *t, dnnl_memory_t from, dnnl_memory_t to)
{
    dnnl_primitive_desc_t description;
    dnnl_primitive_t reorder;
    const dnnl_memory_desc_t *from_md, *to_md;
    dnnl_memory_get_memory_desc(from, &from_md);
    dnnl_memory_get_memory_desc(to, &to_md);
    dnnl_reorder_primitive_desc_create(&description, from_md, t->engine, to_md, t->engine, NULL);
    dnnl_primitive_create(&reorder, description);
    dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    dnnl_primitive_execute(reorder, t->stream, 2, args);
    dnnl_stream_wait(t->stream);
    dnnl_primitive_destroy(reorder);
    dnnl_primitive_desc_destroy(description);
}

static void fill(peer *t, int which, const dnnl_memory_desc_t *layout, const float *from)
{
    dnnl_memory_create(&t->memory[which], layout, t->engine, DNNL_MEMORY_ALLOCATE);
    if (which == t->out)
        return;
    dnnl_memory_t plain;
    dnnl_memory_create(&plain, &t->plain[which], t->engine, (void *)(uintptr_t)from);
    copy(t, plain, t->memory[which]);
    dnnl_memory_destroy(plain);
}

peer *peer_create(const gr_conv_problem *p, gr_direction d, bool winograd, const float *x, const float *weights,
                  const float *dy)
{
    omp_set_num_threads(gr_threads_get());
    peer *t = gr_alloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    dnnl_engine_create(&t->engine, dnnl_cpu, 0);
    dnnl_stream_create(&t->stream, t->engine, dnnl_stream_default_flags);
    t->out = d == GR_FORWARD ? Y : d == GR_BACKDATA ? X : W;
    dnnl_primitive_desc_t chosen = choose(t, p, d, winograd ? dnnl_convolution_auto : dnnl_convolution_direct);
    if (chosen == NULL) {
        peer_free(t);
        return NULL;
    }
    static const dnnl_query_t queries[3][TENSORS] = {
        {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md},
        {dnnl_query_diff_src_md, dnnl_query_weights_md, dnnl_query_diff_dst_md},
        {dnnl_query_src_md, dnnl_query_diff_weights_md, dnnl_query_diff_dst_md},
    };
    const float *from[TENSORS] = {x, weights, dy};
    for (int i = 0; i < TENSORS; i++)
        fill(t, i, dnnl_primitive_desc_query_md(chosen, queries[d][i], 0), from[i]);
    dnnl_primitive_create(&t->primitive, chosen);
    dnnl_primitive_desc_query(chosen, dnnl_query_impl_info_str, 0, (void *)&t->name);
    dnnl_primitive_desc_destroy(chosen);
    return t;
}

void peer_run(peer *t)
{
    static const int names[3][TENSORS] = {{DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST},
                                          {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST},
                                          {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST}};
    dnnl_exec_arg_t args[TENSORS];
    for (int i = 0; i < TENSORS; i++)
        args[i] = (dnnl_exec_arg_t){names[t->out][i], t->memory[i]};
    dnnl_primitive_execute(t->primitive, t->stream, TENSORS, args);
    dnnl_stream_wait(t->stream);
}

void peer_output(peer *t, float *out)
{
    dnnl_memory_t plain;
    dnnl_memory_create(&plain, &t->plain[t->out], t->engine, out);
    copy(t, t->memory[t->out], plain);
    dnnl_memory_destroy(plain);
}

const char *peer_name(const peer *t)
{
    return t->name;
}

void peer_free(peer *t)
{
    for (int i = 0; i < TENSORS; i++)
        if (t->memory[i] != NULL)
            dnnl_memory_destroy(t->memory[i]);
    if (t->primitive != NULL)
        dnnl_primitive_destroy(t->primitive);
    dnnl_stream_destroy(t->stream);
    dnnl_engine_destroy(t->engine);
    gr_free(t);
}
