#include "ops/conv2d_choice.h"

#include "ops/conv2d_pool.h"
#include "ops/shapes.h"

typedef gr_conv_attr conv_attr;

/* Stands for "there will be a pointer" while sizes are planned. */
static float present[1];

gr_shape gr_conv_map_shape(const conv_attr *attr, const gr_shape *x)
{
    const gr_conv2d_args *a = &attr->args;
    int64_t h = x->dim[1] + attr->before[0] + attr->behind[0], w = x->dim[2] + attr->before[1] + attr->behind[1];
    return gr_shape4(x->dim[0], gr_window_extent(h, a->kernel[0], a->stride[0], a->pad[0], a->dilation[0], false),
                     gr_window_extent(w, a->kernel[1], a->stride[1], a->pad[1], a->dilation[1], false), a->out);
}

gr_conv_problem gr_conv_problem_of(const gr_call *call)
{
    const conv_attr *attr = call->op->attr;
    const gr_conv2d_args *a = &attr->args;
    const gr_shape *x = &call->in[0].shape, y = attr->pools ? gr_conv_map_shape(attr, x) : call->out[0].shape;
    const int64_t top = a->pad[0] + attr->before[0], left = a->pad[1] + attr->before[1];
    gr_conv_narrow narrow = {call->in[0].narrow, call->in[0].narrow_grad, call->out[0].narrow, call->out[0].narrow_grad};
    return (gr_conv_problem){x->dim[0],      x->dim[1], x->dim[2],    x->dim[3],    a->out, a->kernel[0],   a->kernel[1],
                             y.dim[1],       y.dim[2],  a->stride[0], a->stride[1], top,    left,           a->dilation[0],
                             a->dilation[1], a->groups, call->bf16,   call->exact,  narrow, call->explained};
}

static const float *or_present(const float *pointer)
{
    return pointer != NULL ? pointer : present;
}

gr_conv_fusion gr_conv_fusion_of(const gr_call *call, gr_direction d, bool probe)
{
    const conv_attr *attr = call->op->attr;
    gr_conv_fusion f = {0};
    const gr_lazy *lazy = call->in[0].lazy;
    const gr_lazy_grad *lazy_grad = call->out[0].lazy_grad;
    if (lazy != NULL && d != GR_BACKDATA) {
        f.in_scale = or_present(lazy->scale);
        f.in_shift = or_present(lazy->shift);
        f.in_act = lazy->act;
    }
    if (lazy_grad != NULL && d != GR_FORWARD) {
        f.y = or_present(call->out[0].data);
        f.out_a = or_present(lazy_grad->a);
        f.out_b = or_present(lazy_grad->b);
        f.out_c = or_present(lazy_grad->c);
    }
    if (lazy != NULL && d == GR_BACKDATA) {
        f.mask_x = or_present(call->in[0].data);
        f.mask_scale = or_present(lazy->scale);
        f.mask_shift = or_present(lazy->shift);
        f.mask_act = lazy->act;
        f.mask_stats = probe ? present : lazy->mask_stats;
    }
    if (d == GR_FORWARD) {
        f.act = attr->pools ? GR_ACT_NONE : attr->act;
        f.stats = probe && call->training ? present : call->out[0].stats;
        f.residual = attr->adds_residual ? or_present(call->in[1].data) : NULL;
        if (attr->args.bias || attr->folds_norm)
            f.bias = present; /* set by the caller */
    }
    return f;
}

/* The same with the pool. */
static gr_conv_fusion pooled_fusion_of(const gr_call *call, gr_direction d, bool probe)
{
    const conv_attr *attr = call->op->attr;
    gr_conv_fusion f = gr_conv_fusion_of(call, d, probe);
    gr_conv_problem p = gr_conv_problem_of(call);
    f.pool = gr_conv_pool_problem(&p, &attr->pool);
    f.pool_index = call->saved;
    f.stats = NULL; /* leaves_sums says no */
    f.act = attr->act;
    return f;
}

const gr_conv_algorithm *gr_conv_pooling(const gr_call *call, gr_direction d, const gr_conv_problem *p)
{
    if (!((const conv_attr *)call->op->attr)->pools)
        return NULL;
    gr_conv_fusion f = pooled_fusion_of(call, d, true);
    for (const gr_conv_algorithm *const *list = gr_kernels_get()->conv; *list != NULL; list++)
        if ((*list)->pools && (*list)->refuses(p, d, &f) == NULL)
            return *list;
    return NULL;
}

gr_conv_fusion gr_conv_fusion_for(const gr_call *call, gr_direction d, const gr_conv_problem *p, bool probe)
{
    return gr_conv_pooling(call, d, p) != NULL ? pooled_fusion_of(call, d, probe) : gr_conv_fusion_of(call, d, probe);
}

const gr_conv_algorithm *gr_conv_choose(const gr_call *call, gr_direction d, const gr_conv_problem *p)
{
    const gr_conv_algorithm *pools = gr_conv_pooling(call, d, p);
    if (pools != NULL)
        return pools;
    gr_conv_fusion f = gr_conv_fusion_of(call, d, true);
    const gr_conv_algorithm *const *list = gr_kernels_get()->conv;
    while (list[1] != NULL && (*list)->refuses(p, d, &f) != NULL)
        list++;
    return *list;
}

gr_conv_fusion gr_conv_back_fusion_of(const gr_call *call, bool probe)
{
    gr_conv_fusion f = gr_conv_fusion_of(call, GR_BACKDATA, probe), weight = gr_conv_fusion_of(call, GR_BACKWEIGHT, probe);
    f.in_scale = weight.in_scale;
    f.in_shift = weight.in_shift;
    f.in_act = weight.in_act;
    return f;
}

const gr_conv_algorithm *gr_conv_choose_back(const gr_call *call, const gr_conv_problem *p)
{
    if (!call->training || call->param[0].frozen || ((const conv_attr *)call->op->attr)->pools)
        return NULL;
    gr_conv_fusion f = gr_conv_back_fusion_of(call, true);
    const gr_conv_algorithm *const *list = gr_kernels_get()->conv_back;
    while (*list != NULL && (*list)->refuses(p, GR_BACKDATA, &f) != NULL)
        list++;
    return *list;
}

static void describe_direction(const gr_call *call, gr_direction d, gr_text *out)
{
    static const char *const words[] = {"", "data: ", "weight: "};
    gr_conv_problem p = gr_conv_problem_of(call);
    const gr_conv_algorithm *chosen = gr_conv_choose(call, d, &p);
    gr_conv_fusion f = gr_conv_fusion_for(call, d, &p, true);
    char how[128];
    chosen->describe(&p, d, how, sizeof how);
    gr_text_printf(out, "%s%s%s, %s", out->size > 0 ? "; " : "", words[d], chosen->name, how);
    for (const gr_conv_algorithm *const *list = gr_kernels_get()->conv; *list != chosen; list++)
        if (!(*list)->wants_pool || ((const conv_attr *)call->op->attr)->pools)
            gr_text_printf(out, " (not %s: %s)", (*list)->name, (*list)->refuses(&p, d, &f));
}

void gr_conv_describe(const gr_call *call, gr_pass pass, char *text, size_t size)
{
    gr_text out = {0};
    if (pass == GR_PASS_FORWARD)
        describe_direction(call, GR_FORWARD, &out);
    gr_conv_problem p = gr_conv_problem_of(call);
    const gr_conv_algorithm *back =
        pass == GR_PASS_BACKWARD && call->in[0].grad != NULL ? gr_conv_choose_back(call, &p) : NULL;
    char how[128];
    if (back != NULL)
        back->describe(&p, GR_BACKDATA, how, sizeof how);
    if (back != NULL)
        gr_text_printf(&out, "data and weight at once: %s, %s", back->name, how);
    else if (pass == GR_PASS_BACKWARD && call->in[0].grad != NULL)
        describe_direction(call, GR_BACKDATA, &out);
    if (back == NULL && pass == GR_PASS_BACKWARD && call->param[0].grad != NULL)
        describe_direction(call, GR_BACKWEIGHT, &out);
    snprintf(text, size, "%s", out.data != NULL && !out.failed ? out.data : "");
    gr_text_free(&out);
}

/* All that serve such a problem read each number of the residual once, right before they write its result. Implicit GEMM, which the
 * others get to, may leave sums of a part of the depth there first. */
bool gr_conv_over_residual(const gr_call *call)
{
    const conv_attr *attr = call->op->attr;
    return attr->adds_residual && attr->args.groups == 1 && !call->exact && !call->bf16 && !call->explained && !call->gradients;
}
