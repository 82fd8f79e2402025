/* Every line of ops.txt: forward and gradients against PyTorch's, for every instruction set, with and without fusion. */
#include "support/support.h"
#include "grimace/weights.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double LIMIT = 2e-5; /* of the largest value; sums are of at most some hundred float32 products */

typedef struct parity_case {
    char name[64], op[32];
    char words[192]; /* " key=value key=value ..." */
    int64_t n, h, w, c, out;
} parity_case;

static double number(const parity_case *p, const char *key, double otherwise)
{
    char want[32];
    snprintf(want, sizeof want, " %s=", key);
    const char *at = strstr(p->words, want);
    return at != NULL ? strtod(at + strlen(want), NULL) : otherwise;
}

static int64_t whole(const parity_case *p, const char *key, int64_t otherwise)
{
    return (int64_t)number(p, key, (double)otherwise);
}

static gr_pool_args pool_args(const parity_case *p)
{
    return (gr_pool_args){.kernel = {whole(p, "kh", 1), whole(p, "kw", 1)}, .stride = {whole(p, "sh", 0), whole(p, "sw", 0)},
                          .pad = {whole(p, "ph", 0), whole(p, "pw", 0)}, .ceil_mode = whole(p, "ceil", 0),
                          .exclude_pad = whole(p, "exclude_pad", 0)};
}

static gr_value *build_loss(const parity_case *p, gr_graph *g, gr_value *flat)
{
    if (strcmp(p->op, "prsc") == 0)
        return gr_prsc(g, gr_softmax(g, flat, "beta"), "prsc", number(p, "margin", 0), whole(p, "top", 1));
    float weights[16];
    for (int i = 0; i < 16; i++)
        weights[i] = test_number(15, (uint32_t)i) * 0.4f + 1.0f;
    int64_t columns = whole(p, "labels", 1);
    gr_value *labels = gr_input(g, "labels", GR_I32, columns > 1 ? gr_shape2(1, columns) : gr_shape1(1));
    return gr_cross_entropy(g, flat, labels, "ce", whole(p, "weighted", 0) ? weights : NULL);
}

static bool is_value_loss(const char *op)
{
    static const char *const names[] = {"mse", "mae", "huber", "wing"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(op, names[i]) == 0)
            return true;
    return false;
}

static gr_value *build_value_loss(const parity_case *p, gr_graph *g, gr_value *x, gr_value *x2)
{
    if (strcmp(p->op, "mse") == 0)
        return gr_mse_loss(g, x, x2, "op");
    if (strcmp(p->op, "mae") == 0)
        return gr_mae_loss(g, x, x2, "op");
    if (strcmp(p->op, "huber") == 0)
        return gr_huber_loss(g, x, x2, "op", number(p, "delta", 1));
    return gr_wing_loss(g, x, x2, "op", number(p, "unit", 1), number(p, "width", 1), number(p, "epsilon", 1));
}

static gr_value *build(const parity_case *p, gr_graph *g, gr_value *x, gr_value *x2)
{
    const char *op = p->op;
    if (strcmp(op, "conv2d") == 0)
        return gr_conv2d(g, x, "op", (gr_conv2d_args){.out = p->out, .kernel = {whole(p, "kh", 1), whole(p, "kw", 1)},
                                                      .stride = {whole(p, "sh", 1), whole(p, "sw", 1)},
                                                      .pad = {whole(p, "ph", 0), whole(p, "pw", 0)},
                                                      .dilation = {whole(p, "dh", 1), whole(p, "dw", 1)},
                                                      .groups = whole(p, "groups", 1), .bias = whole(p, "bias", 0)});
    if (strcmp(op, "batch_norm") == 0) {
        gr_value *y = gr_batch_norm_with(g, x, "op", number(p, "eps", 1e-5), number(p, "momentum", 0.1));
        if (whole(p, "frozen", 0))
            gr_graph_freeze(g, "op");
        return y;
    }
    if (strcmp(op, "attention") == 0) {
        gr_value *beta, *z = gr_attention_pool(g, x, "op", &beta);
        return gr_concat(g, (gr_value *[]){z, beta}, 2, "both");
    }
    if (strcmp(op, "prsc") == 0 || strcmp(op, "cross_entropy") == 0)
        return build_loss(p, g, gr_flatten(g, x, "flat"));
    if (strcmp(op, "relu") == 0)
        return gr_relu(g, x, "op");
    if (strcmp(op, "sigmoid") == 0)
        return gr_sigmoid(g, x, "op");
    if (strcmp(op, "softmax") == 0)
        return gr_softmax_groups(g, gr_flatten(g, x, "flat"), "op", whole(p, "labels", 1));
    if (gr_starts_with(op, "odds")) {
        gr_value *s = gr_dense_without_bias(g, gr_flatten(g, x, "flat"), "op", 1, GR_INIT_UNIFORM_FAN_IN);
        gr_value *logs = gr_proportional_odds(g, s, "odds", "op", p->out);
        return strcmp(op, "odds") == 0 ? logs : build_loss(p, g, logs);
    }
    if (strcmp(op, "add") == 0)
        return gr_add(g, x, x2, "op");
    if (strcmp(op, "concat") == 0)
        return gr_concat(g, (gr_value *[]){x, x2}, 2, "op");
    if (strcmp(op, "flatten") == 0)
        return gr_flatten(g, x, "op");
    if (strcmp(op, "max_pool") == 0)
        return gr_max_pool(g, x, "op", pool_args(p));
    if (strcmp(op, "avg_pool") == 0)
        return gr_avg_pool(g, x, "op", pool_args(p));
    if (strcmp(op, "global_avg_pool") == 0)
        return gr_global_avg_pool(g, x, "op");
    if (strcmp(op, "global_max_pool") == 0)
        return gr_global_max_pool(g, x, "op");
    if (strcmp(op, "adaptive_avg_pool") == 0)
        return gr_adaptive_avg_pool(g, x, "op", whole(p, "oh", 1), whole(p, "ow", 1));
    if (is_value_loss(op))
        return build_value_loss(p, g, gr_flatten(g, x, "flat"), gr_flatten(g, x2, "flat2"));
    assert_string_equal(op, "dense");
    return gr_dense(g, gr_flatten(g, x, "flat"), "op", p->out, GR_INIT_UNIFORM_FAN_IN);
}

/* Files hold [OC, C, KH, KW] where memory holds [KH, KW, C, OC]. */
static int64_t file_index(const gr_parameter *param, int64_t i)
{
    if (param->layout != GR_LAYOUT_CONV)
        return i;
    const int64_t *d = param->shape.dim;
    int64_t o = i % d[3], c = i / d[3] % d[2], tap = i / d[3] / d[2];
    return (o * d[2] + c) * d[0] * d[1] + tap;
}

static void set_parameters(const gr_graph *g, const test_run *run)
{
    for (int i = 0; i < gr_graph_parameter_count(g); i++) {
        const gr_parameter *param = gr_graph_parameter(g, i);
        bool weight = gr_ends_with(param->name, ".weight"), variance = gr_ends_with(param->name, "_var");
        uint32_t stream = weight ? 11 : variance ? 14 : gr_ends_with(param->name, "_mean") ? 13 : 12;
        float scale = (weight && param->shape.rank > 1) || variance ? 0.5f : 1.0f;
        for (int64_t k = 0; k < (int64_t)param->count; k++)
            run->params->values[param->offset + (size_t)k] =
                scale * test_number(stream, (uint32_t)file_index(param, k)) + (variance ? 1.0f : 0.0f);
    }
}

static bool matches(const gr_weights *reference, const parity_case *p, const char *suffix, const float *got, int64_t count)
{
    char name[96];
    snprintf(name, sizeof name, "%s.%s", p->name, suffix);
    const gr_tensor *want = gr_weights_find(reference, name);
    if (want == NULL || gr_shape_elements(&want->shape) != count)
        fail_msg("%s: the reference lacks %s or has another size; run make_ops.py", p->name, name);
    if (test_close(got, want->data, count, LIMIT))
        return true;
    print_message("  %s\n", name);
    return false;
}

/* upstream: what the reference's gradient of the output is and the test's is not. */
static bool parameters_match(const gr_weights *reference, const parity_case *p, const gr_graph *g, const test_run *run,
                             float upstream)
{
    bool good = true;
    for (int i = 0; i < gr_graph_parameter_count(g); i++) {
        const gr_parameter *param = gr_graph_parameter(g, i);
        if (param->frozen && !param->buffer)
            continue; /* PyTorch has a gradient here, grimace has none */
        const float *from = (param->buffer ? run->params->values : run->params->gradients) + param->offset;
        float *in_file = malloc(param->count * sizeof *in_file);
        for (int64_t k = 0; k < (int64_t)param->count; k++)
            in_file[file_index(param, k)] = from[k] * (param->buffer ? 1.0f : upstream);
        good = matches(reference, p, strrchr(param->name, '.') + 1, in_file, (int64_t)param->count) && good;
        free(in_file);
    }
    return good;
}

/* Labels, and what is missing of them or of the targets x2. */
static void set_known(const parity_case *p, const gr_graph *g, const test_run *run, float *targets)
{
    gr_value *labels = gr_graph_find(g, "labels");
    int64_t columns = whole(p, "labels", 1), missing = whole(p, "missing", 0), classes = p->out > 1 ? p->out : p->c / columns;
    for (int64_t i = 0; labels != NULL && i < p->n * columns; i++)
        ((int32_t *)gr_plan_data(run->plan, labels))[i] = missing > 0 && i % missing == 1 ? -1 : (int32_t)(i * 3 % classes);
    for (int64_t i = 0; labels == NULL && missing > 0 && i < p->n * p->c; i++)
        targets[i] = i % missing == 1 ? NAN : targets[i];
}

static bool check(const parity_case *p, const gr_weights *reference, bool fusion)
{
    gr_graph *g = gr_graph_create();
    gr_value *x = gr_input(g, "x", GR_F32, gr_shape4(1, p->h, p->w, p->c));
    gr_value *x2 = gr_input(g, "x2", GR_F32, gr_shape4(1, p->h, p->w, p->c));
    gr_value *y = build(p, g, x, x2);
    assert_non_null(y);
    bool scalar = y->shape.rank == 1;
    gr_value *r = scalar ? NULL : gr_input(g, "r", GR_F32, y->shape);
    gr_value *loss = scalar ? y : test_dot(g, y, r, "dot");
    const gr_value *keep[] = {x, x2, y};
    test_run run = test_compile(g, loss, keep, 3, p->n, fusion);
    if (!scalar)
        test_fill(gr_plan_data(run.plan, r), p->n * gr_shape_elements(&y->shape), 9, 1.0f);
    set_parameters(g, &run);
    int64_t count = p->n * p->h * p->w * p->c, made = scalar ? 1 : p->n * gr_shape_elements(&y->shape);
    float *in = gr_plan_data(run.plan, x);
    for (int64_t i = 0; i < count; i++)
        in[i] = test_number(1, (uint32_t)i) * (float)number(p, "scale", 1.0) + (float)number(p, "offset", 0.0);
    test_fill(gr_plan_data(run.plan, x2), count, 2, 1.0f);
    set_known(p, g, &run, gr_plan_data(run.plan, x2));
    gr_plan_forward(run.plan, 0, 0);
    bool good = matches(reference, p, "y", gr_plan_data(run.plan, y), made);
    gr_plan_backward(run.plan);
    float *dx = malloc((size_t)count * sizeof *dx);
    float upstream = scalar ? test_number(9, 0) : 1.0f; /* a scalar's is 1 here and the reference's first number there */
    for (int64_t i = 0; i < count; i++)
        dx[i] = gr_plan_gradient(run.plan, x)[i] * upstream;
    good = matches(reference, p, "dx", dx, count) && good;
    free(dx);
    good = parameters_match(reference, p, g, &run, upstream) && good;
    test_run_destroy(&run);
    gr_graph_destroy(g);
    return good;
}

static bool read_case(FILE *file, parity_case *p)
{
    char line[256];
    while (fgets(line, sizeof line, file) != NULL) {
        int at = 0;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || sscanf(line, "%63s %31s%n", p->name, p->op, &at) < 2)
            continue;
        snprintf(p->words, sizeof p->words, "%.190s", line + at);
        p->n = whole(p, "n", 1);
        p->h = whole(p, "h", 1);
        p->w = whole(p, "w", 1);
        p->c = whole(p, "c", 1);
        p->out = whole(p, "out", 1);
        return true;
    }
    return false;
}

static void every_line_agrees_with_pytorch(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_weights *reference;
    if (gr_weights_read("tests/parity/ops.safetensors", &reference, &err) != GR_OK)
        fail_msg("%s", err.text);
    const gr_kernels *tables[8];
    int sets = gr_kernels_available(tables), lines = 0, bad = 0;
    for (int t = 0; t < sets; t++) {
        setenv("GRIMACE_ISA", tables[t]->isa, 1);
        assert_int_equal(gr_kernels_select(NULL), GR_OK);
        FILE *file = fopen("tests/parity/ops.txt", "r");
        assert_non_null(file);
        parity_case p;
        while (read_case(file, &p)) {
            lines++;
            for (int fusion = 0; fusion < 2; fusion++) {
                if (check(&p, reference, fusion))
                    continue;
                bad++;
                print_message("  with %s, fusion %d\n", tables[t]->isa, fusion);
            }
        }
        fclose(file);
    }
    unsetenv("GRIMACE_ISA");
    assert_int_equal(gr_kernels_select(NULL), GR_OK);
    gr_weights_destroy(reference);
    assert_int_equal(bad, 0);
    assert_true(lines >= 60 * sets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_line_agrees_with_pytorch)};
    return cmocka_run_group_tests_name("parity of operators", tests, NULL, NULL);
}
