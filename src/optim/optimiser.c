/* Optimisers: which rule runs over which numbers, and the state that it needs. */
#include "grimace/optim.h"

#include <string.h>

#include "base/base.h"
#include "optim/clip.h"
#include "optim/table.h"

/* Invariant: spans are ascending and do not touch. The state holds `copies` arrays of `trained` floats each, in which the
 * spans lie one behind the other. */
struct gr_optim {
    gr_optim_options options;
    const gr_optim_rule *rule;
    gr_span *spans, *tensors; /* joined; as they were given */
    int span_count, tensor_count;
    size_t trained;
    int copies;
    float *state;
    int64_t steps;
    double moments; /* the product of the rule's beta1 of all steps */
};

#define ADDRESS(name) &gr_optim_##name,
static const gr_optim_rule *const rules[] = {GR_OPTIM_RULES(ADDRESS)};
enum { RULES = sizeof rules / sizeof rules[0] };

const char *gr_optim_name(int i)
{
    return i >= 0 && i < RULES ? rules[i]->name : NULL;
}

static gr_status find_rule(const char *name, const gr_optim_rule **out, gr_error *err)
{
    const char *names[RULES];
    for (int i = 0; i < RULES; i++) {
        names[i] = rules[i]->name;
        if (strcmp(rules[i]->name, name) == 0) {
            *out = rules[i];
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
    const gr_optim_rule *rule = NULL;
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
    optim->rule = rule;
    optim->moments = 1;
    optim->copies = rule->copies(options);
    optim->spans = gr_alloc((size_t)count, sizeof *optim->spans);
    optim->tensors = gr_alloc((size_t)count, sizeof *optim->tensors);
    bool good = optim->spans != NULL && optim->tensors != NULL;
    if (good) {
        join_spans(optim, spans, count);
        memcpy(optim->tensors, spans, (size_t)count * sizeof *spans);
        optim->tensor_count = count;
    }
    size_t floats = 0;
    good = good && gr_mul_size(optim->trained, (size_t)optim->copies, &floats);
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
    for (size_t i = 0; rule->initial != NULL && i < optim->trained; i++)
        optim->state[i] = (float)rule->initial(options);
    *out = optim;
    return GR_OK;
}

void gr_optim_destroy(gr_optim *optim)
{
    if (optim == NULL)
        return;
    gr_free(optim->state);
    gr_free(optim->spans);
    gr_free(optim->tensors);
    gr_free(optim);
}

/* Does the product of betas take in that of this step for the tensor? Keras 2.15 means to do so once a step, by a counter of
 * Python's; but fit's graph has the counter's values while it was traced, for the second time, one more for each tensor. */
static bool takes_beta(const gr_optim *optim, int tensor)
{
    return optim->options.product_by_tensor ? tensor != optim->steps - optim->tensor_count : tensor == 0;
}

static bool by_tensor(const gr_optim *optim)
{
    return optim->rule->beta != NULL && optim->options.product_by_tensor;
}

void gr_optim_step(gr_optim *optim, float *values, float *gradients, double lr)
{
    const gr_optim_options *o = &optim->options;
    if (o->clip_value > 0 || o->clip_norm > 0 || o->clip_global_norm > 0)
        gr_optim_clip(o, optim->tensors, optim->tensor_count, gradients);
    optim->steps++;
    size_t at = 0;
    int count = by_tensor(optim) ? optim->tensor_count : optim->span_count;
    for (int i = 0; i < count; i++) {
        const gr_span *span = by_tensor(optim) ? &optim->tensors[i] : &optim->spans[i];
        if (optim->rule->beta != NULL && takes_beta(optim, i))
            optim->moments *= optim->rule->beta(o, optim->steps);
        const gr_optim_now now = {lr, optim->steps, optim->moments};
        float *state[GR_OPTIM_MOST_COPIES] = {NULL};
        for (int copy = 0; copy < optim->copies; copy++)
            state[copy] = optim->state + (size_t)copy * optim->trained + at;
        optim->rule->step(o, &now, span->count, values + span->offset, gradients + span->offset, state);
        at += span->count;
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
    int count = by_tensor(optim) ? optim->tensor_count : 1;
    optim->moments = 1;
    for (optim->steps = 1; optim->rule->beta != NULL && optim->steps <= steps; optim->steps++)
        for (int i = 0; i < count; i++)
            if (takes_beta(optim, i))
                optim->moments *= optim->rule->beta(&optim->options, optim->steps);
    optim->steps = steps;
}
