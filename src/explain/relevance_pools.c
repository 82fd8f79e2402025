/* The largest takes all, the first of equals in the order of rows; of a mean each number gets its share of the sum;
 * attention scores are weights that stay as they are. */
#include "explain/relevance_pools.h"

#include <string.h>

#include "ops/ops.h"

enum { LINE = 64 };

static size_t lines(int64_t floats)
{
    return ((size_t)floats * sizeof(float) + LINE - 1) / LINE * LINE;
}

/* ---- maxima: forward once more, for the places that it saves
 * ------------------------------------------------------------------ */

static unsigned read_input(const gr_relevance_step *step)
{
    (void)step;
    return GR_READS_INPUT0;
}

static size_t max_saved(const gr_relevance_step *step)
{
    gr_call call = step->call;
    call.gradients = true;
    return step->op->type->saved_size(&call);
}

static size_t max_scratch(const gr_relevance_step *step)
{
    return lines(gr_relevance_elements(&step->call.out[0]));
}

static void run_max(gr_relevance_step *step)
{
    gr_call call = step->call;
    call.gradients = true;
    call.out[0].data = step->call.scratch;
    step->op->type->forward(&call);
    step->op->type->backward(&call);
}

#define LARGEST(operator)                                                                                                   \
    {                                                                                                                       \
        .type = &gr_op_##operator, .reads = read_input, .saved_size = max_saved, .scratch_size = max_scratch,               \
        .run = run_max                                                                                                      \
    }
const gr_relevance_kind gr_relevance_max_pool = LARGEST(max_pool), gr_relevance_global_max_pool = LARGEST(global_max_pool);

/* ---- means
 * ----------------------------------------------------------------------------------------------------------------------------
 */

static unsigned read_both(const gr_relevance_step *step)
{
    return step->rules->plain ? 0 : GR_READS_INPUT0 | GR_READS_OUTPUT0;
}

static size_t mean_scratch(const gr_relevance_step *step)
{
    return 2 * lines(gr_relevance_elements(&step->call.out[0])) + lines(gr_relevance_elements(&step->call.in[0]));
}

static void run_mean(gr_relevance_step *step)
{
    gr_call call = step->call;
    if (step->rules->plain) {
        step->op->type->backward(&call);
        return;
    }
    int64_t outputs = gr_relevance_elements(&call.out[0]), inputs = gr_relevance_elements(&call.in[0]);
    char *at = call.scratch;
    float *z = (float *)at, *s = (float *)(at + lines(outputs)), *product = (float *)(at + 2 * lines(outputs));
    float *to = call.in[0].grad;
    bool add = call.in[0].accumulate;
    memcpy(z, call.out[0].data, (size_t)outputs * sizeof *z);
    bool left =
        gr_relevance_divide(outputs, step->rules->division, step->rules->eps, GR_SIDE_ALL, NULL, call.out[0].grad, z, s);
    call.in[0].grad = product;
    call.in[0].accumulate = false;
    call.out[0].grad = s;
    step->op->type->backward(&call);
    gr_relevance_multiply(inputs, 1.0, call.in[0].data, product, to, add);
    if (!left)
        return;
    call.in[0].grad = to;
    call.in[0].accumulate = true;
    call.out[0].grad = z;
    step->op->type->backward(&call);
}

#define MEAN(operator)                                                                                                      \
    {                                                                                                                       \
        .type = &gr_op_##operator, .reads = read_both, .scratch_size = mean_scratch, .run = run_mean                        \
    }
const gr_relevance_kind gr_relevance_avg_pool = MEAN(avg_pool), gr_relevance_global_avg_pool = MEAN(global_avg_pool),
                        gr_relevance_adaptive_avg_pool = MEAN(adaptive_avg_pool);

/* ---- attention: z = sum_j beta_j x_j
 * ---------------------------------------------------------------------------------------------- */

static unsigned read_attention(const gr_relevance_step *step)
{
    (void)step;
    return GR_READS_INPUT0 | GR_READS_OUTPUT0 | (GR_READS_OUTPUT0 << 1);
}

static size_t attention_scratch(const gr_relevance_step *step)
{
    return 2 * lines(gr_relevance_elements(&step->call.out[0]));
}

static void run_attention(gr_relevance_step *step)
{
    const gr_call *call = &step->call;
    const gr_shape *x = &call->in[0].shape;
    int64_t regions = x->dim[1] * x->dim[2], c = x->dim[3], outputs = gr_relevance_elements(&call->out[0]);
    float *z = call->scratch, *s = (float *)((char *)call->scratch + lines(outputs));
    const float *r = call->out[0].grad;
    memcpy(z, call->out[0].data, (size_t)outputs * sizeof *z);
    if (step->rules->plain)
        memcpy(s, r, (size_t)outputs * sizeof *s);
    else
        gr_relevance_divide(outputs, step->rules->division, step->rules->eps, GR_SIDE_ALL, NULL, r, z, s);
    bool even = !step->rules->plain && step->rules->division == GR_DIVIDE_CONSERVING; /* z is what is left over */
    for (int64_t row = 0; row < x->dim[0] * regions; row++) {
        float beta = call->out[1].data[row], *to = call->in[0].grad + row * c;
        const float *from = call->in[0].data + row * c, *share = s + row / regions * c, *rest = z + row / regions * c;
        for (int64_t k = 0; k < c; k++) {
            float value = beta * ((step->rules->plain ? 1.0f : from[k]) * share[k] + (even ? rest[k] : 0.0f));
            to[k] = call->in[0].accumulate ? to[k] + value : value;
        }
    }
}

const gr_relevance_kind gr_relevance_attention_pool = {
    .type = &gr_op_attention_pool, .reads = read_attention, .scratch_size = attention_scratch, .run = run_attention};
