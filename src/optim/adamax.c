/* Adamax (Kingma and Ba 2015, section 7.1): PyTorch adds eps to the gradient's size, Keras to the norm in the denominator. */
#include "kernels/kernels.h"
#include "optim/table.h"

static int copies(const gr_optim_options *options)
{
    (void)options;
    return 2;
}

static void step(const gr_optim_options *o, const gr_optim_now *now, size_t count, float *w, const float *g,
                 float *const *state)
{
    gr_update update = {.count = (int64_t)count,
                        .w = w,
                        .g = g,
                        .a = state[0],
                        .b = state[1],
                        .lr = (float)(now->lr / gr_optim_rest(o, o->betas[0], now->steps)),
                        .beta1 = (float)o->betas[0],
                        .rest1 = (float)(1 - o->betas[0]),
                        .beta2 = (float)o->betas[1],
                        .eps = (float)o->eps,
                        .l1 = (float)o->l1,
                        .decay = (float)gr_optim_coupled(o),
                        .keep = (float)gr_optim_keep(o, now->lr),
                        .keras = o->keras};
    gr_kernels_get()->update(GR_UPDATE_ADAMAX, &update);
}

const gr_optim_rule gr_optim_adamax = {.name = "adamax", .copies = copies, .step = step};
