/* Learning-rate schedules, an epoch at a time. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "grimace/optim.h"

/* ReduceLROnPlateau's defaults: what counts as better, and the smallest change of the rate that is made. */
static const double plateau_threshold = 1e-4, plateau_eps = 1e-8;

static void next_constant(gr_schedule *s, double loss)
{
    (void)s;
    (void)loss;
}

static void next_step(gr_schedule *s, double loss)
{
    (void)loss;
    if (s->epoch % s->options.step_size == 0)
        s->lr *= s->options.gamma;
}

static void next_cosine(gr_schedule *s, double loss)
{
    (void)loss;
    const double pi = 3.14159265358979323846;
    double low = s->options.min_lr, high = s->options.lr;
    s->lr = low + (high - low) * (1 + cos(pi * s->epoch / s->options.epochs)) / 2;
}

static void next_plateau(gr_schedule *s, double loss)
{
    if (loss < s->best * (1 - plateau_threshold)) {
        s->best = loss;
        s->bad_epochs = 0;
        return;
    }
    if (++s->bad_epochs <= s->options.patience)
        return;
    s->bad_epochs = 0;
    double lr = fmax(s->lr * s->options.factor, s->options.min_lr);
    if (s->lr - lr > plateau_eps)
        s->lr = lr;
}

/* The one table of schedules. */
static const struct rule {
    const char *name;
    void (*next)(gr_schedule *schedule, double loss);
} rules[] = {
    {"constant", next_constant},
    {"step", next_step},
    {"cosine", next_cosine},
    {"plateau", next_plateau},
};
enum { RULES = sizeof rules / sizeof rules[0] };

const char *gr_schedule_name(int i)
{
    return i >= 0 && i < RULES ? rules[i].name : NULL;
}

static const struct rule *find_rule(const char *name)
{
    for (int i = 0; i < RULES; i++)
        if (strcmp(rules[i].name, name) == 0)
            return &rules[i];
    return NULL;
}

gr_status gr_schedule_start(gr_schedule *schedule, const gr_schedule_options *options, gr_error *err)
{
    *schedule = (gr_schedule){.options = *options, .lr = options->lr, .best = INFINITY};
    if (find_rule(options->name) != NULL)
        return GR_OK;
    const char *names[RULES];
    for (int i = 0; i < RULES; i++)
        names[i] = rules[i].name;
    const char *near = gr_nearest(options->name, names, RULES);
    gr_text known = {0};
    gr_text_list(&known, names, RULES, "and");
    gr_status status = gr_fail(err, GR_INVALID, "there is no schedule \"%s\"%s%s%s; known are %s", options->name,
                               near != NULL ? ", did you mean \"" : "", near != NULL ? near : "", near != NULL ? "\"?" : "",
                               known.failed ? "" : known.data);
    gr_text_free(&known);
    return status;
}

void gr_schedule_next(gr_schedule *schedule, double loss)
{
    schedule->epoch++;
    find_rule(schedule->options.name)->next(schedule, loss);
}
