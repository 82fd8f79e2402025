/* A ReLU that runs behind the max pool that reads it: the same bits of loss and gradients as where it is kept in its place, in less
 * memory; and where it may not. */
#include "graph/plan_private.h"
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 3, SIZE = 17, PIXELS = BATCH * SIZE * SIZE * 3, CLASSES = 2 };

typedef struct subject {
    gr_graph *g;
    gr_value *image, *labels, *relu, *loss;
    gr_params *params;
    gr_workspace *workspace;
} subject;

/* Two pools: windows that overlap, with a border, and such that do not. */
static void set_up(subject *s)
{
    gr_error err = {0};
    gr_graph *g = s->g = gr_graph_create();
    s->image = gr_input(g, "image", GR_F32, gr_shape4(1, SIZE, SIZE, 3));
    s->labels = gr_input(g, "labels", GR_I32, gr_shape1(1));
    gr_conv2d_args conv = {.out = 20, .kernel = {3, 3}, .bias = true};
    s->relu = gr_relu(g, gr_conv2d(g, s->image, "conv1", conv), "relu1");
    gr_value *x = gr_max_pool(g, s->relu, "pool1", (gr_pool_args){.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}});
    x = gr_max_pool(g, gr_relu(g, gr_conv2d(g, x, "conv2", conv), "relu2"), "pool2", (gr_pool_args){.kernel = {2, 2}});
    x = gr_dense(g, gr_flatten(g, x, "flat"), "fc", CLASSES, GR_INIT_UNIFORM_FAN_IN);
    s->loss = gr_cross_entropy(g, x, s->labels, "loss", NULL);
    assert_int_equal(gr_graph_status(g, &err), GR_OK);
    assert_int_equal(gr_params_create(g, 3, true, &s->params, &err), GR_OK);
    s->workspace = gr_workspace_create();
}

/* Loss and gradients of a step; `kept` (NULL: none) is read by others. Returns the bytes of the plan's memory. */
static size_t step(const subject *s, const gr_value *kept, float *loss, float *gradients)
{
    gr_error err = {0};
    gr_plan *plan;
    gr_plan_options options = {.batch = BATCH, .training = true, .loss = s->loss, .keep = &kept, .keep_count = kept != NULL};
    if (gr_plan_compile(s->g, s->params, s->workspace, &options, &plan, &err) != GR_OK)
        fail_msg("%s", err.text);
    test_fill(gr_plan_data(plan, s->image), PIXELS, 1, 1.0f);
    memcpy(gr_plan_data(plan, s->labels), (const int32_t[BATCH]){0, 1, 1}, BATCH * sizeof(int32_t));
    gr_plan_forward(plan, 0, 0);
    gr_plan_backward(plan);
    *loss = gr_plan_data(plan, s->loss)[0];
    memcpy(gradients, s->params->gradients, gr_graph_parameter_floats(s->g) * sizeof *gradients);
    size_t bytes = plan->arena_bytes;
    const char *first = plan->ops[1].op.type->name;
    assert_string_equal(first, kept != NULL ? "relu" : "max_pool");
    gr_plan_destroy(plan);
    return bytes;
}

static void relu_runs_behind_its_max_pool(void **state)
{
    (void)state;
    subject s;
    float loss[2];
    set_up(&s);
    size_t floats = gr_graph_parameter_floats(s.g);
    float *gradients[2] = {malloc(floats * sizeof(float)), malloc(floats * sizeof(float))};
    size_t moved = step(&s, NULL, &loss[0], gradients[0]), in_place = step(&s, s.relu, &loss[1], gradients[1]);
    assert_memory_equal(&loss[0], &loss[1], sizeof loss[0]);
    for (size_t i = 0; i < floats; i++)
        if (gradients[0][i] < gradients[1][i] || gradients[0][i] > gradients[1][i])
            fail_msg("gradient %zu: %g, kept %g", i, (double)gradients[0][i], (double)gradients[1][i]);
    assert_true(moved < in_place);
    free(gradients[0]);
    free(gradients[1]);
    gr_workspace_destroy(s.workspace);
    gr_params_destroy(s.params);
    gr_graph_destroy(s.g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(relu_runs_behind_its_max_pool)};
    return cmocka_run_group_tests_name("fusion", tests, NULL, NULL);
}
