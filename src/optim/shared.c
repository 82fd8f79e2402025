/* What rules share: where weight decay goes, into the gradient or off the weight before the step; and corrections. */
#include <math.h>

#include "optim/rule.h"

double gr_optim_coupled(const gr_optim_options *options)
{
    return options->decoupled ? 0 : options->weight_decay;
}

double gr_optim_keep(const gr_optim_options *options, double lr)
{
    return options->decoupled ? 1 - lr * options->weight_decay : 1;
}

double gr_optim_rest(const gr_optim_options *options, double beta, int64_t step)
{
    if (!options->keras)
        return 1 - pow(beta, (double)step);
    float power = (float)pow((double)(float)beta, (double)step);
    return (double)(1 - power);
}

void gr_optim_shrink(size_t count, float *w, double keep)
{
    float factor = (float)keep;
    for (size_t i = 0; i < count; i++)
        w[i] *= factor;
}
