#include "explain/relevance_weights.h"

#include <math.h>
#include <string.h>

#include "ops/batch_norm.h"
#include "ops/conv2d.h"

enum { VARIANTS = 4, LINE = 64, FEW = 4 /* channels of which two sets fit a vector */ };

typedef struct variant {
    gr_relevance_part part;
    bool pair;    /* `part` and another, side by side */
    float *dense; /* [OC, F]: dense layers alone */
    gr_conv_problem p;
    const gr_conv_algorithm *algorithm[2]; /* forward, back: convolutions alone */
    void *packed[2];
    float *bias; /* [OC] or NULL */
} variant;

struct gr_relevance_weights {
    gr_conv_problem p; /* a dense layer: n images of 1x1, c features */
    bool dense;
    size_t scratch;
    float *w, *b; /* with the batch norm; b [OC], zeros where there is none; w is NULL when the parameter itself serves */
    const float *weights;
    variant variants[VARIANTS];
    int count;
};

static size_t whole_lines(size_t bytes)
{
    return (bytes + LINE - 1) / LINE * LINE;
}

static gr_conv_problem problem_of(const gr_relevance_step *step, bool dense)
{
    const gr_shape *x = &step->call.in[0].shape, *y = &step->call.out[0].shape;
    if (dense)
        return (gr_conv_problem){.n = x->dim[0],
                                 .h = 1,
                                 .w = 1,
                                 .c = x->dim[1],
                                 .oc = y->dim[1],
                                 .kh = 1,
                                 .kw = 1,
                                 .oh = 1,
                                 .ow = 1,
                                 .stride_h = 1,
                                 .stride_w = 1,
                                 .dil_h = 1,
                                 .dil_w = 1,
                                 .groups = 1,
                                 .explained = true};
    const gr_conv2d_args *a = gr_conv2d_args_of(step->op);
    return (gr_conv_problem){x->dim[0],      x->dim[1], x->dim[2],    x->dim[3],    a->out,    a->kernel[0], a->kernel[1],
                             y->dim[1],      y->dim[2], a->stride[0], a->stride[1], a->pad[0], a->pad[1],    a->dilation[0],
                             a->dilation[1], a->groups, false,        false,        {0},       true};
}

static const gr_conv_algorithm *choose(const gr_conv_problem *p, gr_direction d)
{
    gr_conv_fusion f = {0};
    const gr_conv_algorithm *const *list = gr_kernels_get()->conv;
    while (list[1] != NULL && (*list)->refuses(p, d, &f) != NULL)
        list++;
    return *list;
}

static const float *parameter(const gr_relevance_step *step, const gr_op *op, int i)
{
    return step->params->values + step->graph->params[op->param[i]]->offset;
}

/* w' = w weight / sqrt(var + eps),  b' = (b - mean) weight / sqrt(var + eps) + bias; OC is the last axis of a convolution's
 * weights, the first of a dense layer's. */
static bool fold(gr_relevance_weights *l, const gr_relevance_step *step)
{
    const gr_op *norm = step->norm;
    const float *scale = parameter(step, norm, 0), *shift = parameter(step, norm, 1);
    const float *mean = parameter(step, norm, 2), *var = parameter(step, norm, 3);
    int64_t oc = l->p.oc, rows = l->p.kh * l->p.kw * (l->p.c / l->p.groups);
    l->w = gr_alloc_aligned((size_t)(rows * oc), sizeof *l->w);
    if (l->w == NULL)
        return false;
    for (int64_t o = 0; o < oc; o++) {
        double by = (double)scale[o] / sqrt((double)var[o] + gr_batch_norm_eps(norm));
        l->b[o] = (float)(((double)l->b[o] - (double)mean[o]) * by + (double)shift[o]);
        for (int64_t r = 0; r < rows; r++) {
            int64_t at = l->dense ? o * rows + r : r * oc + o;
            l->w[at] = (float)((double)l->weights[at] * by);
        }
    }
    l->weights = l->w;
    return true;
}

gr_status gr_relevance_weights_create(const gr_relevance_step *step, gr_relevance_weights **out, gr_error *err)
{
    gr_relevance_weights *l = gr_alloc(1, sizeof *l);
    *out = l;
    if (l == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the weights of %s", step->op->name);
    l->dense = step->op->type == &gr_op_dense;
    l->p = problem_of(step, l->dense);
    l->weights = parameter(step, step->op, 0);
    l->b = gr_alloc((size_t)l->p.oc, sizeof *l->b);
    if (l->b != NULL && step->op->param_count > 1)
        memcpy(l->b, parameter(step, step->op, 1), (size_t)l->p.oc * sizeof *l->b);
    if (l->b != NULL && (step->norm == NULL || fold(l, step)))
        return GR_OK;
    gr_relevance_weights_destroy(l);
    *out = NULL;
    return gr_fail(err, GR_NOMEM, "no memory for the weights of %s", step->op->name);
}

void gr_relevance_weights_destroy(gr_relevance_weights *l)
{
    if (l == NULL)
        return;
    for (int i = 0; i < l->count; i++) {
        gr_free(l->variants[i].dense);
        gr_free(l->variants[i].packed[0]);
        gr_free(l->variants[i].packed[1]);
        gr_free(l->variants[i].bias);
    }
    gr_free(l->w);
    gr_free(l->b);
    gr_free(l);
}

static void change(const gr_relevance_part *part, int64_t count, const float *w, float *out)
{
    float plus = (float)part->plus, minus = (float)part->minus;
    for (int64_t i = 0; i < count; i++)
        switch (part->weighting) {
        case GR_WEIGHTS_SIGNED: out[i] = w[i] * (w[i] > 0.0f ? plus : minus); break;
        case GR_WEIGHTS_ONE: out[i] = 1.0f; break;
        case GR_WEIGHTS_SQUARE: out[i] = w[i] * w[i]; break;
        }
}

static bool pack(gr_relevance_weights *l, variant *v, const float *w)
{
    for (int d = 0; d < 2; d++) {
        gr_direction direction = d == 0 ? GR_FORWARD : GR_BACKDATA;
        v->algorithm[d] = choose(&v->p, direction);
        size_t room = v->algorithm[d]->scratch_size(&v->p, direction, gr_threads_get());
        l->scratch = l->scratch > room ? l->scratch : room;
        v->packed[d] = gr_alloc_aligned(whole_lines(v->algorithm[d]->packed_size(&v->p, direction)), 1);
        if (v->packed[d] == NULL)
            return false;
        v->algorithm[d]->pack(&v->p, direction, w, v->packed[d]);
    }
    return true;
}

/* The weights of one part, or of two one above the other: [KH, KW, 2 C, OC]. */
static bool make(gr_relevance_weights *l, const gr_relevance_part *parts, int count)
{
    variant *v = &l->variants[l->count++];
    int64_t taps = l->p.kh * l->p.kw, row = l->p.c / l->p.groups * l->p.oc;
    float *w = gr_alloc_aligned((size_t)(taps * row * count), sizeof *w);
    v->part = parts[0];
    v->pair = count == 2;
    v->p = l->p;
    v->p.c *= count;
    v->bias = parts[0].bias ? gr_alloc((size_t)l->p.oc, sizeof *v->bias) : NULL;
    bool good = w != NULL && (v->bias != NULL || !parts[0].bias);
    for (int64_t t = 0; good && t < taps; t++)
        for (int i = 0; i < count; i++)
            change(&parts[i], row, l->weights + t * row, w + (t * count + i) * row);
    if (good && v->bias != NULL)
        change(&parts[0], l->p.oc, l->b, v->bias);
    if (good && l->dense) {
        v->dense = w;
        return true;
    }
    good = good && pack(l, v, w);
    gr_free(w);
    return good;
}

static bool same(const gr_relevance_part *a, const gr_relevance_part *b)
{
    bool weights =
        a->weighting == b->weighting && (a->weighting != GR_WEIGHTS_SIGNED || (a->plus == b->plus && a->minus == b->minus));
    return weights && a->bias == b->bias;
}

gr_status gr_relevance_weights_add(gr_relevance_weights *l, const gr_relevance_part *part, int *id, gr_error *err)
{
    for (*id = 0; *id < l->count; (*id)++)
        if (!l->variants[*id].pair && same(&l->variants[*id].part, part))
            return GR_OK;
    return make(l, part, 1) ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a layer's changed weights");
}

bool gr_relevance_weights_pairs(const gr_relevance_weights *l)
{
    return !l->dense && l->p.groups == 1 && l->p.c <= FEW;
}

gr_status gr_relevance_weights_add_pair(gr_relevance_weights *l, const gr_relevance_part parts[2], int *id, gr_error *err)
{
    *id = l->count;
    return make(l, parts, 2) ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a layer's changed weights");
}

size_t gr_relevance_weights_scratch(const gr_relevance_weights *l)
{
    return l->scratch;
}

/* ---- products
 * ---------------------------------------------------------------------------------------------------------------------- */

void gr_relevance_weights_forward(const gr_relevance_weights *l, int id, const float *x, float *z, void *scratch)
{
    const variant *v = &l->variants[id];
    const gr_conv_problem *p = &v->p;
    if (l->dense) {
        gr_kernels_get()->gemm(false, true, p->n, p->oc, p->c, x, p->c, v->dense, p->c, z, p->oc, false);
    } else {
        gr_conv_fusion f = {0};
        gr_conv_args args = {.x = x, .packed = v->packed[0], .out = z, .fusion = &f, .scratch = scratch};
        v->algorithm[0]->run(p, GR_FORWARD, &args);
    }
    if (v->bias != NULL)
        gr_kernels_get()->add_bias(p->n * p->oh * p->ow, p->oc, v->bias, z);
}

void gr_relevance_weights_backward(const gr_relevance_weights *l, int id, const float *s, float *g, void *scratch)
{
    const variant *v = &l->variants[id];
    const gr_conv_problem *p = &v->p;
    if (l->dense) {
        gr_kernels_get()->gemm(false, false, p->n, p->c, p->oc, s, p->oc, v->dense, p->c, g, p->c, false);
        return;
    }
    gr_conv_fusion f = {0};
    gr_conv_args args = {.dy = s, .packed = v->packed[1], .out = g, .fusion = &f, .scratch = scratch};
    v->algorithm[1]->run(p, GR_BACKDATA, &args);
}

/* ---- what is left over
 * ----------------------------------------------------------------------------------------------------------- */

typedef struct spread_job {
    const gr_conv_problem *p;
    const float *q;
    float *r;
} spread_job;

/* Taps of one axis that lie inside the image, [*from, *to). */
static void inside(int64_t out, int64_t stride, int64_t pad, int64_t dilation, int64_t taps, int64_t size, int64_t *from,
                   int64_t *to)
{
    int64_t start = out * stride - pad;
    *from = start < 0 ? (-start + dilation - 1) / dilation : 0;
    *to = taps;
    while (*to > *from && start + (*to - 1) * dilation >= size)
        (*to)--;
}

/* `share` to each of a group's channels at the taps of output pixel (oh, ow) of image n that are inside. */
static void spread_pixel(const spread_job *j, int64_t n, int64_t oh, int64_t ow, int64_t group, double sum)
{
    const gr_conv_problem *p = j->p;
    int64_t top, bottom, left, right, channels = p->c / p->groups;
    inside(oh, p->stride_h, p->pad_top, p->dil_h, p->kh, p->h, &top, &bottom);
    inside(ow, p->stride_w, p->pad_left, p->dil_w, p->kw, p->w, &left, &right);
    int64_t count = (bottom - top) * (right - left) * channels;
    if (count <= 0)
        return;
    float share = (float)(sum / (double)count);
    for (int64_t kh = top; kh < bottom; kh++)
        for (int64_t kw = left; kw < right; kw++) {
            int64_t h = oh * p->stride_h - p->pad_top + kh * p->dil_h, w = ow * p->stride_w - p->pad_left + kw * p->dil_w;
            float *to = j->r + ((n * p->h + h) * p->w + w) * p->c + group * channels;
            for (int64_t c = 0; c < channels; c++)
                to[c] += share;
        }
}

static void spread_image(void *ctx, int64_t n, int thread)
{
    (void)thread;
    const spread_job *j = ctx;
    const gr_conv_problem *p = j->p;
    int64_t outputs = p->oc / p->groups;
    const float *q = j->q + n * p->oh * p->ow * p->oc;
    for (int64_t pixel = 0; pixel < p->oh * p->ow; pixel++)
        for (int64_t group = 0; group < p->groups; group++, q += outputs) {
            double sum = 0.0;
            for (int64_t o = 0; o < outputs; o++)
                sum += (double)q[o];
            if (sum != 0.0)
                spread_pixel(j, n, pixel / p->ow, pixel % p->ow, group, sum);
        }
}

void gr_relevance_weights_spread(const gr_relevance_weights *l, const float *q, float *r)
{
    spread_job j = {&l->p, q, r};
    gr_parallel_for(l->p.n, spread_image, &j);
}
