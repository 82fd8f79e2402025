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

/* Two folds, one behind the other: the second asks the system for nothing, and answers the same. */
static void a_second_plan_needs_no_new_memory(void **state)
{
    (void)state;
    enum { SIZE = 32, BATCH = 3 };
    gr_error err = {0};
    gr_model *model;
    gr_params *params;
    gr_model_options options = {.backbone = "resnet18", .head = "linear", .size = SIZE, .channels = 3, .classes = 2};
    if (gr_model_create(&options, &model, &err) != GR_OK || gr_model_add_loss(model, &(gr_loss_options){0}, &err) != GR_OK ||
        gr_params_create(model->graph, 1, true, &params, &err) != GR_OK)
        fail_msg("%s", err.text);
    const gr_value *keep[] = {model->answer};
    gr_workspace *workspace = gr_workspace_create();
    const char *base = NULL, *prepared = NULL;
    float answers[2][BATCH * 2];
    for (int i = 0; i < 2; i++) {
        gr_plan *plan;
        gr_plan_options how = {.batch = BATCH, .keep = keep, .keep_count = 1};
        assert_int_equal(gr_plan_compile(model->graph, params, workspace, &how, &plan, &err), GR_OK);
        assert_true(plan->prepared_bytes > 0);
        assert_true(i == 0 || (workspace->base == base && plan->prepared == prepared));
        base = workspace->base;
        prepared = plan->prepared;
        float *image = gr_plan_data(plan, model->image);
        for (int p = 0; p < BATCH * SIZE * SIZE * 3; p++)
            image[p] = (float)(p * 7919 % 2001 - 1000) * 1e-3f;
        gr_plan_forward(plan, 1, 0);
        memcpy(answers[i], gr_plan_data(plan, model->answer), sizeof answers[i]);
        gr_plan_destroy(plan);
    }
    assert_memory_equal(answers[0], answers[1], sizeof answers[0]);
    gr_workspace_destroy(workspace);
    gr_params_destroy(params);
    gr_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_given_back_is_taken_again),
        cmocka_unit_test(a_free_block_that_is_too_small_goes),
        cmocka_unit_test(what_is_taken_stays_when_the_rest_is_dropped),
        cmocka_unit_test(a_second_plan_needs_no_new_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
