#include "conv_expected.h"

#include <math.h>
#include <stdlib.h>

size_t conv_size_x(const gr_conv_problem *p)
{
    return (size_t)(p->n * p->h * p->w * p->c);
}
size_t conv_size_w(const gr_conv_problem *p)
{
    return (size_t)(p->kh * p->kw * (p->c / p->groups) * p->oc);
}
size_t conv_size_y(const gr_conv_problem *p)
{
    return (size_t)(p->n * p->oh * p->ow * p->oc);
}

size_t conv_size_out(const gr_conv_problem *p, gr_direction d)
{
    return d == GR_FORWARD ? conv_size_y(p) : d == GR_BACKDATA ? conv_size_x(p) : conv_size_w(p);
}

/* All numbers in double, so that what the fusion does to inputs is done once, up front. */
static double *widened(size_t count, const float *from)
{
    double *to = gr_alloc(count, sizeof *to);
    if (to == NULL)
        abort();
    for (size_t i = 0; from != NULL && i < count; i++)
        to[i] = (double)from[i];
    return to;
}

static double within(double low, double x, double high)
{
    return x < low ? low : x > high ? high : x;
}

double conv_act(gr_act act, double x)
{
    switch (act) {
    case GR_ACT_NONE: break;
    case GR_ACT_RELU: return x < 0.0 ? 0.0 : x;
    case GR_ACT_RELU6: return within(0.0, x, 6.0);
    case GR_ACT_HARD_SIGMOID: return within(0.0, x + 3.0, 6.0) / 6.0;
    case GR_ACT_HARD_SWISH: return x * within(0.0, x + 3.0, 6.0) / 6.0;
    case GR_ACT_SILU: return x / (1.0 + exp(-x));
    }
    return x;
}

double conv_act_slope(gr_act act, double x)
{
    double s = 1.0 / (1.0 + exp(-x));
    switch (act) {
    case GR_ACT_NONE: break;
    case GR_ACT_RELU: return x > 0.0 ? 1.0 : 0.0;
    case GR_ACT_RELU6: return x > 0.0 && x < 6.0 ? 1.0 : 0.0;
    case GR_ACT_HARD_SIGMOID: return x > -3.0 && x < 3.0 ? 1.0 / 6.0 : 0.0;
    case GR_ACT_HARD_SWISH: return x < -3.0 ? 0.0 : x > 3.0 ? 1.0 : x / 3.0 + 0.5;
    case GR_ACT_SILU: return s + s * x * (1.0 - s);
    }
    return 1.0;
}

static double *read_x(const gr_conv_problem *p, const gr_conv_fusion *f, const float *x)
{
    double *out = widened(conv_size_x(p), x);
    for (size_t i = 0; i < conv_size_x(p); i++) {
        size_t c = i % (size_t)p->c;
        if (f->in_scale != NULL)
            out[i] = out[i] * (double)f->in_scale[c] + (double)f->in_shift[c];
        out[i] = conv_act(f->in_act, out[i]);
    }
    return out;
}

static double *read_dy(const gr_conv_problem *p, const gr_conv_fusion *f, const float *dy)
{
    double *out = widened(conv_size_y(p), dy);
    for (size_t i = 0; f->out_a != NULL && i < conv_size_y(p); i++) {
        size_t oc = i % (size_t)p->oc;
        out[i] = out[i] * (double)f->out_a[oc] + (double)f->y[i] * (double)f->out_b[oc] + (double)f->out_c[oc];
    }
    return out;
}

/* Every multiply-add of a convolution, in whatever direction: output y, input x, weight w of one term. */
typedef struct term_sum {
    gr_direction d;
    double *x, *w, *y;
    conv_expected *e;
} term_sum;

static void add_term(const term_sum *s, size_t x, size_t w, size_t y)
{
    size_t at = s->d == GR_FORWARD ? y : s->d == GR_BACKDATA ? x : w;
    double term = s->d == GR_FORWARD ? s->x[x] * s->w[w] : s->d == GR_BACKDATA ? s->y[y] * s->w[w] : s->x[x] * s->y[y];
    s->e->out[at] += term;
    s->e->magnitude[at] += fabs(term);
}

static void add_pixel(const term_sum *s, const gr_conv_problem *p, int64_t x, int64_t tap, int64_t y)
{
    int64_t cg = p->c / p->groups, ocg = p->oc / p->groups;
    for (int64_t oc = 0; oc < p->oc; oc++)
        for (int64_t c = 0; c < cg; c++)
            add_term(s, (size_t)(x * p->c + oc / ocg * cg + c), (size_t)((tap * cg + c) * p->oc + oc),
                     (size_t)(y * p->oc + oc));
}

static void add_all(const term_sum *s, const gr_conv_problem *p)
{
    for (int64_t at = 0; at < p->n * p->oh * p->ow; at++)
        for (int64_t tap = 0; tap < p->kh * p->kw; tap++) {
            int64_t ow = at % p->ow, oh = at / p->ow % p->oh, n = at / (p->ow * p->oh);
            int64_t ih = oh * p->stride_h - p->pad_top + tap / p->kw * p->dil_h;
            int64_t iw = ow * p->stride_w - p->pad_left + tap % p->kw * p->dil_w;
            if (ih >= 0 && ih < p->h && iw >= 0 && iw < p->w)
                add_pixel(s, p, (n * p->h + ih) * p->w + iw, tap, at);
        }
}

static void finish_forward(conv_expected *e, const gr_conv_fusion *f)
{
    for (size_t i = 0; i < e->count; i++) {
        size_t oc = i % e->channels;
        if (f->bias != NULL)
            e->out[i] += (double)f->bias[oc];
        e->sums[oc] += e->out[i];
        e->sums[e->channels + oc] += e->out[i] * e->out[i];
        if (f->residual != NULL)
            e->out[i] += (double)f->residual[i];
        e->out[i] = conv_act(f->act, e->out[i]);
    }
}

static void finish_data(conv_expected *e, const gr_conv_fusion *f)
{
    for (size_t i = 0; f->mask_x != NULL && i < e->count; i++) {
        size_t c = i % e->channels;
        double x = (double)f->mask_x[i];
        double act = f->mask_scale == NULL ? x : x * (double)f->mask_scale[c] + (double)f->mask_shift[c];
        e->out[i] *= conv_act_slope(f->mask_act, act);
        e->sums[c] += e->out[i];
        e->sums[e->channels + c] += e->out[i] * x;
    }
}

void conv_expect(conv_expected *e, const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *f, const float *x,
                 const float *weights, const float *dy, const float *before)
{
    e->count = conv_size_out(p, d);
    e->channels = (size_t)(d == GR_BACKDATA ? p->c : p->oc);
    e->out = widened(e->count, before);
    e->magnitude = widened(e->count, NULL);
    e->sums = widened(2 * e->channels, NULL);
    term_sum s = {d, read_x(p, f, x), widened(conv_size_w(p), weights), read_dy(p, f, dy), e};
    add_all(&s, p);
    gr_free(s.x), gr_free(s.w), gr_free(s.y);
    if (d == GR_FORWARD)
        finish_forward(e, f);
    else if (d == GR_BACKDATA)
        finish_data(e, f);
}

void conv_expected_free(conv_expected *e)
{
    gr_free(e->out), gr_free(e->magnitude), gr_free(e->sums);
}
