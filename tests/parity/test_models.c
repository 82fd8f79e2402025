/* Whole models against PyTorch's numbers (make_models.py): training steps and inference from the same weights and images. */
#include "support/support.h"
#include "grimace/models.h"
#include "grimace/optim.h"
#include "grimace/weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static gr_weights *reference;

static const float *want(const char *name, int64_t count)
{
    const gr_tensor *tensor = gr_weights_find(reference, name);
    if (tensor == NULL || gr_shape_elements(&tensor->shape) != count)
        fail_msg("models.safetensors lacks %s of %lld numbers; run make_models.py", name, (long long)count);
    return tensor->data;
}

/* FNV-1a, 32 bits, as make_models.py. */
static uint32_t stream(const char *name)
{
    uint32_t h = 2166136261u;
    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h;
}

/* The numbers of every parameter from its name, put in through the same door as a user's weights. */
static void fill_parameters(const gr_model *model, gr_params *params)
{
    gr_error err = {0};
    gr_weights *weights;
    assert_int_equal(gr_model_export(model, params, &weights, &err), GR_OK);
    for (int i = 0; i < gr_weights_count(weights); i++) {
        const char *name = gr_weights_name(weights, i);
        gr_tensor *tensor = gr_weights_at(weights, i);
        int64_t count = gr_shape_elements(&tensor->shape), taps = 1;
        for (int d = 2; d < tensor->shape.rank; d++)
            taps *= tensor->shape.dim[d];
        float scale = 0.1f, offset = 0.0f;
        if (gr_ends_with(name, "running_var")) {
            scale = 0.5f;
            offset = 1.0f;
        } else if (tensor->shape.rank == 2) {
            scale = (float)(1.0 / sqrt((double)tensor->shape.dim[1]));
        } else if (tensor->shape.rank > 1) {
            scale = (float)sqrt(6.0 / (double)(tensor->shape.dim[0] * taps));
        } else if (gr_ends_with(name, "weight")) {
            scale = 0.2f;
            offset = 1.0f;
        }
        for (int64_t k = 0; k < count; k++)
            ((float *)tensor->data)[k] = scale * test_number(stream(name), (uint32_t)k) + offset;
    }
    assert_int_equal(gr_model_import(model, params, weights, NULL, NULL, &err), GR_OK);
    gr_weights_destroy(weights);
}

static gr_model *make_model(const char *backbone, const char *head, int64_t size)
{
    gr_error err = {0};
    gr_model *model;
    gr_model_options options = {.backbone = backbone, .head = head, .size = size, .channels = 3, .classes = 2};
    if (gr_model_create(&options, &model, &err) != GR_OK)
        fail_msg("%s", err.text);
    return model;
}

/* All trained numbers as spans. */
static gr_optim *make_optimiser(const gr_model *model, const gr_optim_options *options)
{
    gr_span spans[256];
    int count = 0;
    gr_error err = {0};
    gr_optim *optim;
    for (int i = 0; i < gr_graph_parameter_count(model->graph); i++) {
        const gr_parameter *p = gr_graph_parameter(model->graph, i);
        if (!p->buffer)
            spans[count++] = (gr_span){p->offset, p->count};
    }
    assert_int_equal(gr_optim_create(options, spans, count, &optim, &err), GR_OK);
    return optim;
}

static void fill_batch(const test_run *run, const gr_model *model, int64_t batch, int64_t size, const int32_t *labels)
{
    test_fill(gr_plan_data(run->plan, model->image), batch * size * size * 3, 1, 1.0f);
    if (labels != NULL)
        memcpy(gr_plan_data(run->plan, model->labels), labels, (size_t)batch * sizeof *labels);
}

static void close_to(double got, double expected, double limit, const char *what, int step)
{
    if (!(fabs(got - expected) <= limit * fabs(expected)))
        fail_msg("step %d: %s is %.9g, PyTorch's is %.9g", step, what, got, expected);
}

static void painseeker_follows_pytorch_for_six_steps(void **state)
{
    (void)state;
    static const int32_t labels[4] = {0, 1, 1, 0};
    const float *steps = want("painseeker.steps", 18);
    for (int fusion = 0; fusion < 2; fusion++) {
        gr_error err = {0};
        gr_model *model = make_model("resnet18", "painseeker", 96);
        gr_loss_options loss = {.prsc_lambda = 0.1, .prsc_margin = 0.2, .prsc_top_k = 5};
        assert_int_equal(gr_model_add_loss(model, &loss, &err), GR_OK);
        const gr_value *keep[] = {model->ce, model->prsc};
        test_run run = test_compile(model->graph, model->loss, keep, 2, 4, fusion);
        fill_parameters(model, run.params);
        gr_optim_options adam = {.name = "adam", .weight_decay = 0.01, .betas = {0.9, 0.999}, .eps = 1e-8};
        gr_optim *optim = make_optimiser(model, &adam);
        for (int s = 0; s < 6; s++) {
            fill_batch(&run, model, 4, 96, labels);
            gr_plan_forward(run.plan, 1, (uint64_t)s);
            close_to(gr_plan_data(run.plan, model->loss)[0], steps[3 * s], 1e-3, "loss", s);
            close_to(gr_plan_data(run.plan, model->ce)[0], steps[3 * s + 1], 1e-3, "CE", s);
            close_to(gr_plan_data(run.plan, model->prsc)[0], steps[3 * s + 2], 1e-3, "PRSC", s);
            gr_plan_backward(run.plan);
            gr_optim_step(optim, run.params->values, run.params->gradients, 1e-4);
        }
        gr_weights *after;
        assert_int_equal(gr_model_export(model, run.params, &after, &err), GR_OK);
        const gr_tensor *classifier = gr_weights_find(after, "classifier.weight");
        assert_true(test_close(classifier->data, want("painseeker.classifier", 1024), 1024, 1e-3));
        const gr_tensor *conv1 = gr_weights_find(after, "backbone.conv1.weight");
        assert_true(test_close(conv1->data, want("painseeker.conv1", 9408), 9408, 5e-3));
        gr_weights_destroy(after);
        gr_optim_destroy(optim);
        test_run_destroy(&run);
        gr_model_destroy(model);
    }
}

static void blackmice_follows_pytorch(void **state)
{
    (void)state;
    static const int32_t labels[5] = {0, 1, 1, 0, 1};
    const float *steps = want("blackmice.steps", 4);
    gr_error err = {0};
    gr_model *model = make_model("blackmice_cnn", "linear", 32);
    gr_loss_options loss = {0};
    assert_int_equal(gr_model_add_loss(model, &loss, &err), GR_OK);
    test_run run = test_compile(model->graph, model->loss, NULL, 0, 5, true);
    fill_parameters(model, run.params);
    gr_optim_options sgd = {.name = "sgd", .momentum = 0.9, .nesterov = true};
    gr_optim *optim = make_optimiser(model, &sgd);
    for (int s = 0; s < 4; s++) {
        fill_batch(&run, model, 5, 32, labels);
        gr_plan_forward(run.plan, 1, (uint64_t)s);
        close_to(gr_plan_data(run.plan, model->loss)[0], steps[s], 1e-4, "loss", s);
        gr_plan_backward(run.plan);
        gr_optim_step(optim, run.params->values, run.params->gradients, 0.01);
    }
    gr_optim_destroy(optim);
    test_run_destroy(&run);
    gr_model_destroy(model);
}

static void inference_gives_torchvisions_logits(void **state)
{
    (void)state;
    static const char *const names[] = {"resnet18", "resnet34", "resnet50"};
    for (int i = 0; i < 6; i++) {
        char key[32];
        snprintf(key, sizeof key, "%s.logits", names[i / 2]);
        gr_model *model = make_model(names[i / 2], "linear", 96);
        const gr_value *keep[] = {model->logits};
        test_run run = test_compile(model->graph, NULL, keep, 1, 2, i % 2);
        fill_parameters(model, run.params);
        fill_batch(&run, model, 2, 96, NULL);
        gr_plan_refresh(run.plan);
        gr_plan_forward(run.plan, 0, 0);
        assert_true(test_close(gr_plan_data(run.plan, model->logits), want(key, 4), 4, 1e-4));
        test_run_destroy(&run);
        gr_model_destroy(model);
    }
}

static int read_reference(void **state)
{
    (void)state;
    gr_error err = {0};
    if (gr_weights_read("tests/parity/models.safetensors", &reference, &err) != GR_OK) {
        print_message("%s\n", err.text);
        return -1;
    }
    return 0;
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
        cmocka_unit_test(painseeker_follows_pytorch_for_six_steps),
        cmocka_unit_test(blackmice_follows_pytorch),
        cmocka_unit_test(inference_gives_torchvisions_logits),
    };
    return cmocka_run_group_tests_name("parity of models", tests, read_reference, drop_reference);
}
