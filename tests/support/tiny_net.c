#include "support/tiny_net.h"

#include <string.h>

#include "support/relevance.h"

static const char *const names[] = {"a", "b"};

static gr_model *make_model(void)
{
    gr_model *m = gr_alloc(1, sizeof *m);
    assert_non_null(m);
    gr_graph *g = gr_graph_create();
    m->graph = g;
    m->task = "classes";
    m->outputs = 1;
    m->image = gr_input(g, "image", GR_F32, gr_shape4(1, TINY_SIZE, TINY_SIZE, 1));
    gr_value *y = gr_conv2d(g, m->image, "body.conv", (gr_conv2d_args){.out = 2, .kernel = {2, 2}, .stride = {2, 2}});
    m->features = gr_relu(g, y, "body.relu");
    m->head_input = gr_global_avg_pool(g, m->features, "pool");
    m->logits = gr_dense_without_bias(g, m->head_input, "classifier", 2, GR_INIT_ZERO);
    m->probabilities = m->answer = gr_softmax(g, m->logits, "probabilities");
    return m;
}

void test_tiny_open(test_tiny *t, const char *class_name)
{
    gr_error err = {0};
    gr_model_options options = {.size = TINY_SIZE, .channels = 1, .classes = 2};
    gr_model *m = make_model();
    *t = (test_tiny){.card = {.task = "classes", .model = options, .classes = names}};
    for (int c = 0; c < 3; c++)
        t->card.mean[c] = t->card.std[c] = 0.5;
    assert_int_equal(gr_aim_open(&t->card, gr_task_find("classes", false), class_name, &t->aim, &err), GR_OK);
    gr_params *params = test_relevance_params(m->graph);
    float *conv = test_relevance_parameter(m->graph, params, "body.conv.weight");
    float *dense = test_relevance_parameter(m->graph, params, "classifier.weight");
    for (int k = 0; k < 4; k++) {
        conv[2 * k] = 0.25f;
        conv[2 * k + 1] = -0.25f;
    }
    dense[0] = dense[3] = 4.0f;
    t->subject = (gr_subject){.card = &t->card,
                              .aim = &t->aim,
                              .size = TINY_SIZE,
                              .channels = 1,
                              .pixels = TINY_PIXELS,
                              .answers = 2,
                              .values = 2,
                              .network = {m, params},
                              .workspace = gr_workspace_create(),
                              .value = m->logits};
}

void test_tiny_close(test_tiny *t)
{
    gr_subject_close(&t->subject);
    gr_aim_free(&t->aim);
}

void test_tiny_crew(test_tiny *t, const char *method, const gr_explain_options *options, gr_crew *out)
{
    gr_error err = {0};
    const gr_method *one = gr_method_find(method);
    if (gr_crew_open(&t->subject, &one, 1, options, 1, out, &err) != GR_OK)
        fail_msg("%s", err.text);
}

double test_tiny_explain(test_tiny *t, const char *method, gr_explain_options options, const float *pixels, float *numbers)
{
    gr_error err = {0};
    gr_crew crew;
    double sum = 0.0;
    test_tiny_crew(t, method, &options, &crew);
    assert_int_equal(gr_crew_run(&crew, pixels, 1, NULL, &err), GR_OK);
    memcpy(numbers, gr_crew_numbers(&crew, 0, 0), (size_t)crew.methods[0].numbers * sizeof *numbers);
    for (int64_t i = 0; i < crew.methods[0].numbers; i++)
        sum += (double)numbers[i];
    gr_crew_close(&crew);
    return sum;
}
