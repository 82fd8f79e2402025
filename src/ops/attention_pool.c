/* PainSeeker's attention pooling (Liu et al. 2025, equations 2 and 3). For the K = H W local regions x_j of one image:
 *
 *   t_j = w . x_j + b,   s_j = sigmoid(t_j),   S = sum_k s_k,   beta_j = s_j / S,   z = sum_j beta_j x_j
 *
 * Backward, from dz and (where PRSC reads the scores) dbeta:
 *   e_j = dz . x_j + dbeta_j            the gradient of beta_j
 *   ds_j = (e_j - sum_k e_k beta_k) / S
 *   dt_j = ds_j s_j (1 - s_j),   dw = sum dt_j x_j,   db = sum dt_j,   dx_j = beta_j dz + dt_j w
 *
 * saved: [N][K + 1] floats, s and S. Each image is one block; dw and db are added up over images in order. */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"
#include "ops/shapes.h"

#include <math.h>
#include <string.h>

static gr_status infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    (void)op;
    gr_status status = gr_infer_need_map(in, err);
    out[0] = gr_shape2(in->dim[0], in->dim[3]);
    out[1] = gr_shape2(in->dim[0], in->dim[1] * in->dim[2]);
    return status;
}

static int64_t regions(const gr_call *call)
{
    return call->in[0].shape.dim[1] * call->in[0].shape.dim[2];
}

static size_t saved_size(const gr_call *call)
{
    return (size_t)(call->in[0].shape.dim[0] * (regions(call) + 1)) * sizeof(float);
}

/* Per image, dw [C] and db. */
static size_t scratch_size(const gr_call *call, gr_pass pass)
{
    return pass == GR_PASS_BACKWARD ? (size_t)(call->in[0].shape.dim[0] * (call->in[0].shape.dim[3] + 1)) * sizeof(float) : 0;
}

static float dot(const float *a, const float *b, int64_t count)
{
    float lanes[16] = {0};
    int64_t i = 0;
    for (; i + 16 <= count; i += 16)
        for (int k = 0; k < 16; k++)
            lanes[k] += a[i + k] * b[i + k];
    double sum = 0.0;
    for (; i < count; i++)
        sum += (double)(a[i] * b[i]);
    for (int k = 0; k < 16; k++)
        sum += (double)lanes[k];
    return (float)sum;
}

static void forward_image(void *ctx, int64_t n, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    int64_t k = regions(call), c = call->in[0].shape.dim[3];
    const float *x = call->in[0].data + n * k * c;
    float *s = (float *)call->saved + n * (k + 1), *z = call->out[0].data + n * c, *beta = call->out[1].data + n * k;
    double sum = 0.0;
    for (int64_t j = 0; j < k; j++) {
        double t = (double)dot(x + j * c, call->param[0].data, c) + (double)call->param[1].data[0];
        s[j] = (float)(1.0 / (1.0 + exp(-t)));
        sum += (double)s[j];
    }
    s[k] = (float)sum;
    memset(z, 0, (size_t)c * sizeof(float));
    for (int64_t j = 0; j < k; j++) {
        /* All scores can vanish only when every t_j is below -100: then all regions count the same. */
        beta[j] = sum > 0.0 ? (float)((double)s[j] / sum) : 1.0f / (float)k;
        for (int64_t i = 0; i < c; i++)
            z[i] += beta[j] * x[j * c + i];
    }
}

static void forward(const gr_call *call)
{
    gr_parallel_for(call->in[0].shape.dim[0], forward_image, (void *)call);
}

static void backward_image(void *ctx, int64_t n, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    int64_t k = regions(call), c = call->in[0].shape.dim[3];
    const float *x = call->in[0].data + n * k * c, *w = call->param[0].data, *beta = call->out[1].data + n * k;
    const float *dz = call->out[0].grad != NULL ? call->out[0].grad + n * c : NULL;
    const float *dbeta = call->out[1].grad != NULL ? call->out[1].grad + n * k : NULL;
    const float *s = (const float *)call->saved + n * (k + 1);
    float *dx = call->in[0].grad != NULL ? call->in[0].grad + n * k * c : NULL;
    float *dw = (float *)call->scratch + n * (c + 1);
    memset(dw, 0, (size_t)(c + 1) * sizeof(float));
    double mean = 0.0;
    for (int pass = 0; pass < 2; pass++) { /* first sum_k e_k beta_k, then what needs it */
        for (int64_t j = 0; j < k; j++) {
            double e = (dz != NULL ? (double)dot(dz, x + j * c, c) : 0.0) + (dbeta != NULL ? (double)dbeta[j] : 0.0);
            if (pass == 0) {
                mean += e * (double)beta[j];
                continue;
            }
            float dt = s[k] > 0.0f ? (float)((e - mean) / (double)s[k] * (double)s[j] * (1.0 - (double)s[j])) : 0.0f;
            dw[c] += dt;
            for (int64_t i = 0; i < c; i++)
                dw[i] += dt * x[j * c + i];
            for (int64_t i = 0; dx != NULL && i < c; i++) {
                float value = dt * w[i] + (dz != NULL ? beta[j] * dz[i] : 0.0f);
                dx[j * c + i] = call->in[0].accumulate ? dx[j * c + i] + value : value;
            }
        }
    }
}

static void backward(const gr_call *call)
{
    int64_t n = call->in[0].shape.dim[0], c = call->in[0].shape.dim[3];
    gr_parallel_for(n, backward_image, (void *)call);
    const float *parts = call->scratch;
    for (int64_t i = 0; i <= c; i++) {
        double sum = 0.0;
        for (int64_t image = 0; image < n; image++)
            sum += (double)parts[image * (c + 1) + i];
        float *to = i < c ? call->param[0].grad : call->param[1].grad;
        if (to != NULL)
            to[i < c ? i : 0] = (float)sum;
    }
}

static unsigned backward_reads(const gr_op *op)
{
    (void)op;
    return GR_READS_INPUT0 | 0x200; /* x and beta */
}

static double flops(const gr_call *call)
{
    return 4.0 * (double)gr_shape_elements(&call->in[0].shape);
}

/* With X = x as [N,C,K]: s = sigmoid(w X + b) [N,1,K], beta = s / sum s, z = sum over K of X beta. */
static void onnx_nodes(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    const char *n = op->name, *x = gr_onnx_name(onnx, n, "regions"), *t = gr_onnx_name(onnx, n, "products");
    const char *biased = gr_onnx_name(onnx, n, "logits"), *s = gr_onnx_name(onnx, n, "sigmoids");
    const char *sum = gr_onnx_name(onnx, n, "sum"), *beta = gr_onnx_name(onnx, n, "scores");
    const char *parts = gr_onnx_name(onnx, n, "parts"), *last = gr_onnx_name(onnx, n, "last_axis");
    const char *shape = gr_onnx_name(onnx, n, "shape"), *middle = gr_onnx_name(onnx, n, "middle_axis");
    gr_onnx_int64s(onnx, shape, (int64_t[]){0, 0, -1}, 3);
    gr_onnx_int64s(onnx, middle, (int64_t[]){1}, 1);
    gr_onnx_int64s(onnx, last, (int64_t[]){2}, 1);
    gr_onnx_node2(onnx, "Reshape", x, op->in[0]->name, shape);
    gr_onnx_node2(onnx, "MatMul", t, g->params[op->param[0]]->name, x);
    gr_onnx_node2(onnx, "Add", biased, t, g->params[op->param[1]]->name);
    gr_onnx_node1(onnx, "Sigmoid", s, biased);
    gr_onnx_node2(onnx, "ReduceSum", sum, s, last);
    gr_onnx_node2(onnx, "Div", beta, s, sum);
    gr_onnx_node2(onnx, "Squeeze", op->out[1]->name, beta, middle);
    gr_onnx_node2(onnx, "Mul", parts, x, beta);
    gr_onnx_node2(onnx, "ReduceSum", op->out[0]->name, parts, last);
    gr_onnx_int(onnx, "keepdims", 0);
}

const gr_op_type gr_op_attention_pool = {
    .name = "attention_pool",
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .backward_reads = backward_reads,
    .saved_size = saved_size,
    .scratch_size = scratch_size,
    .flops = flops,
    .onnx = onnx_nodes,
};

gr_value *gr_attention_pool(gr_graph *g, gr_value *x, const char *name, gr_value **beta)
{
    *beta = NULL;
    gr_op *op = gr_graph_add_op(g, &gr_op_attention_pool, name, &x, 1, 2, "", 0);
    if (op == NULL)
        return NULL;
    int64_t c = x->shape.dim[3];
    gr_parameter weight = {.shape = gr_shape2(1, c), .init = GR_INIT_UNIFORM_FAN_IN, .fan_in = c};
    gr_parameter bias = {.shape = gr_shape1(1), .init = GR_INIT_UNIFORM_FAN_IN, .fan_in = c};
    if (!gr_graph_add_param(g, op, "weight", weight) || !gr_graph_add_param(g, op, "bias", bias))
        return NULL;
    *beta = op->out[1];
    return op->out[0];
}
