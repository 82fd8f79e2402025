#include "explain/relevance_moves.h"

#include <math.h>
#include <string.h>

#include "ops/batch_norm.h"

/* ---- numbers that change their place: backward is what brings them back
 * ------------------------------------------------------- */

static void run_gradient(gr_relevance_step *step)
{
    step->op->type->backward(&step->call);
}

#define MOVING(operator)                                                                                                    \
    {                                                                                                                       \
        .type = &gr_op_##operator, .run = run_gradient                                                                      \
    }
const gr_relevance_kind gr_relevance_flatten = MOVING(flatten), gr_relevance_concat = MOVING(concat),
                        gr_relevance_channel_split = MOVING(channel_split),
                        gr_relevance_channel_shuffle = MOVING(channel_shuffle);

/* What lies on the zeros around goes to the pixel of the map that is nearest, so that nothing is lost. */
static void pad_image(void *ctx, int64_t n, int thread)
{
    (void)thread;
    const gr_relevance_step *step = ctx;
    const gr_pad_args *a = step->op->attr;
    const gr_shape *x = &step->call.in[0].shape, *y = &step->call.out[0].shape;
    int64_t c = x->dim[3];
    for (int64_t pixel = 0; pixel < y->dim[1] * y->dim[2]; pixel++) {
        int64_t h = pixel / y->dim[2] - a->top, w = pixel % y->dim[2] - a->left;
        if (h >= 0 && h < x->dim[1] && w >= 0 && w < x->dim[2])
            continue;
        h = h < 0 ? 0 : h >= x->dim[1] ? x->dim[1] - 1 : h;
        w = w < 0 ? 0 : w >= x->dim[2] ? x->dim[2] - 1 : w;
        const float *from = step->call.out[0].grad + (n * y->dim[1] * y->dim[2] + pixel) * c;
        float *to = step->call.in[0].grad + ((n * x->dim[1] + h) * x->dim[2] + w) * c;
        for (int64_t k = 0; k < c; k++)
            to[k] += from[k];
    }
}

static void run_pad(gr_relevance_step *step)
{
    run_gradient(step);
    if (!step->rules->plain)
        gr_parallel_for(step->call.in[0].shape.dim[0], pad_image, step);
}

const gr_relevance_kind gr_relevance_pad = {.type = &gr_op_pad, .run = run_pad};

/* ---- element by element
 * ----------------------------------------------------------------------------------------------------------- */

static bool always(const gr_relevance_step *step)
{
    (void)step;
    return true;
}

static bool unless_plain(const gr_relevance_step *step)
{
    return !step->rules->plain;
}

static void run_copy(gr_relevance_step *step)
{
    gr_operand *in = &step->call.in[0];
    gr_relevance_copy(gr_relevance_elements(in), step->call.out[0].grad, in->grad, in->accumulate);
}

/* An activation gives its relevance to its only input; the plain gradient of one is for innvestigate. */
static void run_activation(gr_relevance_step *step)
{
    if (step->rules->plain)
        run_gradient(step);
    else
        run_copy(step);
}

static unsigned read_for_gradient(const gr_relevance_step *step)
{
    const gr_op_type *type = step->op->type;
    return step->rules->plain && type->backward_reads != NULL ? type->backward_reads(step->op) : 0;
}

#define BENDING(operator)                                                                                                   \
    {                                                                                                                       \
        .type = &gr_op_##operator, .passes = unless_plain, .reads = read_for_gradient, .run = run_activation                \
    }
const gr_relevance_kind gr_relevance_relu = BENDING(relu), gr_relevance_relu6 = BENDING(relu6),
                        gr_relevance_sigmoid = BENDING(sigmoid), gr_relevance_hard_sigmoid = BENDING(hard_sigmoid),
                        gr_relevance_hard_swish = BENDING(hard_swish), gr_relevance_silu = BENDING(silu),
                        gr_relevance_tanh = BENDING(tanh), gr_relevance_elu = BENDING(elu), gr_relevance_selu = BENDING(selu),
                        gr_relevance_gelu = BENDING(gelu), gr_relevance_softplus = BENDING(softplus),
                        gr_relevance_softsign = BENDING(softsign), gr_relevance_mish = BENDING(mish),
                        gr_relevance_leaky_relu = BENDING(leaky_relu), gr_relevance_steep_sigmoid = BENDING(steep_sigmoid),
                        gr_relevance_prelu = BENDING(prelu);

#define PASSING(operator)                                                                                                   \
    {                                                                                                                       \
        .type = &gr_op_##operator, .passes = always, .run = run_copy                                                        \
    }
const gr_relevance_kind gr_relevance_dropout = PASSING(dropout), gr_relevance_stochastic_depth = PASSING(stochastic_depth);

/* A batch norm that no layer has taken in is a line for each channel: all goes to its only input. Plain: times its slope. */
static gr_status prepare_norm(gr_relevance_step *step, gr_error *err)
{
    int64_t channels = gr_shape_last(&step->call.in[0].shape);
    float *slope = gr_alloc((size_t)channels, sizeof *slope);
    step->state = slope;
    if (slope == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the layer %s", step->op->name);
    const float *values = step->params->values;
    const float *weight = values + step->graph->params[step->op->param[0]]->offset;
    const float *var = values + step->graph->params[step->op->param[3]]->offset;
    for (int64_t i = 0; i < channels; i++)
        slope[i] = (float)((double)weight[i] / sqrt((double)var[i] + gr_batch_norm_eps(step->op)));
    return GR_OK;
}

static void run_norm(gr_relevance_step *step)
{
    gr_operand *in = &step->call.in[0];
    const float *r = step->call.out[0].grad;
    if (step->rules->plain)
        gr_kernels_get()->scale_channels_backward(1, gr_shape_rows(&in->shape), gr_shape_last(&in->shape), r, step->state, r,
                                                  in->grad, in->accumulate, NULL, false);
    else
        run_copy(step);
}

static void destroy_norm(gr_relevance_step *step)
{
    gr_free(step->state);
}

const gr_relevance_kind gr_relevance_batch_norm = {
    .type = &gr_op_batch_norm, .passes = unless_plain, .prepare = prepare_norm, .run = run_norm, .destroy = destroy_norm};

/* ---- sums and products of maps
 * ------------------------------------------------------------------------------------------------------ */

static unsigned read_summands(const gr_relevance_step *step)
{
    return step->rules->plain ? 0 : GR_READS_INPUTS;
}

static void run_add(gr_relevance_step *step)
{
    const gr_relevance_rules *rules = step->rules;
    const float *r = step->call.out[0].grad;
    for (int i = 0; i < 2; i++) {
        gr_operand *in = &step->call.in[i], *other = &step->call.in[1 - i];
        if (in->grad == NULL)
            continue;
        if (rules->plain)
            gr_relevance_copy(gr_relevance_elements(in), r, in->grad, in->accumulate);
        else
            gr_relevance_share(gr_relevance_elements(in), rules->division, rules->eps, in->data, other->data, r, in->grad,
                               in->accumulate);
    }
}

const gr_relevance_kind gr_relevance_add = {.type = &gr_op_add, .reads = read_summands, .run = run_add};

/* The gate of squeeze and excitation counts as a constant: what comes to x s goes to x. Plain: the gradient of both. */
static bool signal_alone(const gr_relevance_step *step, int i)
{
    return i == 0 || step->rules->plain;
}

static void run_gate(gr_relevance_step *step)
{
    if (step->rules->plain)
        run_gradient(step);
    else
        run_copy(step);
}

const gr_relevance_kind gr_relevance_scale_channels = {.type = &gr_op_scale_channels,
                                                       .passes = unless_plain,
                                                       .gives = signal_alone,
                                                       .reads = read_for_gradient,
                                                       .run = run_gate};

/* The log-probabilities of ordered classes hang on one score, which gets all that came to them. */
static void run_odds(gr_relevance_step *step)
{
    const gr_operand *out = &step->call.out[0];
    gr_operand *in = &step->call.in[0];
    int64_t classes = gr_shape_last(&out->shape);
    for (int64_t n = 0; n < gr_shape_rows(&out->shape); n++) {
        double sum = 0.0;
        for (int64_t k = 0; k < classes; k++)
            sum += (double)out->grad[n * classes + k];
        in->grad[n] = (float)sum + (in->accumulate ? in->grad[n] : 0.0f);
    }
}

const gr_relevance_kind gr_relevance_proportional_odds = {.type = &gr_op_proportional_odds, .run = run_odds};
const gr_relevance_kind gr_relevance_softmax = {.type = &gr_op_softmax,
                                                .refusal = "relevance starts in front of a softmax; logits would be right"},
                        gr_relevance_upsample = {.type = &gr_op_upsample,
                                                 .refusal = "is part of a network that finds boxes, whose answers are maps "
                                                            "already"};
