/* Gradients of a logit by the image and by the last feature map, with running statistics, against PyTorch's in evaluation mode
 * (make_gradients.py): with every instruction set, fused and with single operators. */
#include "support/parity.h"

enum { SIZE = 40, BATCH = 2, CLASSES = 3 };

static gr_weights *reference;

static const char *const networks[] = {"resnet18", "mobilenet_v3_small"};
enum { NETWORKS = sizeof networks / sizeof networks[0] };

static bool network_agrees(const char *key, bool fusion)
{
    gr_error err = {0};
    gr_model_options options = {.backbone = key, .head = "linear", .size = SIZE, .channels = 3, .classes = CLASSES};
    gr_model *model = test_parity_model(&options);
    gr_params *params;
    assert_int_equal(gr_params_create(model->graph, 3, false, &params, &err), GR_OK);
    test_parity_fill(model, &options, params);
    gr_workspace *workspace = gr_workspace_create();
    gr_plan *plan;
    gr_plan_options plan_options = {.batch = BATCH, .no_fusion = !fusion, .gradients_from = model->logits,
                                    .gradients_of = (const gr_value *[]){model->image, model->features}, .gradient_count = 2};
    if (gr_plan_compile(model->graph, params, workspace, &plan_options, &plan, &err) != GR_OK)
        fail_msg("%s", err.text);
    test_fill(gr_plan_data(plan, model->image), BATCH * SIZE * SIZE * 3, 1, 1.0f);
    gr_plan_forward(plan, 1, 0);
    bool good = test_parity_matches(reference, key, "logits", gr_plan_data(plan, model->logits), 1e-4);
    gr_plan_backward_from(plan, (const float[BATCH * CLASSES]){[1] = 1.0f, [CLASSES + 2] = 1.0f});
    good = test_parity_matches(reference, key, "by_map", gr_plan_gradient(plan, model->features), 1e-4) && good;
    good = test_parity_matches(reference, key, "by_image", gr_plan_gradient(plan, model->image), 1e-4) && good;
    gr_plan_destroy(plan);
    gr_workspace_destroy(workspace);
    gr_params_destroy(params);
    gr_model_destroy(model);
    return good;
}

static bool networks_agree(void)
{
    bool good = true;
    for (int turn = 0; turn < 2 * NETWORKS; turn++)
        if (!network_agrees(networks[turn / 2], turn % 2 == 0)) {
            print_message("  %s, fusion %d\n", networks[turn / 2], turn % 2 == 0);
            good = false;
        }
    return good;
}

static void networks_give_pytorchs_gradients(void **state)
{
    (void)state;
    assert_true(test_with_every_isa(networks_agree));
}

static int read_reference(void **state)
{
    (void)state;
    reference = test_parity_open("tests/parity/gradients.safetensors");
    return reference != NULL ? 0 : -1;
}

static int drop_reference(void **state)
{
    (void)state;
    gr_weights_destroy(reference);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_give_pytorchs_gradients),
    };
    return cmocka_run_group_tests_name("parity of gradients of values", tests, read_reference, drop_reference);
}
