/* What plans take, known without taking it. */
#include "support/support.h"
#include "grimace/models.h"

enum { SIZE = 32, BATCH = 5 };

typedef struct fixture {
    gr_model *model;
    gr_params *params;
    gr_plan_options options;
} fixture;

static fixture make(void)
{
    gr_error err = {0};
    fixture f;
    gr_model_options options = {.backbone = "resnet18", .head = "linear", .size = SIZE, .channels = 3, .classes = 2};
    if (gr_model_create(&options, &f.model, &err) != GR_OK || gr_model_add_loss(f.model, &(gr_loss_options){0}, &err) != GR_OK ||
        gr_params_alloc(f.model->graph, true, &f.params, &err) != GR_OK)
        fail_msg("%s", err.text);
    f.options = (gr_plan_options){.batch = BATCH, .training = true, .loss = f.model->loss};
    return f;
}

static void drop(fixture *f)
{
    gr_params_destroy(f->params);
    gr_model_destroy(f->model);
}

static void the_measure_is_what_the_plan_takes(void **state)
{
    (void)state;
    gr_error err = {0};
    fixture f = make();
    gr_workspace *workspace = gr_workspace_create();
    gr_plan *plan;
    size_t bytes;
    assert_int_equal(gr_plan_measure(f.model->graph, f.params, &f.options, &bytes, &err), GR_OK);
    assert_int_equal(gr_plan_compile(f.model->graph, f.params, workspace, &f.options, &plan, &err), GR_OK);
    assert_int_equal(bytes, gr_plan_bytes(plan, NULL));
    gr_plan_destroy(plan);
    gr_workspace_destroy(workspace);
    drop(&f);
}

static void the_largest_batch_is_the_last_that_fits(void **state)
{
    (void)state;
    gr_error err = {0};
    fixture f = make();
    size_t bytes;
    int64_t batch;
    assert_int_equal(gr_plan_measure(f.model->graph, f.params, &f.options, &bytes, &err), GR_OK);
    assert_int_equal(gr_plan_largest_batch(f.model->graph, f.params, &f.options, bytes, &batch, &err), GR_OK);
    assert_int_equal(batch, BATCH);
    assert_int_equal(gr_plan_largest_batch(f.model->graph, f.params, &f.options, bytes - 1, &batch, &err), GR_OK);
    assert_int_equal(batch, BATCH - 1);
    assert_int_equal(gr_plan_largest_batch(f.model->graph, f.params, &f.options, 1, &batch, &err), GR_OK);
    assert_int_equal(batch, 0);
    assert_int_equal(gr_plan_largest_batch(f.model->graph, f.params, &f.options, SIZE_MAX, &batch, &err), GR_OK);
    assert_int_equal(batch, GR_MOST_BATCH);
    drop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_measure_is_what_the_plan_takes),
                                       cmocka_unit_test(the_largest_batch_is_the_last_that_fits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
