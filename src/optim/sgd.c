/* SGD: PyTorch's form keeps a mean of gradients, Keras's a velocity in which the rates are (optim.h). */
#include "kernels/kernels.h"
#include "optim/table.h"

static int copies(const gr_optim_options *options)
{
    return options->momentum != 0 ? 1 : 0;
}

static void step(const gr_optim_options *o, const gr_optim_now *now, size_t count, float *w, const float *g,
                 float *const *state)
{
    if (!o->keras && !o->decoupled) {
        gr_kernels_get()->sgd((int64_t)count, w, g, state[0], now->lr, o->momentum, o->dampening, o->nesterov,
                              o->weight_decay, o->l1, now->steps == 1);
        return;
    }
    gr_update update = {.count = (int64_t)count,
                        .w = w,
                        .g = g,
                        .a = state[0],
                        .lr = (float)now->lr,
                        .momentum = (float)o->momentum,
                        .nesterov = o->nesterov,
                        .l1 = (float)o->l1,
                        .decay = (float)gr_optim_coupled(o),
                        .keep = (float)gr_optim_keep(o, now->lr)};
    if (o->keras) {
        gr_kernels_get()->update(GR_UPDATE_SGD, &update);
        return;
    }
    gr_optim_shrink(count, w, gr_optim_keep(o, now->lr));
    gr_kernels_get()->sgd((int64_t)count, w, g, state[0], now->lr, o->momentum, o->dampening, o->nesterov, 0, o->l1,
                          now->steps == 1);
}

const gr_optim_rule gr_optim_sgd = {.name = "sgd", .copies = copies, .step = step};
