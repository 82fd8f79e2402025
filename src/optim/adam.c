/* Adam and AdamW. Keras's form has eps outside the correction, and AMSGrad's largest moment is not corrected; in the kernel
 * that is another rate and a correction of 1. */
#include <math.h>

#include "kernels/kernels.h"
#include "optim/table.h"

static int copies(const gr_optim_options *options)
{
    return options->amsgrad ? 3 : 2;
}

static void step(const gr_optim_options *o, const gr_optim_now *now, size_t count, float *w, const float *g,
                 float *const *state)
{
    if (!o->keras && !o->amsgrad) {
        gr_kernels_get()->adam((int64_t)count, w, g, state[0], state[1], now->lr, o->betas[0], o->betas[1], o->eps,
                               o->weight_decay, o->l1, o->decoupled, now->steps);
        return;
    }
    double first = gr_optim_rest(o, o->betas[0], now->steps), second = sqrt(gr_optim_rest(o, o->betas[1], now->steps));
    gr_update update = {.count = (int64_t)count,
                        .w = w,
                        .g = g,
                        .a = state[0],
                        .b = state[1],
                        .c = o->amsgrad ? state[2] : NULL,
                        .lr = (float)(o->keras ? now->lr * second / first : now->lr / first),
                        .beta1 = (float)o->betas[0],
                        .rest1 = (float)(1 - o->betas[0]),
                        .beta2 = (float)o->betas[1],
                        .rest2 = (float)(1 - o->betas[1]),
                        .correction = o->keras ? 1 : (float)second,
                        .eps = (float)o->eps,
                        .l1 = (float)o->l1,
                        .decay = (float)gr_optim_coupled(o),
                        .keep = (float)gr_optim_keep(o, now->lr)};
    gr_kernels_get()->update(GR_UPDATE_ADAM, &update);
}

static void step_decoupled(const gr_optim_options *options, const gr_optim_now *now, size_t count, float *w, const float *g,
                           float *const *state)
{
    gr_optim_options decoupled = *options;
    decoupled.decoupled = true;
    step(&decoupled, now, count, w, g, state);
}

const gr_optim_rule gr_optim_adam = {.name = "adam", .copies = copies, .step = step};
const gr_optim_rule gr_optim_adamw = {.name = "adamw", .copies = copies, .step = step_decoupled};
