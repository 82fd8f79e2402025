/* SGD, Adam and AdamW: which kernel runs over which numbers, and the state they need. */
#include "grimace/optim.h"

#include <string.h>

#include "base/base.h"
#include "kernels/kernels.h"

/* Invariant: spans are ascending and do not touch. The state holds `copies` arrays of `trained` floats each, in which the
 * spans lie one behind the other. */
struct gr_optim {
    gr_optim_options options;
    void (*step)(gr_optim *optim, const gr_span *span, size_t at, float *values, const float *gradients, double lr);
    gr_span *spans;
    int span_count;
    size_t trained;
    int copies;
    float *state;
    int64_t steps;
};

static void step_sgd(gr_optim *optim, const gr_span *span, size_t at, float *values, const float *gradients, double lr)
{
    const gr_optim_options *o = &optim->options;
    float *momentum = optim->copies > 0 ? optim->state + at : NULL;
    gr_kernels_get()->sgd((int64_t)span->count, values + span->offset, gradients + span->offset, momentum, lr,
                          o->momentum, o->dampening, o->nesterov, o->weight_decay, o->l1,
                          optim->steps == 1);
}

static void step_adam_any(gr_optim *optim, const gr_span *span, size_t at, float *values, const float *gradients, double lr,
                          bool decoupled)
{
    const gr_optim_options *o = &optim->options;
    gr_kernels_get()->adam((int64_t)span->count, values + span->offset, gradients + span->offset, optim->state + at,
                           optim->state + optim->trained + at, lr, o->betas[0], o->betas[1],
                           o->eps, o->weight_decay, o->l1, decoupled, optim->steps);
}

static void step_adam(gr_optim *optim, const gr_span *span, size_t at, float *values, const float *gradients, double lr)
{
    step_adam_any(optim, span, at, values, gradients, lr, false);
}

static void step_adamw(gr_optim *optim, const gr_span *span, size_t at, float *values, const float *gradients, double lr)
{
    step_adam_any(optim, span, at, values, gradients, lr, true);
}

static int copies_sgd(const gr_optim_options *options)
{
    return options->momentum != 0 ? 1 : 0;
}

static int copies_adam(const gr_optim_options *options)
{
    (void)options;
    return 2;
}

/* The one table of update rules. */
static const struct rule {
    const char *name;
    void (*step)(gr_optim *optim, const gr_span *span, size_t at, float *values, const float *gradients, double lr);
    int (*copies)(const gr_optim_options *options);
} rules[] = {
    {"sgd", step_sgd, copies_sgd},
    {"adam", step_adam, copies_adam},
    {"adamw", step_adamw, copies_adam},
};
enum { RULES = sizeof rules / sizeof rules[0] };

const char *gr_optim_name(int i)
{
    return i >= 0 && i < RULES ? rules[i].name : NULL;
}

static gr_status find_rule(const char *name, const struct rule **out, gr_error *err)
{
    const char *names[RULES];
    for (int i = 0; i < RULES; i++) {
        names[i] = rules[i].name;
        if (strcmp(rules[i].name, name) == 0) {
            *out = &rules[i];
            return GR_OK;
        }
    }
    const char *near = gr_nearest(name, names, RULES);
    gr_text known = {0};
    gr_text_list(&known, names, RULES, "and");
    gr_status status = gr_fail(err, GR_INVALID, "there is no optimiser \"%s\"%s%s%s; known are %s", name,
                               near != NULL ? ", did you mean \"" : "", near != NULL ? near : "", near != NULL ? "\"?" : "",
                               known.failed ? "" : known.data);
    gr_text_free(&known);
    return status;
}

/* Copies the spans, joining those that touch: fewer and longer runs for the kernels. */
static void join_spans(gr_optim *optim, const gr_span *spans, int count)
{
    for (int i = 0; i < count; i++) {
        gr_span *last = optim->span_count > 0 ? &optim->spans[optim->span_count - 1] : NULL;
        if (last != NULL && last->offset + last->count == spans[i].offset)
            last->count += spans[i].count;
        else
            optim->spans[optim->span_count++] = spans[i];
        optim->trained += spans[i].count;
    }
}

gr_status gr_optim_create(const gr_optim_options *options, const gr_span *spans, int count, gr_optim **out, gr_error *err)
{
    *out = NULL;
    const struct rule *rule = NULL;
    gr_status status = find_rule(options->name, &rule, err);
    if (status != GR_OK)
        return status;
    if (count <= 0)
        return gr_fail(err, GR_INVALID, "no parameter is left to train");
    gr_optim *optim = gr_alloc(1, sizeof *optim);
    if (optim == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the optimiser");
    optim->options = *options;
    optim->options.name = rule->name;
    optim->step = rule->step;
    optim->copies = rule->copies(options);
    optim->spans = gr_alloc((size_t)count, sizeof *optim->spans);
    if (optim->spans != NULL)
        join_spans(optim, spans, count);
    size_t floats = 0;
    bool good = optim->spans != NULL && gr_mul_size(optim->trained, (size_t)optim->copies, &floats);
    if (good && floats > 0) {
        optim->state = gr_alloc_aligned(floats, sizeof *optim->state);
        good = optim->state != NULL;
    }
    if (!good) {
        gr_optim_destroy(optim);
        return gr_fail(err, GR_NOMEM, "no memory for the optimiser's state");
    }
    if (floats > 0)
        memset(optim->state, 0, floats * sizeof *optim->state);
    *out = optim;
    return GR_OK;
}

void gr_optim_destroy(gr_optim *optim)
{
    if (optim == NULL)
        return;
    gr_free(optim->state);
    gr_free(optim->spans);
    gr_free(optim);
}

void gr_optim_step(gr_optim *optim, float *values, const float *gradients, double lr)
{
    optim->steps++;
    size_t at = 0;
    for (int i = 0; i < optim->span_count; i++) {
        optim->step(optim, &optim->spans[i], at, values, gradients, lr);
        at += optim->spans[i].count;
    }
}

float *gr_optim_state(gr_optim *optim, size_t *count)
{
    *count = optim->trained * (size_t)optim->copies;
    return optim->state;
}

int64_t gr_optim_steps(const gr_optim *optim)
{
    return optim->steps;
}

void gr_optim_set_steps(gr_optim *optim, int64_t steps)
{
    optim->steps = steps;
}
