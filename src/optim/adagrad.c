/* Adagrad (Duchi et al. 2011): Keras has eps under the root and begins the sum with 0.1. */
#include "kernels/kernels.h"
#include "optim/table.h"

static int copies(const gr_optim_options *options)
{
    (void)options;
    return 1;
}

static double initial(const gr_optim_options *options)
{
    return options->initial_accumulator;
}

static void step(const gr_optim_options *o, const gr_optim_now *now, size_t count, float *w, const float *g,
                 float *const *state)
{
    gr_update update = {.count = (int64_t)count,
                        .w = w,
                        .g = g,
                        .a = state[0],
                        .lr = (float)now->lr,
                        .eps = (float)o->eps,
                        .l1 = (float)o->l1,
                        .decay = (float)gr_optim_coupled(o),
                        .keep = (float)gr_optim_keep(o, now->lr),
                        .keras = o->keras};
    gr_kernels_get()->update(GR_UPDATE_ADAGRAD, &update);
}

const gr_optim_rule gr_optim_adagrad = {.name = "adagrad", .copies = copies, .step = step, .initial = initial};
