/* What the numbers of a model's cost are called. */
#include "grimace/cost.h"

#include <stddef.h>

enum { NUMBERS = 3 };

const char *gr_cost_name(int i)
{
    static const char *const names[NUMBERS] = {"parameters", "megabytes", "ms_per_image"};
    return i >= 0 && i < NUMBERS ? names[i] : NULL;
}

double gr_cost_number(const gr_cost *cost, int i)
{
    const double numbers[NUMBERS] = {cost->parameters, cost->megabytes, cost->ms_per_image};
    return numbers[i];
}
