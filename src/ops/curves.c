/* Smooth activations of plain networks, one function y = f(x) of each element, dx = dy f'(x):
 *   tanh      f' = 1 - y^2
 *   elu       x > 0: x, else exp(x) - 1                  f' = 1, exp(x)                        (Clevert et al. 2016)
 *   selu      s elu with a = 1.6733 in front of exp - 1  f' = s, s a exp(x)                    (Klambauer et al. 2017)
 *   gelu      x P, P = (1 + erf(x / sqrt 2)) / 2         f' = P + x exp(-x^2 / 2) / sqrt(2 pi) (Hendrycks and Gimpel 2016)
 *   softplus  log(1 + exp(x))                            f' = 1 / (1 + exp(-x))
 *   softsign  x / (1 + |x|)                              f' = 1 / (1 + |x|)^2
 *   mish      x t, t = tanh(softplus(x))                 f' = t + x (1 - t^2) / (1 + exp(-x))  (Misra 2019)
 * They are computed in double and no other operator takes them in. */
#include "ops/onnx_nodes.h"
#include "ops/ops.h"
#include "ops/shapes.h"

#include <math.h>

enum { BLOCK = 4096 };

typedef struct curve {
    const gr_op_type *type;
    double (*value)(double x);
    double (*slope)(double x);
} curve;

static double tanh_slope(double x)
{
    double y = tanh(x);
    return 1 - y * y;
}

static double elu(double x)
{
    return x > 0 ? x : expm1(x);
}

static double elu_slope(double x)
{
    return x > 0 ? 1 : exp(x);
}

static const double selu_scale = 1.05070098735548049342, selu_alpha = 1.67326324235437728482;

static double selu(double x)
{
    return selu_scale * (x > 0 ? x : selu_alpha * expm1(x));
}

static double selu_slope(double x)
{
    return selu_scale * (x > 0 ? 1 : selu_alpha * exp(x));
}

static const double root_half = 0.70710678118654752440, root_2_pi = 2.50662827463100050242;

static double gelu(double x)
{
    return 0.5 * x * erfc(-x * root_half);
}

static double gelu_slope(double x)
{
    return 0.5 * erfc(-x * root_half) + x * exp(-0.5 * x * x) / root_2_pi;
}

static double softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

static double softplus_slope(double x)
{
    return 1 / (1 + exp(-x));
}

static double softsign(double x)
{
    return x / (1 + fabs(x));
}

static double softsign_slope(double x)
{
    return 1 / ((1 + fabs(x)) * (1 + fabs(x)));
}

static double mish(double x)
{
    return x * tanh(softplus(x));
}

static double mish_slope(double x)
{
    double t = tanh(softplus(x));
    return t + x * (1 - t * t) * softplus_slope(x);
}

static const curve curves[] = {{&gr_op_tanh, tanh, tanh_slope},
                               {&gr_op_elu, elu, elu_slope},
                               {&gr_op_selu, selu, selu_slope},
                               {&gr_op_gelu, gelu, gelu_slope},
                               {&gr_op_softplus, softplus, softplus_slope},
                               {&gr_op_softsign, softsign, softsign_slope},
                               {&gr_op_mish, mish, mish_slope}};

static const curve *curve_of(const gr_call *call)
{
    const curve *c = curves;
    while (c->type != call->op->type)
        c++;
    return c;
}

static int64_t elements(const gr_call *call)
{
    return gr_shape_elements(&call->out[0].shape);
}

static void forward_block(void *ctx, int64_t block, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    double (*value)(double x) = curve_of(call)->value;
    int64_t end = (block + 1) * BLOCK < elements(call) ? (block + 1) * BLOCK : elements(call);
    for (int64_t i = block * BLOCK; i < end; i++)
        call->out[0].data[i] = (float)value((double)call->in[0].data[i]);
}

static void backward_block(void *ctx, int64_t block, int thread)
{
    (void)thread;
    const gr_call *call = ctx;
    double (*slope)(double x) = curve_of(call)->slope;
    int64_t end = (block + 1) * BLOCK < elements(call) ? (block + 1) * BLOCK : elements(call);
    for (int64_t i = block * BLOCK; i < end; i++) {
        float dx = (float)((double)call->out[0].grad[i] * slope((double)call->in[0].data[i]));
        call->in[0].grad[i] = call->in[0].accumulate ? call->in[0].grad[i] + dx : dx;
    }
}

static void forward(const gr_call *call)
{
    gr_parallel_for((elements(call) + BLOCK - 1) / BLOCK, forward_block, (void *)call);
}

static void backward(const gr_call *call)
{
    if (call->in[0].grad != NULL)
        gr_parallel_for((elements(call) + BLOCK - 1) / BLOCK, backward_block, (void *)call);
}

static unsigned backward_reads(const gr_op *op)
{
    (void)op;
    return GR_READS_INPUT0;
}

/* ---- ONNX ---------------------------------------------------------------------------------------------------------------- */

static void tanh_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "Tanh");
}

static void elu_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "Elu");
}

static void selu_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "Selu");
}

static void softplus_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "Softplus");
}

static void softsign_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    gr_onnx_op(onnx, g, op, "Softsign");
}

/* Opset 17 has no Mish. */
static void mish_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    (void)g;
    const char *plus = gr_onnx_name(onnx, op->name, "softplus"), *share = gr_onnx_name(onnx, op->name, "tanh");
    gr_onnx_node1(onnx, "Softplus", plus, op->in[0]->name);
    gr_onnx_node1(onnx, "Tanh", share, plus);
    gr_onnx_node2(onnx, "Mul", op->out[0]->name, op->in[0]->name, share);
}

/* Opset 17 has no Gelu: x (erf(x / sqrt 2) / 2 + 1 / 2). */
static void gelu_onnx(const gr_graph *g, const gr_op *op, gr_onnx *onnx)
{
    (void)g;
    const char *root = gr_onnx_name(onnx, op->name, "root_half"), *half = gr_onnx_name(onnx, op->name, "half");
    const char *scaled = gr_onnx_name(onnx, op->name, "scaled"), *erf = gr_onnx_name(onnx, op->name, "erf");
    const char *halved = gr_onnx_name(onnx, op->name, "halved"), *share = gr_onnx_name(onnx, op->name, "share");
    gr_onnx_scalar(onnx, root, root_half);
    gr_onnx_scalar(onnx, half, 0.5);
    gr_onnx_node2(onnx, "Mul", scaled, op->in[0]->name, root);
    gr_onnx_node1(onnx, "Erf", erf, scaled);
    gr_onnx_node2(onnx, "Mul", halved, erf, half);
    gr_onnx_node2(onnx, "Add", share, halved, half);
    gr_onnx_node2(onnx, "Mul", op->out[0]->name, op->in[0]->name, share);
}

#define CURVE(word)                                                                                                         \
    {                                                                                                                       \
        .name = #word, .infer = gr_infer_same, .forward = forward, .backward = backward, .backward_reads = backward_reads,  \
        .in_place = true, .grad_alias = 1, .onnx = word##_onnx                                                              \
    }
const gr_op_type gr_op_tanh = CURVE(tanh), gr_op_elu = CURVE(elu), gr_op_selu = CURVE(selu), gr_op_gelu = CURVE(gelu),
                 gr_op_softplus = CURVE(softplus), gr_op_softsign = CURVE(softsign), gr_op_mish = CURVE(mish);

static gr_value *add(gr_graph *g, const gr_op_type *type, gr_value *x, const char *name)
{
    return gr_graph_add_value(g, type, name, &x, 1, "", 0);
}

gr_value *gr_tanh(gr_graph *g, gr_value *x, const char *name)
{
    return add(g, &gr_op_tanh, x, name);
}

gr_value *gr_elu(gr_graph *g, gr_value *x, const char *name)
{
    return add(g, &gr_op_elu, x, name);
}

gr_value *gr_selu(gr_graph *g, gr_value *x, const char *name)
{
    return add(g, &gr_op_selu, x, name);
}

gr_value *gr_gelu(gr_graph *g, gr_value *x, const char *name)
{
    return add(g, &gr_op_gelu, x, name);
}

gr_value *gr_softplus(gr_graph *g, gr_value *x, const char *name)
{
    return add(g, &gr_op_softplus, x, name);
}

gr_value *gr_softsign(gr_graph *g, gr_value *x, const char *name)
{
    return add(g, &gr_op_softsign, x, name);
}

gr_value *gr_mish(gr_graph *g, gr_value *x, const char *name)
{
    return add(g, &gr_op_mish, x, name);
}
