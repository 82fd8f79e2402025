/* The plan: fused equals unfused, any number of threads gives the same bits, memory that is alive never overlaps, frozen parts
 * stay as they were, and plans share a workspace. */
#include "support/support.h"
#include "graph/plan_private.h"
#include "grimace/models.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 3, BATCHES = 5, SIZE = 48 };

static gr_model *make_model(const char *backbone, const char *head)
{
    gr_error err = {0};
    gr_model *model;
    gr_model_options options = {.backbone = backbone, .head = head, .size = SIZE, .channels = 3, .classes = 2};
    gr_loss_options loss = {.prsc_lambda = strcmp(head, "painseeker") == 0 ? 0.1 : 0.0, .prsc_margin = 0.2, .prsc_top_k = 2};
    if (gr_model_create(&options, &model, &err) != GR_OK || gr_model_add_loss(model, &loss, &err) != GR_OK)
        fail_msg("%s", err.text);
    return model;
}

static void write_pictures(const gr_plan *plan, const gr_model *model, int64_t batch, uint64_t seed)
{
    test_fill(gr_plan_data(plan, model->image), batch * SIZE * SIZE * 3, seed, 1.0f);
    for (int64_t i = 0; i < batch; i++)
        ((int32_t *)gr_plan_data(plan, model->labels))[i] = (int32_t)(i % 2);
}

static float step_of(const test_run *run, const gr_model *model, uint64_t seed)
{
    write_pictures(run->plan, model, BATCH, seed);
    gr_plan_forward(run->plan, 1, 0);
    gr_plan_backward(run->plan);
    return gr_plan_data(run->plan, model->loss)[0];
}

static float step(const test_run *run, const gr_model *model)
{
    return step_of(run, model, 1);
}

/* The first parameter whose gradient (or statistics) differs; NULL: none does. */
static const char *differs(const gr_model *model, const test_run *fused, const test_run *plain)
{
    for (int i = 0; i < gr_graph_parameter_count(model->graph); i++) {
        const gr_parameter *p = gr_graph_parameter(model->graph, i);
        const float *x = (p->buffer ? fused->params->values : fused->params->gradients) + p->offset;
        const float *y = (p->buffer ? plain->params->values : plain->params->gradients) + p->offset;
        if (!test_close(x, y, (int64_t)p->count, 1e-3))
            return p->name;
    }
    return NULL;
}

/* Of the last map's few thousand numbers one that is 0 but for rounding has its ReLU open on one side and closed on the other,
 * which moves all gradients by 2 %. So one of some batches has to agree, and closely. */
static void fusion_changes_nothing_but_rounding(void **state)
{
    (void)state;
    static const char *const heads[] = {"linear", "painseeker"};
    for (int h = 0; h < 2; h++) {
        gr_model *model = make_model("resnet18", heads[h]);
        test_run plain = test_compile(model->graph, model->loss, NULL, 0, BATCH, false);
        test_run fused = test_compile(model->graph, model->loss, NULL, 0, BATCH, true);
        int lazy = 0, again = 0;
        for (int v = 0; v < model->graph->value_count; v++)
            lazy += fused.plan->values[v].lazy, again += fused.plan->values[v].again;
        assert_int_equal(again, 8); /* the blocks' outputs */
        assert_true(lazy >= 12); /* one in each of ResNet-18's blocks, three shortcuts, and in front of the pool */
        assert_true(fused.plan->op_count < plain.plan->op_count);
        assert_true(gr_plan_bytes(fused.plan, NULL) < gr_plan_bytes(plain.plan, NULL));
        const char *other = "";
        for (uint64_t seed = 1; seed <= BATCHES && other != NULL; seed++) {
            float a = step_of(&fused, model, seed), b = step_of(&plain, model, seed);
            assert_true(fabsf(a - b) <= 1e-4f * fabsf(b));
            other = differs(model, &fused, &plain);
        }
        if (other != NULL)
            fail_msg("%s with head %s", other, heads[h]);
        test_run_destroy(&plain);
        test_run_destroy(&fused);
        gr_model_destroy(model);
    }
}

/* bf16 rounds, but not much: one step's loss moves, and the gradients keep their direction. */
static void bf16_stays_near_float32(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_model *model = make_model("resnet18", "linear");
    test_run run = test_compile(model->graph, model->loss, NULL, 0, BATCH, true);
    size_t floats = gr_graph_parameter_floats(model->graph);
    float exact = step(&run, model), *gradients = malloc(floats * sizeof *gradients);
    memcpy(gradients, run.params->gradients, floats * sizeof *gradients);
    gr_plan_options options = {.batch = BATCH, .training = true, .precision = GR_BF16, .loss = model->loss};
    test_run bf16 = {.params = run.params};
    assert_int_equal(gr_plan_compile(model->graph, run.params, run.workspace, &options, &bf16.plan, &err), GR_OK);
    float rounded = step(&bf16, model);
    assert_true(rounded != exact && fabsf(rounded - exact) < 0.03f * exact);
    double dot = 0.0, a = 0.0, b = 0.0;
    for (size_t i = 0; i < floats; i++) {
        dot += (double)gradients[i] * (double)run.params->gradients[i];
        a += (double)gradients[i] * (double)gradients[i];
        b += (double)run.params->gradients[i] * (double)run.params->gradients[i];
    }
    assert_true(dot > 0.9 * sqrt(a * b));
    gr_plan_destroy(bf16.plan);
    free(gradients);
    test_run_destroy(&run);
    gr_model_destroy(model);
}

static void threads_give_the_same_bits(void **state)
{
    (void)state;
    int before = gr_threads_get();
    float *first = NULL;
    gr_model *model = make_model("resnet18", "painseeker");
    size_t floats = gr_graph_parameter_floats(model->graph);
    for (int threads = 1; threads <= 4; threads++) {
        gr_threads_set(threads);
        test_run run = test_compile(model->graph, model->loss, NULL, 0, BATCH, true);
        step(&run, model);
        if (first == NULL) {
            first = malloc(floats * sizeof *first);
            memcpy(first, run.params->gradients, floats * sizeof *first);
        }
        assert_memory_equal(first, run.params->gradients, floats * sizeof *first);
        test_run_destroy(&run);
    }
    free(first);
    gr_model_destroy(model);
    gr_threads_set(before);
}

static void check_buffers(const gr_plan *plan)
{
    for (int a = 0; a < plan->buffer_count; a++) {
        const gr_plan_buffer *x = &plan->buffers[a];
        assert_true(x->offset + x->bytes <= plan->arena_bytes);
        for (int b = 0; b < a; b++) {
            const gr_plan_buffer *y = &plan->buffers[b];
            bool together = x->first <= y->last && y->first <= x->last;
            assert_false(together && x->offset < y->offset + y->bytes && y->offset < x->offset + x->bytes);
        }
    }
    size_t unshared;
    assert_true(gr_plan_bytes(plan, &unshared) < unshared);
}

/* Plans for forward alone, for training, and for gradients without training. */
static void living_memory_never_overlaps(void **state)
{
    (void)state;
    gr_error err = {0};
    static const char *const backbones[] = {"resnet18", "blackmice_cnn"};
    for (int m = 0; m < 2; m++) {
        gr_model *model = make_model(backbones[m], "linear");
        const gr_value *keep[] = {model->logits}, *of[] = {model->image, model->features};
        const gr_plan_options modes[] = {
            {.batch = BATCH, .keep = keep, .keep_count = 1},
            {.batch = BATCH, .keep = keep, .keep_count = 1, .training = true, .loss = model->loss},
            {.batch = BATCH, .gradients_of = of, .gradient_count = 2, .gradients_from = model->logits}};
        test_run run = test_compile(model->graph, NULL, keep, 1, BATCH, true);
        for (int i = 0; i < 3; i++) {
            gr_plan *plan;
            assert_int_equal(gr_plan_compile(model->graph, run.params, run.workspace, &modes[i], &plan, &err), GR_OK);
            check_buffers(plan);
            gr_plan_destroy(plan);
        }
        test_run_destroy(&run);
        gr_model_destroy(model);
    }
}

/* InfantPain's "first 15 layers" of VGG-16 in Keras: the image, ten convolutions and four poolings. */
static void freezes_by_count(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_model_options options = {.backbone = "vgg16", .head = "mlp", .size = 32, .channels = 3, .classes = 2};
    gr_model *model;
    assert_int_equal(gr_model_create(&options, &model, &err), GR_OK);
    assert_int_equal(gr_graph_freeze_first(model->graph, 15), 15);
    for (int i = 0; i < gr_graph_parameter_count(model->graph); i++) {
        const gr_parameter *p = gr_graph_parameter(model->graph, i);
        assert_int_equal(p->frozen, i < 20);
        if (i == 19)
            assert_string_equal(p->name, "backbone.features.21.bias");
    }
    assert_true(gr_graph_freeze_first(model->graph, 1000) < 30);
    gr_model_destroy(model);
}

static void frozen_parts_stay(void **state)
{
    (void)state;
    gr_model *model = make_model("resnet18", "linear");
    assert_true(gr_graph_freeze(model->graph, "backbone") > 60);
    assert_int_equal(gr_graph_freeze(model->graph, "backbon"), 0); /* whole components only */
    test_run run = test_compile(model->graph, model->loss, NULL, 0, BATCH, true);
    size_t floats = gr_graph_parameter_floats(model->graph);
    float *before = malloc(floats * sizeof *before);
    memcpy(before, run.params->values, floats * sizeof *before);
    memset(run.params->gradients, 0, floats * sizeof(float));
    step(&run, model);
    assert_memory_equal(before, run.params->values, floats * sizeof *before); /* running statistics too */
    for (int i = 0; i < gr_graph_parameter_count(model->graph); i++) {
        const gr_parameter *p = gr_graph_parameter(model->graph, i);
        double sum = 0.0;
        for (size_t k = 0; k < p->count; k++)
            sum += fabs((double)run.params->gradients[p->offset + k]);
        assert_true(p->frozen ? sum == 0.0 : sum > 0.0);
    }
    free(before);
    test_run_destroy(&run);
    gr_model_destroy(model);
}

/* Training and inference plans of two batch sizes on one workspace, in turn: each step's result is what it is alone. */
static void plans_share_a_workspace(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_model *model = make_model("resnet18", "painseeker");
    test_run run = test_compile(model->graph, model->loss, NULL, 0, BATCH, true);
    float alone = step(&run, model);
    const gr_value *keep[] = {model->probabilities};
    gr_plan_options options = {.batch = 2 * BATCH, .keep = keep, .keep_count = 1};
    gr_plan *infer;
    assert_int_equal(gr_plan_compile(model->graph, run.params, run.workspace, &options, &infer, &err), GR_OK);
    for (int turn = 0; turn < 2; turn++) {
        assert_true(step(&run, model) == alone); /* batch statistics do not depend on the running ones */
        gr_plan_refresh(infer);
        test_fill(gr_plan_data(infer, model->image), 2 * BATCH * SIZE * SIZE * 3, 1, 1.0f);
        gr_plan_forward(infer, 1, 0);
        const float *p = gr_plan_data(infer, model->probabilities);
        for (int i = 0; i < 2 * BATCH; i++)
            assert_true(fabsf(p[2 * i] + p[2 * i + 1] - 1.0f) < 1e-5f);
    }
    gr_plan_destroy(infer);
    test_run_destroy(&run);
    gr_model_destroy(model);
}

/* An exact plan has no convolution by transforms, where a plan has one otherwise, and says the same to float32's rounding. */
static void exact_plans_do_without_transforms(void **state)
{
    (void)state;
    gr_error err = {0};
    float logits[2][2 * BATCH];
    gr_model *model = make_model("resnet18", "linear");
    test_run run = test_compile(model->graph, model->loss, NULL, 0, BATCH, true);
    for (int exact = 0; exact < 2; exact++) {
        const gr_value *keep[] = {model->logits};
        gr_plan_options options = {.batch = BATCH, .exact = exact == 1, .keep = keep, .keep_count = 1};
        gr_plan *plan;
        assert_int_equal(gr_plan_compile(model->graph, run.params, run.workspace, &options, &plan, &err), GR_OK);
        test_fill(gr_plan_data(plan, model->image), BATCH * SIZE * SIZE * 3, 1, 1.0f);
        gr_plan_forward(plan, 1, 0);
        memcpy(logits[exact], gr_plan_data(plan, model->logits), sizeof logits[exact]);
        char *report = gr_plan_report(plan);
        assert_non_null(report);
        assert_true((strstr(report, "F(4x4,3x3)") != NULL) == (exact == 0));
        gr_free(report);
        gr_plan_destroy(plan);
    }
    assert_true(test_close(logits[1], logits[0], 2 * BATCH, 1e-4));
    test_run_destroy(&run);
    gr_model_destroy(model);
}

static void wrong_graphs_are_named(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_graph *g = gr_graph_create();
    gr_value *x = gr_input(g, "x", GR_F32, gr_shape4(1, 4, 4, 6));
    gr_value *y = gr_conv2d(g, x, "layer.conv", (gr_conv2d_args){.out = 8, .kernel = {7, 7}});
    assert_null(gr_relu(g, y, "relu")); /* passes NULL through and keeps the first sentence */
    assert_int_equal(gr_graph_status(g, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "layer.conv: a 7x7 kernel does not fit a 4x4 feature map"));
    gr_graph_destroy(g);
    gr_model *model;
    gr_model_options options = {.backbone = "resnet81", .head = "linear", .size = 64, .channels = 3, .classes = 2};
    err = (gr_error){0};
    assert_int_equal(gr_model_create(&options, &model, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "did you mean 'resnet18'?"));
    options = (gr_model_options){.backbone = "resnet18", .head = "painseeker", .size = 64, .channels = 3, .classes = 2};
    err = (gr_error){0};
    assert_int_equal(gr_model_create(&options, &model, &err), GR_OK);
    gr_loss_options loss = {.prsc_lambda = 0.1, .prsc_margin = 0.2, .prsc_top_k = 4};
    assert_int_equal(gr_model_add_loss(model, &loss, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "top_k is 4, but the last feature map has 4 regions"));
    gr_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fusion_changes_nothing_but_rounding), cmocka_unit_test(exact_plans_do_without_transforms),
        cmocka_unit_test(threads_give_the_same_bits),
        cmocka_unit_test(bf16_stays_near_float32),
        cmocka_unit_test(living_memory_never_overlaps),        cmocka_unit_test(frozen_parts_stay),
        cmocka_unit_test(freezes_by_count),
        cmocka_unit_test(plans_share_a_workspace),             cmocka_unit_test(wrong_graphs_are_named),
    };
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
