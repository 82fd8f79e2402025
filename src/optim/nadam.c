/* Nadam (Dozat 2016): beta1 of step t is beta1 (1 - .96^(t momentum_decay) / 2); momentum_decay is 0.004 in PyTorch, 1 in Keras,
 * which else are the same. */
#include <math.h>

#include "kernels/kernels.h"
#include "optim/table.h"

static int copies(const gr_optim_options *options)
{
    (void)options;
    return 2;
}

double gr_nadam_beta(const gr_optim_options *options, int64_t step)
{
    return options->betas[0] * (1 - 0.5 * pow(0.96, (double)step * options->momentum_decay));
}

static void step(const gr_optim_options *o, const gr_optim_now *now, size_t count, float *w, const float *g,
                 float *const *state)
{
    double beta = gr_nadam_beta(o, now->steps), next = gr_nadam_beta(o, now->steps + 1);
    gr_update update = {.count = (int64_t)count,
                        .w = w,
                        .g = g,
                        .a = state[0],
                        .b = state[1],
                        .lr = (float)(now->lr * (1 - beta) / (1 - now->moments)),
                        .lr2 = (float)(now->lr * next / (1 - now->moments * next)),
                        .beta1 = (float)o->betas[0],
                        .rest1 = (float)(1 - o->betas[0]),
                        .beta2 = (float)o->betas[1],
                        .rest2 = (float)gr_optim_rest(o, o->betas[1], 1), /* Keras takes beta2 in float32 here, too */
                        .correction = (float)sqrt(gr_optim_rest(o, o->betas[1], now->steps)),
                        .eps = (float)o->eps,
                        .l1 = (float)o->l1,
                        .decay = (float)gr_optim_coupled(o),
                        .keep = (float)gr_optim_keep(o, now->lr)};
    gr_kernels_get()->update(GR_UPDATE_NADAM, &update);
}

const gr_optim_rule gr_optim_nadam = {.name = "nadam", .copies = copies, .step = step, .beta = gr_nadam_beta};
