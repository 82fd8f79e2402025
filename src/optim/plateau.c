/* ReduceLROnPlateau by two rules, that of torch.optim.lr_scheduler and that of keras.callbacks. */
#include "optim/plateau.h"

#include <math.h>

/* torch's defaults: what counts as better, and the smallest change of the rate that is made. */
static const double threshold = 1e-4, least_change = 1e-8;

static void next_torch(gr_schedule *s, double loss)
{
    if (loss < s->best * (1 - threshold)) {
        s->best = loss;
        s->bad_epochs = 0;
    } else {
        s->bad_epochs++;
    }
    if (s->cooling > 0) {
        s->cooling--;
        s->bad_epochs = 0;
    }
    if (s->bad_epochs <= s->options.patience)
        return;
    s->bad_epochs = 0;
    s->cooling = s->options.cooldown;
    double lr = fmax(s->lr * s->options.factor, s->options.min_lr);
    if (s->lr - lr > least_change)
        s->lr = lr;
}

static void next_keras(gr_schedule *s, double loss)
{
    if (s->cooling > 0) {
        s->cooling--;
        s->bad_epochs = 0;
    }
    if (loss < s->best - s->options.min_delta) {
        s->best = loss;
        s->bad_epochs = 0;
        return;
    }
    if (s->cooling > 0 || ++s->bad_epochs < s->options.patience || !(s->lr > s->options.min_lr))
        return;
    s->lr = fmax(s->lr * s->options.factor, s->options.min_lr);
    s->cooling = s->options.cooldown;
    s->bad_epochs = 0;
}

void gr_plateau_next(gr_schedule *schedule, double loss)
{
    (schedule->options.keras ? next_keras : next_torch)(schedule, loss);
}
