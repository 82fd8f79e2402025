/* A 1x1 convolution and the depthwise one behind it that run as one: the same bits as one after the other, with any number of
 * threads and on every instruction set, though their outputs share memory with what others have left. */
#include "graph/plan_private.h"
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 2, SIZE = 57, IN = 10, BETWEEN = 72, OUT = 24 };

typedef struct layout {
    int64_t kernel, stride;
    gr_value *(*act)(gr_graph *g, gr_value *x, const char *name);
} layout;

static const layout layouts[] = {{3, 1, gr_relu6}, {3, 2, gr_silu}, {5, 1, gr_hard_swish}, {5, 2, gr_relu}};

typedef struct subject {
    gr_graph *g;
    gr_value *image, *between, *out;
    gr_params *params;
    gr_workspace *workspace;
    int64_t floats; /* of out */
} subject;

static subject make(const layout *l)
{
    gr_error err = {0};
    subject s = {.g = gr_graph_create()};
    gr_graph *g = s.g;
    const gr_init init = GR_INIT_UNIFORM_FAN_IN; /* of zeros all would be equal */
    gr_conv2d_args expand = {.out = BETWEEN, .kernel = {1, 1}, .init = init};
    gr_conv2d_args project = {.out = OUT, .kernel = {1, 1}, .bias = true, .init = init};
    gr_conv2d_args depthwise = {.out = BETWEEN, .kernel = {l->kernel, l->kernel}, .stride = {l->stride, l->stride},
                                .pad = {l->kernel / 2, l->kernel / 2}, .groups = BETWEEN, .init = init};
    s.image = gr_input(g, "image", GR_F32, gr_shape4(1, SIZE, SIZE, IN));
    gr_value *x = l->act(g, gr_batch_norm(g, gr_conv2d(g, s.image, "expand", expand), "n1"), "a1");
    s.between = x;
    x = l->act(g, gr_batch_norm(g, gr_conv2d(g, x, "depthwise", depthwise), "n2"), "a2");
    s.out = gr_conv2d(g, x, "project", project);
    assert_int_equal(gr_graph_status(g, &err), GR_OK);
    assert_int_equal(gr_params_create(g, 3, false, &s.params, &err), GR_OK);
    s.workspace = gr_workspace_create();
    gr_shape shape = gr_value_shape(s.out);
    s.floats = BATCH * gr_shape_elements(&shape);
    return s;
}

static void destroy(subject *s)
{
    gr_params_destroy(s->params);
    gr_workspace_destroy(s->workspace);
    gr_graph_destroy(s->g);
}

/* The output, which the caller frees. Says whether something was joined. */
static float *run(const subject *s, int threads, bool keep_between, bool fusion, bool *joined)
{
    gr_error err = {0};
    gr_plan *plan;
    const gr_value *keep[] = {s->out, s->between};
    gr_plan_options options = {.batch = BATCH, .keep = keep, .keep_count = keep_between ? 2 : 1, .no_fusion = !fusion};
    gr_threads_set(threads);
    if (gr_plan_compile(s->g, s->params, s->workspace, &options, &plan, &err) != GR_OK)
        fail_msg("%s", err.text);
    *joined = false;
    for (int o = 0; o < plan->op_count; o++)
        *joined = *joined || plan->ops[o].joined;
    test_fill(gr_plan_data(plan, s->image), BATCH * SIZE * SIZE * IN, 1, 1.0f);
    gr_plan_forward(plan, 0, 0);
    float *out = gr_alloc((size_t)s->floats, sizeof *out);
    memcpy(out, gr_plan_data(plan, s->out), (size_t)s->floats * sizeof *out);
    gr_plan_destroy(plan);
    gr_threads_set(1);
    return out;
}

static bool check(void)
{
    bool good = true;
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        subject s = make(&layouts[i]);
        bool joined;
        float *apart = run(&s, 1, true, true, &joined), *plain = run(&s, 1, false, false, &joined);
        good = good && !joined && test_close(apart, plain, s.floats, 1e-5);
        for (int threads = 1; threads <= 3; threads++) {
            float *together = run(&s, threads, false, true, &joined);
            good = good && joined && memcmp(together, apart, (size_t)s.floats * sizeof *apart) == 0;
            gr_free(together);
        }
        gr_free(apart);
        gr_free(plain);
        destroy(&s);
    }
    return good;
}

static void joined_convolutions_give_the_same_bits(void **state)
{
    (void)state;
    assert_true(test_with_every_isa(check));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(joined_convolutions_give_the_same_bits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
