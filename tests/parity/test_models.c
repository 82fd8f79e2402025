/* Whole models against PyTorch's numbers (make_models.py): training steps and inference from the same weights and images. */
#include "support/parity.h"
#include "grimace/optim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float *want(const char *name, int64_t count)
{
    const gr_tensor *tensor = gr_weights_find(test_parity_reference(), name);
    if (tensor == NULL || gr_shape_elements(&tensor->shape) != count)
        fail_msg("models.safetensors lacks %s of %lld numbers; run make_models.py", name, (long long)count);
    return tensor->data;
}

static gr_model_options options_of(const char *backbone, const char *head, int64_t size)
{
    return (gr_model_options){.backbone = backbone, .head = head, .size = size, .channels = 3, .classes = 2};
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
    gr_model_options options = options_of("resnet18", "painseeker", 96);
    gr_loss_options loss = {.prsc_lambda = 0.1, .prsc_margin = 0.2, .prsc_top_k = 5};
    for (int fusion = 0; fusion < 2; fusion++) {
        gr_error err = {0};
        test_subject subject = test_parity_subject("painseeker", &options, &loss, true);
        const gr_model *model = subject.model;
        gr_plan *plan = test_parity_plan(&subject, 4, true, fusion, (const gr_value *[]){model->ce, model->prsc}, 2);
        gr_optim_options adam = {.name = "adam", .weight_decay = 0.01, .betas = {0.9, 0.999}, .eps = 1e-8};
        gr_optim *optim = make_optimiser(model, &adam);
        for (int s = 0; s < 6; s++) {
            test_parity_images(&subject, plan, 4);
            memcpy(gr_plan_data(plan, model->labels), labels, sizeof labels);
            gr_plan_forward(plan, 1, (uint64_t)s);
            close_to(gr_plan_data(plan, model->loss)[0], steps[3 * s], 1e-3, "loss", s);
            close_to(gr_plan_data(plan, model->ce)[0], steps[3 * s + 1], 1e-3, "CE", s);
            close_to(gr_plan_data(plan, model->prsc)[0], steps[3 * s + 2], 1e-3, "PRSC", s);
            gr_plan_backward(plan);
            gr_optim_step(optim, subject.params->values, subject.params->gradients, 1e-4);
        }
        gr_weights *after;
        assert_int_equal(gr_model_export(model, subject.params, &after, &err), GR_OK);
        const gr_tensor *classifier = gr_weights_find(after, "classifier.weight");
        assert_true(test_close(classifier->data, want("painseeker.classifier", 1024), 1024, 1e-3));
        const gr_tensor *conv1 = gr_weights_find(after, "backbone.conv1.weight");
        assert_true(test_close(conv1->data, want("painseeker.conv1", 9408), 9408, 5e-3));
        gr_weights_destroy(after);
        gr_optim_destroy(optim);
        gr_plan_destroy(plan);
        test_parity_subject_free(&subject);
    }
}

static void blackmice_follows_pytorch(void **state)
{
    (void)state;
    static const int32_t labels[5] = {0, 1, 1, 0, 1};
    const float *steps = want("blackmice.steps", 4);
    gr_model_options options = options_of("blackmice_cnn", "linear", 32);
    test_subject subject = test_parity_subject("blackmice", &options, &(gr_loss_options){0}, true);
    gr_plan *plan = test_parity_plan(&subject, 5, true, true, NULL, 0);
    gr_optim_options sgd = {.name = "sgd", .momentum = 0.9, .nesterov = true};
    gr_optim *optim = make_optimiser(subject.model, &sgd);
    for (int s = 0; s < 4; s++) {
        test_parity_images(&subject, plan, 5);
        memcpy(gr_plan_data(plan, subject.model->labels), labels, sizeof labels);
        gr_plan_forward(plan, 1, (uint64_t)s);
        close_to(gr_plan_data(plan, subject.model->loss)[0], steps[s], 1e-4, "loss", s);
        gr_plan_backward(plan);
        gr_optim_step(optim, subject.params->values, subject.params->gradients, 0.01);
    }
    gr_optim_destroy(optim);
    gr_plan_destroy(plan);
    test_parity_subject_free(&subject);
}

static void inference_gives_torchvisions_logits(void **state)
{
    (void)state;
    static const char *const names[] = {"resnet18", "resnet34", "resnet50"};
    bool good = true;
    for (int i = 0; i < 3; i++) {
        gr_model_options options = options_of(names[i], "linear", 96);
        test_subject s = test_parity_subject(names[i], &options, NULL, true);
        for (int fusion = 0; fusion < 2; fusion++)
            good = test_parity_inference(&s, fusion) && good;
        test_parity_subject_free(&s);
    }
    assert_true(good);
}

static int read_reference(void **state)
{
    (void)state;
    return test_parity_begin("tests/parity/models.safetensors");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(painseeker_follows_pytorch_for_six_steps),
        cmocka_unit_test(blackmice_follows_pytorch),
        cmocka_unit_test(inference_gives_torchvisions_logits),
    };
    return cmocka_run_group_tests_name("parity of models", tests, read_reference, test_parity_end);
}
