#include "support/trial.h"

#include <math.h>
#include <string.h>

#include "support/support.h"

void test_trial_open(const float *weights, test_trial *t)
{
    gr_error err = {0};
    gr_graph *g = gr_graph_create();
    *t = (test_trial){.model = {.graph = g}};
    t->model.image = gr_input(g, "image", GR_F32, (gr_shape){.rank = 4, .dim = {1, TEST_TRIAL_SIDE, TEST_TRIAL_SIDE, 1}});
    gr_value *flat = gr_flatten(g, t->model.image, "flat");
    t->model.answer = t->model.scores = gr_dense_without_bias(g, flat, "fc", 1, GR_INIT_NORMAL_001);
    assert_int_equal(gr_graph_status(g, &err), GR_OK);
    t->card.model = (gr_model_options){.size = TEST_TRIAL_SIDE, .channels = 1};
    t->subject = (gr_subject){.card = &t->card,
                              .aim = &t->aim,
                              .size = TEST_TRIAL_SIDE,
                              .channels = 1,
                              .pixels = TEST_TRIAL_PIXELS,
                              .answers = 1,
                              .values = 1,
                              .network = {.model = &t->model},
                              .workspace = gr_workspace_create(),
                              .value = t->model.answer};
    t->aim = (gr_aim){.kind = GR_AIM_ONE, .value = GR_AIM_ANSWER, .columns = 1, .numbers = 1};
    assert_int_equal(gr_params_alloc(g, false, &t->subject.network.params, &err), GR_OK);
    t->weights = t->subject.network.params->values + gr_graph_parameter(g, 0)->offset;
    memcpy(t->weights, weights, TEST_TRIAL_PIXELS * sizeof *weights);
    for (int i = 0; i < TEST_TRIAL_IMAGES; i++) {
        double sum = 0.0;
        for (int k = 0; k < TEST_TRIAL_PIXELS; k++) {
            t->pixels[i * TEST_TRIAL_PIXELS + k] = (float)(i + 1);
            sum += (double)weights[k] * (i + 1);
        }
        t->answers[i] = (float)sum;
        t->seeds[i] = 1;
        t->found[i] = (gr_found){.value = sum, .probability = (double)NAN, .predicted = -1, .confidence = (double)NAN};
        t->origins[i].map = gr_map_identity();
    }
    t->images = (gr_trial_images){.subject = &t->subject,
                                  .n = TEST_TRIAL_IMAGES,
                                  .pixels = t->pixels,
                                  .answers = t->answers,
                                  .found = t->found,
                                  .seeds = t->seeds,
                                  .origins = t->origins};
}

void test_trial_close(test_trial *t)
{
    gr_subject_forget(&t->subject);
    gr_params_destroy(t->subject.network.params);
    gr_workspace_destroy(t->subject.workspace);
    gr_graph_destroy(t->model.graph);
}

void test_trial_run(const test_trial *t, const gr_trial *of, const gr_method *method, const float *maps, double *numbers)
{
    gr_error err = {0};
    const gr_explain_options options = {0};
    const gr_trial_maps all = {
        .method = method, .options = &options, .maps = maps, .numbers = maps, .count = TEST_TRIAL_PIXELS};
    for (int i = 0; i < TEST_TRIAL_IMAGES * (of->column_count + of->points); i++)
        numbers[i] = (double)NAN;
    if (of->run(&t->images, &all, numbers, &err) != GR_OK)
        fail_msg("%s", err.text);
}
