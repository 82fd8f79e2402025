/* Losses of landmarks: over the M coordinates whose target is known (NaN stands for a landmark that is missing; with none
 * known the loss is 0), d = s (prediction - target) with s the unit of the target in the loss's,
 *
 *   mse    L = 1/M sum d^2                                   dL = 2 s d / M
 *   wing   L = 1/M sum wing(d)                               dL = s wing'(d) / M
 *          wing(d) = w ln(1 + |d| / epsilon)  for |d| < w,   |d| - C  else,   C = w - w ln(1 + w / epsilon)
 *
 * Feng et al. 2018, "Wing loss for robust facial landmark localisation with convolutional neural networks", equation 5. */
#include "ops/ops.h"

#include <math.h>

typedef struct landmark_attr {
    bool wing;
    double scale, w, epsilon;
} landmark_attr;

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    (void)op;
    char a[GR_SHAPE_TEXT], b[GR_SHAPE_TEXT];
    if (in[0].rank != 2 || !gr_shape_equal(&in[0], &in[1]))
        return gr_fail(err, GR_INVALID, "a loss of landmarks needs predictions and targets [N, 2 L], got %s and %s",
                       gr_shape_text(&in[0], a), gr_shape_text(&in[1], b));
    out[0] = gr_shape1(1);
    return GR_OK;
}

static double value(const landmark_attr *a, double d)
{
    double size = fabs(d);
    if (!a->wing)
        return d * d;
    return size < a->w ? a->w * log1p(size / a->epsilon) : size - (a->w - a->w * log1p(a->w / a->epsilon));
}

static double slope(const landmark_attr *a, double d)
{
    double sign = d > 0.0 ? 1.0 : d < 0.0 ? -1.0 : 0.0;
    if (!a->wing)
        return 2.0 * d;
    return sign * (fabs(d) < a->w ? a->w / (a->epsilon + fabs(d)) : 1.0);
}

static int64_t known(const gr_call *call)
{
    int64_t count = 0, elements = gr_shape_elements(&call->in[1].shape);
    for (int64_t i = 0; i < elements; i++)
        count += !isnan(call->in[1].data[i]);
    return count;
}

static void forward(const gr_call *call)
{
    const landmark_attr *a = call->op->attr;
    const float *x = call->in[0].data, *target = call->in[1].data;
    int64_t count = known(call), elements = gr_shape_elements(&call->in[0].shape);
    double sum = 0.0;
    for (int64_t i = 0; i < elements; i++)
        if (!isnan(target[i]))
            sum += value(a, a->scale * ((double)x[i] - (double)target[i]));
    call->out[0].data[0] = count > 0 ? (float)(sum / (double)count) : 0.0f;
}

static void backward(const gr_call *call)
{
    if (call->in[0].grad == NULL)
        return;
    const landmark_attr *a = call->op->attr;
    const float *x = call->in[0].data, *target = call->in[1].data;
    int64_t count = known(call), elements = gr_shape_elements(&call->in[0].shape);
    double factor = count > 0 ? (double)call->out[0].grad[0] * a->scale / (double)count : 0.0;
    for (int64_t i = 0; i < elements; i++) {
        float *dx = call->in[0].grad + i;
        float d = isnan(target[i]) ? 0.0f : (float)(factor * slope(a, a->scale * ((double)x[i] - (double)target[i])));
        *dx = call->in[0].accumulate ? *dx + d : d;
    }
}

static unsigned backward_reads(const gr_op *op)
{
    (void)op;
    return 3; /* predictions and targets */
}

const gr_op_type gr_op_landmark_loss = {
    .name = "landmark_loss",
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .backward_reads = backward_reads,
};

static gr_value *add(gr_graph *g, gr_value *x, gr_value *target, const char *name, landmark_attr attr)
{
    if (!(attr.scale > 0.0 && attr.w > 0.0 && attr.epsilon > 0.0)) {
        gr_fail(&g->error, GR_INVALID, "%s: the unit, the width and the epsilon of a landmark loss must be above 0", name);
        return NULL;
    }
    return gr_graph_add_value(g, &gr_op_landmark_loss, name, (gr_value *[]){x, target}, 2, &attr, sizeof attr);
}

gr_value *gr_mse_loss(gr_graph *g, gr_value *x, gr_value *target, const char *name)
{
    return add(g, x, target, name, (landmark_attr){.scale = 1.0, .w = 1.0, .epsilon = 1.0});
}

gr_value *gr_wing_loss(gr_graph *g, gr_value *x, gr_value *target, const char *name, double unit, double w, double epsilon)
{
    return add(g, x, target, name, (landmark_attr){.wing = true, .scale = unit, .w = w, .epsilon = epsilon});
}
