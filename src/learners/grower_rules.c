#include "learners/grower_rules.h"

#include <stdlib.h>
#include <string.h>

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
                             .scores = o->kind == GR_BOOST_SCORES};
}
