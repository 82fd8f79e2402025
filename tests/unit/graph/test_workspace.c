/* Memory that plans leave to the next ones. */
#include <string.h>

#include "graph/plan_private.h"
#include "support/support.h"
#include "grimace/models.h"

static void a_block_given_back_is_taken_again(void **state)
{
    (void)state;
    gr_workspace *workspace = gr_workspace_create();
    char *large = gr_workspace_take(workspace, 5000), *small = gr_workspace_take(workspace, 1000);
    assert_non_null(large);
    assert_non_null(small);
    assert_ptr_not_equal(large, small);
    assert_int_equal(gr_workspace_bytes(workspace), 0);
    gr_workspace_give_back(workspace, small);
    gr_workspace_give_back(workspace, large);
    gr_workspace_give_back(workspace, NULL);
    assert_int_equal(gr_workspace_bytes(workspace), 6000);
    assert_ptr_equal(gr_workspace_take(workspace, 900), small); /* the smallest that is large enough */
    assert_ptr_equal(gr_workspace_take(workspace, 900), large);
    assert_int_equal(gr_workspace_bytes(workspace), 0);
    gr_workspace_destroy(workspace);
}

static void a_free_block_that_is_too_small_goes(void **state)
{
    (void)state;
    gr_workspace *workspace = gr_workspace_create();
    gr_workspace_give_back(workspace, gr_workspace_take(workspace, 1000));
    char *larger = gr_workspace_take(workspace, 2000);
    assert_non_null(larger);
    gr_workspace_give_back(workspace, larger);
    assert_int_equal(gr_workspace_bytes(workspace), 2000);
    gr_workspace_destroy(workspace);
}

static void what_is_taken_stays_when_the_rest_is_dropped(void **state)
{
    (void)state;
    gr_workspace *workspace = gr_workspace_create();
    char *first = gr_workspace_take(workspace, 1000), *kept = gr_workspace_take(workspace, 2000);
    char *last = gr_workspace_take(workspace, 3000);
    memset(kept, 7, 2000);
    gr_workspace_give_back(workspace, first);
    gr_workspace_give_back(workspace, last);
    gr_workspace_drop(workspace);
    assert_int_equal(gr_workspace_bytes(workspace), 0);
    assert_int_equal(kept[0] + kept[1999], 14);
    gr_workspace_give_back(workspace, kept);
    assert_int_equal(gr_workspace_bytes(workspace), 2000);
    gr_workspace_destroy(workspace);
}

enum { SIZE = 32, MOST = 3 * 1024 };

typedef struct world {
    gr_model *model;
    gr_params *params;
    gr_workspace *workspace;
} world;

static world make_world(const char *backbone)
{
    world w = {.workspace = gr_workspace_create()};
    gr_error err = {0};
    gr_model_options options = {.backbone = backbone, .head = "linear", .size = SIZE, .channels = 3, .classes = 2};
    if (gr_model_create(&options, &w.model, &err) != GR_OK || gr_model_add_loss(w.model, &(gr_loss_options){0}, &err) != GR_OK ||
        gr_params_create(w.model->graph, 1, true, &w.params, &err) != GR_OK)
        fail_msg("%s", err.text);
    return w;
}

static void destroy_world(world *w)
{
    gr_workspace_destroy(w->workspace);
    gr_params_destroy(w->params);
    gr_model_destroy(w->model);
}

static gr_plan *compile(const world *w, gr_workspace *workspace, gr_plan_options how)
{
    const gr_value *keep[] = {w->model->head_input};
    gr_plan *plan;
    gr_error err = {0};
    how.keep = keep;
    how.keep_count = 1;
    if (gr_plan_compile(w->model->graph, w->params, workspace, &how, &plan, &err) != GR_OK)
        fail_msg("%s", err.text);
    return plan;
}

static void run(const world *w, gr_plan *plan, float features[MOST])
{
    float *image = gr_plan_data(plan, w->model->image);
    const int64_t batch = gr_plan_batch(plan);
    for (int64_t p = 0; p < batch * SIZE * SIZE * 3; p++)
        image[p] = (float)(p * 7919 % 2001 - 1000) * 1e-3f;
    gr_plan_forward(plan, 1, 0);
    const size_t count = (size_t)(batch * w->model->head_input->shape.dim[1]);
    assert_true(count <= MOST);
    memcpy(features, gr_plan_data(plan, w->model->head_input), count * sizeof *features);
}

/* Two folds, one behind the other: the second asks the system for nothing, and answers the same. */
static void a_second_plan_needs_no_new_memory(void **state)
{
    (void)state;
    world w = make_world("resnet18");
    const char *base = NULL, *prepared = NULL;
    float features[2][MOST] = {{0}};
    for (int i = 0; i < 2; i++) {
        gr_plan *plan = compile(&w, w.workspace, (gr_plan_options){.batch = 3});
        assert_true(plan->prepared_bytes > 0);
        assert_true(i == 0 || (w.workspace->base == base && plan->prepared == prepared));
        base = w.workspace->base;
        prepared = plan->prepared;
        run(&w, plan, features[i]);
        gr_plan_destroy(plan);
    }
    assert_memory_equal(features[0], features[1], sizeof features[0]);
    destroy_world(&w);
}

/* One step, whose numbers fill the workspace's base. Parameters (running statistics too) stay as they were. */
static void train(const world *w, gr_plan *plan)
{
    float *before = gr_alloc(w->params->count, sizeof *before);
    assert_non_null(before);
    memcpy(before, w->params->values, w->params->count * sizeof *before);
    const size_t batch = (size_t)gr_plan_batch(plan);
    memset(gr_plan_data(plan, w->model->image), 0, batch * SIZE * SIZE * 3 * sizeof(float));
    memset(gr_plan_data(plan, w->model->labels), 0, batch * sizeof(int32_t));
    gr_plan_forward(plan, 1, 0);
    gr_plan_backward(plan);
    memcpy(w->params->values, before, w->params->count * sizeof *before);
    gr_free(before);
}

/* A training run's: weights that are packed behind an inference plan's arena are packed anew when another plan has run, whichever
 * that was, and when the workspace has moved. */
static void packed_weights_in_the_base_are_made_again(void **state)
{
    (void)state;
    world w = make_world("mobilenet_v3_small");
    gr_workspace *own = gr_workspace_create();
    gr_plan *alone[] = {compile(&w, own, (gr_plan_options){.batch = 3, .transient = true}),
                        compile(&w, own, (gr_plan_options){.batch = 2, .transient = true})};
    gr_plan_options how = {.batch = 200, .training = true, .loss = w.model->loss};
    gr_plan *training[] = {compile(&w, w.workspace, how), NULL};
    gr_plan *inference[] = {compile(&w, w.workspace, (gr_plan_options){.batch = 3, .transient = true}),
                            compile(&w, w.workspace, (gr_plan_options){.batch = 2, .transient = true})};
    for (int i = 0; i < 2; i++)
        assert_true(!alone[i]->prepared_in_base && inference[i]->prepared_in_base);
    assert_null(w.workspace->blocks);

    for (int round = 0; round < 2; round++) {
        static const char turns[] = "aa-ab-bbab-a";
        for (const char *turn = turns; *turn != '\0'; turn++) {
            float want[MOST] = {0}, got[MOST] = {0};
            if (*turn == '-') {
                train(&w, training[round]);
                continue;
            }
            run(&w, alone[*turn - 'a'], want);
            run(&w, inference[*turn - 'a'], got);
            assert_memory_equal(got, want, sizeof got);
            assert_true(got[0] != got[1]); /* the weights count */
        }
        how.batch *= 2;
        if (round == 0)
            training[1] = compile(&w, w.workspace, how);
    }
    for (int i = 0; i < 2; i++) {
        gr_plan_destroy(alone[i]);
        gr_plan_destroy(inference[i]);
        gr_plan_destroy(training[i]);
    }
    gr_workspace_destroy(own);
    destroy_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_given_back_is_taken_again),
        cmocka_unit_test(a_free_block_that_is_too_small_goes),
        cmocka_unit_test(what_is_taken_stays_when_the_rest_is_dropped),
        cmocka_unit_test(a_second_plan_needs_no_new_memory),
        cmocka_unit_test(packed_weights_in_the_base_are_made_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
