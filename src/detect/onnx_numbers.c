/* ONNX's operators on single numbers, and products. */
#include <math.h>
#include <string.h>

#include "detect/onnx_kinds.h"
#include "kernels/kernels.h"

/* ---- one number to one ------------------------------------------------------------------------------------------------ */

static double relu(const gr_onnx_call *c, double x)
{
    (void)c;
    return x > 0 ? x : 0;
}

static double leaky_relu(const gr_onnx_call *c, double x)
{
    return x >= 0 ? x : gr_onnx_number(c, "alpha", 0.01) * x;
}

static double sigmoid(const gr_onnx_call *c, double x)
{
    (void)c;
    return 1 / (1 + exp(-x));
}

static double hard_sigmoid(const gr_onnx_call *c, double x)
{
    return fmax(0, fmin(1, gr_onnx_number(c, "alpha", 0.2) * x + gr_onnx_number(c, "beta", 0.5)));
}

static double hard_swish(const gr_onnx_call *c, double x)
{
    (void)c;
    return x * fmax(0, fmin(1, x / 6 + 0.5));
}

static double exponential(const gr_onnx_call *c, double x)
{
    (void)c;
    return exp(x);
}

static double root(const gr_onnx_call *c, double x)
{
    (void)c;
    return sqrt(x);
}

static double negative(const gr_onnx_call *c, double x)
{
    (void)c;
    return -x;
}

static double hyperbolic(const gr_onnx_call *c, double x)
{
    (void)c;
    return tanh(x);
}

/* Its ends are attributes before opset 11, and inputs since. */
static double clip(const gr_onnx_call *c, double x)
{
    double low = c->in_count > 1 && c->in[1] != NULL ? (double)c->in[1]->values[0] : gr_onnx_number(c, "min", -INFINITY),
           high = c->in_count > 2 && c->in[2] != NULL ? (double)c->in[2]->values[0] : gr_onnx_number(c, "max", INFINITY);
    return fmin(fmax(x, low), high);
}

static gr_status each(gr_onnx_call *c, double (*f)(const gr_onnx_call *, double))
{
    const gr_nd *x = c->in[0];
    for (int i = 1; i < 3 && i < c->in_count; i++)
        if (c->in[i] != NULL && c->in[i]->count < 1)
            return gr_fail(c->err, GR_INVALID, "an input is empty, one number would be right");
    gr_status status = gr_nd_make(&c->out[0], x->rank, x->dim, c->err);
    for (int64_t i = 0; status == GR_OK && i < x->count; i++)
        c->out[0].values[i] = (float)f(c, (double)x->values[i]);
    c->out[0].whole = x->whole;
    return status;
}

#define EACH(name, function)                                                                                                \
    static gr_status name(gr_onnx_call *c)                                                                                  \
    {                                                                                                                       \
        return each(c, function);                                                                                           \
    }
EACH(run_leaky_relu, leaky_relu)
EACH(run_hard_sigmoid, hard_sigmoid)
EACH(run_hard_swish, hard_swish)
EACH(run_exp, exponential)
EACH(run_sqrt, root)
EACH(run_neg, negative)
EACH(run_tanh, hyperbolic)
EACH(run_clip, clip)
EACH(run_relu, relu)
EACH(run_sigmoid, sigmoid)

/* ---- two numbers to one, with broadcasting ---------------------------------------------------------------------------- */

static gr_status broadcast_shape(const gr_nd *a, const gr_nd *b, int *rank, int64_t dim[GR_ONNX_RANK], gr_error *err)
{
    char one[GR_ND_TEXT], two[GR_ND_TEXT];
    *rank = a->rank > b->rank ? a->rank : b->rank;
    for (int i = 0; i < *rank; i++) {
        int at_a = i - *rank + a->rank, at_b = i - *rank + b->rank;
        int64_t of_a = at_a >= 0 ? a->dim[at_a] : 1, of_b = at_b >= 0 ? b->dim[at_b] : 1;
        if (of_a != of_b && of_a != 1 && of_b != 1)
            return gr_fail(err, GR_INVALID, "%s and %s do not go together", gr_nd_text(a->rank, a->dim, one),
                           gr_nd_text(b->rank, b->dim, two));
        dim[i] = of_a == 1 ? of_b : of_a;
    }
    return GR_OK;
}

/* How far the next number along each axis of the result lies; 0 along those that are repeated. */
static void steps_of(const gr_nd *a, int rank, int64_t step[GR_ONNX_RANK])
{
    int64_t size = 1;
    for (int i = rank - 1; i >= 0; i--) {
        int at = i - rank + a->rank;
        step[i] = at >= 0 && a->dim[at] != 1 ? size : 0;
        size *= at >= 0 ? a->dim[at] : 1;
    }
}

typedef double pairing(double a, double b, bool whole);

static gr_status pairs(gr_onnx_call *c, pairing *f)
{
    const gr_nd *a = c->in[0], *b = c->in[1];
    int64_t dim[GR_ONNX_RANK], of_a[GR_ONNX_RANK], of_b[GR_ONNX_RANK], at[GR_ONNX_RANK] = {0}, i = 0, j = 0;
    int rank;
    gr_status status = broadcast_shape(a, b, &rank, dim, c->err);
    if (status == GR_OK)
        status = gr_nd_make(&c->out[0], rank, dim, c->err);
    if (status != GR_OK)
        return status;
    bool whole = c->out[0].whole = a->whole && b->whole;
    steps_of(a, rank, of_a);
    steps_of(b, rank, of_b);
    for (int64_t o = 0; o < c->out[0].count; o++) {
        c->out[0].values[o] = (float)f((double)a->values[i], (double)b->values[j], whole);
        for (int d = rank - 1; d >= 0; d--) {
            i += of_a[d];
            j += of_b[d];
            if (++at[d] < dim[d])
                break;
            at[d] = 0;
            i -= of_a[d] * dim[d];
            j -= of_b[d] * dim[d];
        }
    }
    return GR_OK;
}

static double sum(double a, double b, bool whole)
{
    (void)whole;
    return a + b;
}

static double difference(double a, double b, bool whole)
{
    (void)whole;
    return a - b;
}

static double product(double a, double b, bool whole)
{
    (void)whole;
    return a * b;
}

static double quotient(double a, double b, bool whole)
{
    return whole && b != 0 ? trunc(a / b) : a / b;
}

static double power(double a, double b, bool whole)
{
    (void)whole;
    return pow(a, b);
}

static double larger(double a, double b, bool whole)
{
    (void)whole;
    return fmax(a, b);
}

static double smaller(double a, double b, bool whole)
{
    (void)whole;
    return fmin(a, b);
}

static double sloped(double a, double b, bool whole)
{
    (void)whole;
    return a < 0 ? a * b : a;
}

#define PAIRS(name, function)                                                                                               \
    static gr_status name(gr_onnx_call *c)                                                                                  \
    {                                                                                                                       \
        return pairs(c, function);                                                                                          \
    }
PAIRS(run_add, sum)
PAIRS(run_sub, difference)
PAIRS(run_mul, product)
PAIRS(run_div, quotient)
PAIRS(run_pow, power)
PAIRS(run_max, larger)
PAIRS(run_min, smaller)
PAIRS(run_prelu, sloped)

/* Of any number of arrays of one shape. */
static gr_status run_mean(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0];
    for (int i = 0; i < c->in_count; i++)
        if (c->in[i] == NULL || c->in[i]->rank != x->rank || memcmp(c->in[i]->dim, x->dim, sizeof x->dim) != 0)
            return gr_fail(c->err, GR_INVALID, "has inputs of several shapes");
    gr_status status = gr_nd_make(&c->out[0], x->rank, x->dim, c->err);
    for (int64_t k = 0; status == GR_OK && k < x->count; k++) {
        double total = 0;
        for (int i = 0; i < c->in_count; i++)
            total += (double)c->in[i]->values[k];
        c->out[0].values[k] = (float)(total / c->in_count);
    }
    return status;
}

/* ---- along an axis, and products -------------------------------------------------------------------------------------- */

/* Since opset 13 along one axis; before, over all axes from there on. */
static gr_status run_softmax(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0];
    int axis = gr_onnx_axis(gr_onnx_whole(c, "axis", c->opset >= 13 ? -1 : 1), x->rank);
    if (axis < 0)
        return gr_fail(c->err, GR_INVALID, "has no such axis");
    int64_t before = 1, length = x->dim[axis], behind = 1;
    for (int i = 0; i < x->rank; i++)
        *(i < axis ? &before : &behind) *= i == axis ? 1 : x->dim[i];
    if (c->opset < 13) {
        length *= behind;
        behind = 1;
    }
    gr_status status = gr_nd_make(&c->out[0], x->rank, x->dim, c->err);
    for (int64_t i = 0; status == GR_OK && i < before * behind; i++) {
        const float *in = x->values + i / behind * length * behind + i % behind;
        float *out = c->out[0].values + (in - x->values);
        double most = -INFINITY, total = 0;
        for (int64_t k = 0; k < length; k++)
            most = fmax(most, (double)in[k * behind]);
        for (int64_t k = 0; k < length; k++)
            total += exp((double)in[k * behind] - most);
        for (int64_t k = 0; k < length; k++)
            out[k * behind] = (float)(exp((double)in[k * behind] - most) / total);
    }
    return status;
}

/* a[.., M, K] by b[.., K, N]; the axes in front are the same, or b has none. */
static gr_status run_matmul(gr_onnx_call *c)
{
    const gr_nd *a = c->in[0], *b = c->in[1];
    char one[GR_ND_TEXT], two[GR_ND_TEXT];
    bool good =
        a->rank >= 2 && b->rank >= 2 && a->dim[a->rank - 1] == b->dim[b->rank - 2] && (b->rank == 2 || b->rank == a->rank);
    for (int i = 0; good && b->rank > 2 && i < a->rank - 2; i++)
        good = a->dim[i] == b->dim[i];
    if (!good)
        return gr_fail(c->err, GR_INVALID, "the product of %s and %s is not known here", gr_nd_text(a->rank, a->dim, one),
                       gr_nd_text(b->rank, b->dim, two));
    int64_t dim[GR_ONNX_RANK], m = a->dim[a->rank - 2], k = a->dim[a->rank - 1], n = b->dim[b->rank - 1], many = 1;
    memcpy(dim, a->dim, sizeof dim);
    dim[a->rank - 1] = n;
    for (int i = 0; i < a->rank - 2; i++)
        many *= a->dim[i];
    gr_status status = gr_onnx_affordable(c, (double)many * (double)m * (double)n * (double)k);
    if (status == GR_OK)
        status = gr_nd_make(&c->out[0], a->rank, dim, c->err);
    for (int64_t i = 0; status == GR_OK && i < many && m * n * k > 0; i++)
        gr_kernels_get()->gemm(false, false, m, n, k, a->values + i * m * k, k, b->values + (b->rank > 2 ? i * k * n : 0), n,
                               c->out[0].values + i * m * n, n, false);
    return status;
}

/* x[M, K] by w, [K, N] or [N, K], and a bias of N numbers. */
static gr_status run_gemm(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0], *w = c->in[1], *b = c->in[2];
    bool turned = gr_onnx_whole(c, "transB", 0) != 0;
    int64_t k = w->rank == 2 ? w->dim[turned ? 1 : 0] : 0, n = w->rank == 2 ? w->dim[turned ? 0 : 1] : 0;
    if (x->rank != 2 || k != x->dim[1] || k * n == 0 || (b != NULL && b->count != n) || gr_onnx_whole(c, "transA", 0) != 0 ||
        gr_onnx_number(c, "alpha", 1) != 1 || gr_onnx_number(c, "beta", 1) != 1)
        return gr_fail(c->err, GR_INVALID, "these shapes or factors are not known here");
    gr_status status = gr_onnx_affordable(c, (double)x->dim[0] * (double)n * (double)k);
    if (status == GR_OK)
        status = gr_nd_make(&c->out[0], 2, (int64_t[]){x->dim[0], n}, c->err);
    if (status == GR_OK && x->dim[0] > 0)
        gr_kernels_get()->gemm(false, turned, x->dim[0], n, k, x->values, k, w->values, turned ? k : n, c->out[0].values, n,
                               false);
    for (int64_t i = 0; status == GR_OK && b != NULL && i < c->out[0].count; i++)
        c->out[0].values[i] += b->values[i % n];
    return status;
}

const gr_onnx_kind gr_onnx_numbers[] = {{"Relu", 1, run_relu},
                                        {"LeakyRelu", 1, run_leaky_relu},
                                        {"Sigmoid", 1, run_sigmoid},
                                        {"HardSigmoid", 1, run_hard_sigmoid},
                                        {"HardSwish", 1, run_hard_swish},
                                        {"Exp", 1, run_exp},
                                        {"Sqrt", 1, run_sqrt},
                                        {"Neg", 1, run_neg},
                                        {"Tanh", 1, run_tanh},
                                        {"Clip", 1, run_clip},
                                        {"Add", 2, run_add},
                                        {"Sub", 2, run_sub},
                                        {"Mul", 2, run_mul},
                                        {"Div", 2, run_div},
                                        {"Pow", 2, run_pow},
                                        {"Max", 2, run_max},
                                        {"Min", 2, run_min},
                                        {"PRelu", 2, run_prelu},
                                        {"Mean", 1, run_mean},
                                        {"Softmax", 1, run_softmax},
                                        {"MatMul", 2, run_matmul},
                                        {"Gemm", 2, run_gemm},
                                        {NULL, 0, NULL}};
