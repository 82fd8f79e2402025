/* Learning-rate schedules, by epochs or by steps. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "grimace/optim.h"
#include "optim/plateau.h"

static const double pi = 3.14159265358979323846;

/* T of the formulae. */
static double span_of(const gr_schedule_options *o)
{
    int rest = o->epochs - o->warmup;
    return o->decay_steps > 0 ? o->decay_steps : rest > 1 ? rest : 1;
}

static double at_constant(const gr_schedule_options *o, int t)
{
    (void)t;
    return o->lr;
}

static double at_step(const gr_schedule_options *o, int t)
{
    double lr = o->lr;
    for (int drops = t / o->step_size; drops > 0 && lr > 0; drops--) /* as StepLR rounds */
        lr *= o->gamma;
    return lr;
}

static double at_cosine(const gr_schedule_options *o, int t)
{
    double span = span_of(o), at = o->decay_steps > 0 ? fmin(t, span) : t;
    return o->min_lr + (o->lr - o->min_lr) * (1 + cos(pi * at / span)) / 2;
}

static double at_cosine_restarts(const gr_schedule_options *o, int t)
{
    double done = t / span_of(o), period = 0, share;
    if (o->t_mul > 1) {
        period = floor(log(1 - done * (1 - o->t_mul)) / log(o->t_mul));
        share = (done - (1 - pow(o->t_mul, period)) / (1 - o->t_mul)) / pow(o->t_mul, period);
    } else {
        period = floor(done);
        share = done - period;
    }
    return o->min_lr + (o->lr - o->min_lr) * pow(o->m_mul, period) * (1 + cos(pi * share)) / 2;
}

static double exponent(const gr_schedule_options *o, int t)
{
    double done = t / span_of(o);
    return o->staircase ? floor(done) : done;
}

static double at_exponential(const gr_schedule_options *o, int t)
{
    return o->lr * pow(o->decay_rate, exponent(o, t));
}

static double at_inverse_time(const gr_schedule_options *o, int t)
{
    return o->lr / (1 + o->decay_rate * exponent(o, t));
}

static double at_polynomial(const gr_schedule_options *o, int t)
{
    double span = span_of(o), at = t;
    if (o->cycle)
        span *= t == 0 ? 1 : ceil(t / span);
    else
        at = fmin(at, span);
    return (o->lr - o->min_lr) * pow(1 - at / span, o->power) + o->min_lr;
}

static double at_piecewise(const gr_schedule_options *o, int t)
{
    int i = 0;
    while (i < o->boundary_count && t > o->boundaries[i])
        i++;
    return o->values[i];
}

/* The one table of schedules. */
static const struct rule {
    const char *name;
    double (*at)(const gr_schedule_options *options, int t); /* NULL: plateau, which is no function of time */
} rules[] = {
    {"constant", at_constant},
    {"step", at_step},
    {"cosine", at_cosine},
    {"plateau", NULL},
    {"cosine_restarts", at_cosine_restarts},
    {"exponential", at_exponential},
    {"inverse_time", at_inverse_time},
    {"polynomial", at_polynomial},
    {"piecewise", at_piecewise},
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

static void set_rate(gr_schedule *s)
{
    const gr_schedule_options *o = &s->options;
    if (s->epoch < o->warmup)
        s->lr = o->warmup_from + (o->lr - o->warmup_from) * s->epoch / o->warmup;
    else
        s->lr = find_rule(o->name)->at(o, s->epoch - o->warmup);
}

gr_status gr_schedule_start(gr_schedule *schedule, const gr_schedule_options *options, gr_error *err)
{
    *schedule = (gr_schedule){.options = *options, .lr = options->lr, .best = INFINITY};
    const struct rule *rule = find_rule(options->name);
    if (rule != NULL && rule->at != NULL)
        set_rate(schedule);
    if (rule != NULL)
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

void gr_schedule_step(gr_schedule *schedule)
{
    if (!schedule->options.per_step || find_rule(schedule->options.name)->at == NULL)
        return;
    schedule->epoch++;
    set_rate(schedule);
}

void gr_schedule_next(gr_schedule *schedule, double loss)
{
    bool timed = find_rule(schedule->options.name)->at != NULL;
    if (timed && schedule->options.per_step)
        return;
    schedule->epoch++;
    if (timed)
        set_rate(schedule);
    else
        gr_plateau_next(schedule, loss);
}
