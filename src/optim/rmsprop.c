/* RMSprop (Hinton's lecture): Keras has eps under the root and the rate within the momentum. */
#include "kernels/kernels.h"
#include "optim/table.h"

static int copies(const gr_optim_options *options)
{
    return 1 + (options->centered ? 1 : 0) + (options->momentum != 0 ? 1 : 0);
}

static void step(const gr_optim_options *o, const gr_optim_now *now, size_t count, float *w, const float *g,
                 float *const *state)
{
    gr_update update = {.count = (int64_t)count,
                        .w = w,
                        .g = g,
                        .a = state[0],
                        .b = o->centered ? state[1] : NULL,
                        .c = o->momentum != 0 ? state[o->centered ? 2 : 1] : NULL,
                        .lr = (float)now->lr,
                        .beta2 = (float)o->rho,
                        .rest2 = (float)(1 - o->rho),
                        .eps = (float)o->eps,
                        .momentum = (float)o->momentum,
                        .l1 = (float)o->l1,
                        .decay = (float)gr_optim_coupled(o),
                        .keep = (float)gr_optim_keep(o, now->lr),
                        .keras = o->keras};
    gr_kernels_get()->update(GR_UPDATE_RMSPROP, &update);
}

const gr_optim_rule gr_optim_rmsprop = {.name = "rmsprop", .copies = copies, .step = step};
