#include "learners/grower_rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "learners/bins.h"
#include "learners/draws.h"

/* Version 1.7 rounds what stands before the point, what stands behind it, and their sum, each to float32. */
static float told(double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.9g", value);
    const char *point = strchr(text, '.');
    if (point == NULL || strchr(text, 'e') != NULL)
        return strtof(text, NULL);
    double tens = 1;
    for (size_t i = 1; i < strlen(point); i++)
        tens *= 10;
    float whole = (float)strtoull(text[0] == '-' ? text + 1 : text, NULL, 10);
    float sum = whole + (float)((double)strtoull(point + 1, NULL, 10) / tens);
    return text[0] == '-' ? -sum : sum;
}

bool gr_grower_plain(double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.9g", value);
    return value >= 0 && strchr(text, 'e') == NULL && told(value) == strtof(text, NULL);
}

gr_grower_rules gr_grower_rules_of(const gr_boost_options *o)
{
    return (gr_grower_rules){.rate = told(o->rate),
                             .alpha = told(o->alpha),
                             .lambda = told(o->lambda),
                             .gamma = told(o->gamma),
                             .least = told(o->min_child_weight),
                             .positive = o->kind == GR_BOOST_BINARY ? told(o->positive_weight) : 1.0F,
                             .base = told(o->base),
                             .rows = told(o->subsample),
                             .columns = told(o->colsample),
                             .seed = (uint32_t)(o->seed & 0x7fffffffU),
                             .depth = o->depth,
                             .scores = o->kind == GR_BOOST_SCORES,
                             .falling = o->kind == GR_BOOST_ORDINAL,
                             .copies = o->kind == GR_BOOST_ORDINAL ? o->classes - 1 : 1};
}

static double shrunk(double gradient, double alpha)
{
    return gradient > alpha ? gradient - alpha : gradient < -alpha ? gradient + alpha : 0.0;
}

float gr_grower_value(const gr_grower_rules *r, gr_grower_bounds b, double gradient, double hessian)
{
    if (hessian < (double)r->least || hessian <= 0)
        return r->falling ? fminf(fmaxf(0, b.lower), b.upper) : 0.0F;
    float value = (float)(-shrunk(gradient, (double)r->alpha) / (hessian + (double)r->lambda));
    return r->falling ? fminf(fmaxf(value, b.lower), b.upper) : value;
}

/* In float32 throughout where values are bounded. */
float gr_grower_gain(const gr_grower_rules *r, gr_grower_bounds b, double gradient, double hessian)
{
    if (hessian <= 0)
        return 0.0F;
    if (r->falling) {
        float value = gr_grower_value(r, b, gradient, hessian), g = (float)gradient, h = (float)hessian + r->lambda;
        return -(2.0F * g * value + h * (value * value));
    }
    double past = shrunk(gradient, (double)r->alpha);
    return (float)(past * past) / (float)(hessian + (double)r->lambda);
}

bool gr_grower_takes(const gr_boost_options *o)
{
    return o->kind != GR_BOOST_CLASSES && o->depth >= 1 && o->depth <= GR_GROWER_DEPTH &&
           o->subsample > 0 && o->subsample <= 1 && o->colsample > 0 && o->colsample <= 1 && o->min_child_weight >= 1e-3 &&
           gr_grower_plain(o->rate) && gr_grower_plain(o->alpha) && gr_grower_plain(o->subsample) &&
           gr_grower_plain(o->colsample);
}

bool gr_grower_reads(const gr_boost_options *o, const gr_boost_part *p, int64_t learnt)
{
    gr_grower_rules r = gr_grower_rules_of(o);
    if (p->weights != NULL || p->count < 1 || learnt * r.copies > GR_BINS_ROWS || p->column_count < 1 ||
        p->column_count + r.falling > GR_DRAWS_COLUMNS)
        return false;
    for (int64_t i = 0; i < p->count; i++)
        for (int c = 0; c < p->column_count; c++)
            if (isinf(gr_grower_cell(p, 1, i, c)))
                return false;
    return true;
}
