/* Proportional odds against statsmodels' OrderedModel (ordinal.safetensors, by make_ordinal.py): the log-likelihood and its
 * gradient at given parameters, and the parameters that fit best, reached by training. */
#include "support/support.h"
#include "grimace/optim.h"
#include "grimace/weights.h"

#include <math.h>
#include <string.h>

enum { N = 80, D = 3, CLASSES = 4, PARAMETERS = D + CLASSES - 1 };

/* A linear score on the data, proportional odds, and their likelihood. */
typedef struct subject {
    gr_weights *reference;
    gr_graph *g;
    gr_value *loss;
    test_run run;
    const gr_parameter *weight, *thresholds;
} subject;

static const float *want(const subject *s, const char *name, int64_t count)
{
    const gr_tensor *tensor = gr_weights_find(s->reference, name);
    if (tensor == NULL || gr_shape_elements(&tensor->shape) != count)
        fail_msg("ordinal.safetensors lacks %s; run make_ordinal.py", name);
    return tensor->data;
}

static int set_up(void **state)
{
    static subject s;
    gr_error err = {0};
    if (gr_weights_read("tests/parity/ordinal.safetensors", &s.reference, &err) != GR_OK)
        fail_msg("%s", err.text);
    s.g = gr_graph_create();
    gr_value *x = gr_input(s.g, "x", GR_F32, gr_shape2(1, D)), *y = gr_input(s.g, "y", GR_I32, gr_shape1(1));
    gr_value *score = gr_dense_without_bias(s.g, x, "classifier", 1, GR_INIT_UNIFORM_FAN_IN);
    gr_value *logs = gr_proportional_odds(s.g, score, "odds", "classifier", CLASSES);
    s.loss = gr_cross_entropy(s.g, logs, y, "likelihood", NULL);
    s.run = test_compile(s.g, s.loss, NULL, 0, N, true);
    s.weight = gr_graph_parameter(s.g, 0);
    s.thresholds = gr_graph_parameter(s.g, 1);
    memcpy(gr_plan_data(s.run.plan, x), want(&s, "x", N * D), N * D * sizeof(float));
    for (int i = 0; i < N; i++)
        ((int32_t *)gr_plan_data(s.run.plan, y))[i] = (int32_t)want(&s, "y", N)[i];
    *state = &s;
    return 0;
}

static int tear_down(void **state)
{
    subject *s = *state;
    test_run_destroy(&s->run);
    gr_graph_destroy(s->g);
    gr_weights_destroy(s->reference);
    return 0;
}

/* The numbers of both parameters, slopes first, as OrderedModel has them. */
static void both(const subject *s, const float *flat, float out[PARAMETERS])
{
    memcpy(out, flat + s->weight->offset, D * sizeof *out);
    memcpy(out + D, flat + s->thresholds->offset, (CLASSES - 1) * sizeof *out);
}

static double step(const subject *s)
{
    gr_plan_forward(s->run.plan, 0, 0);
    gr_plan_backward(s->run.plan);
    return (double)gr_plan_data(s->run.plan, s->loss)[0];
}

static void the_likelihood_and_its_gradient_are_statsmodels(void **state)
{
    subject *s = *state;
    float score[PARAMETERS];
    memcpy(s->run.params->values + s->weight->offset, want(s, "given", PARAMETERS), D * sizeof(float));
    memcpy(s->run.params->values + s->thresholds->offset, want(s, "given", PARAMETERS) + D, (CLASSES - 1) * sizeof(float));
    float loglike = (float)(-N * step(s));
    assert_true(test_close(&loglike, want(s, "loglike", 1), 1, 1e-6));
    both(s, s->run.params->gradients, score);
    for (int i = 0; i < PARAMETERS; i++)
        score[i] *= -N;
    assert_true(test_close(score, want(s, "score", PARAMETERS), PARAMETERS, 1e-6));
}

static void training_reaches_the_fitted_parameters(void **state)
{
    subject *s = *state;
    gr_error err = {0};
    gr_optim *optim;
    gr_optim_options options = {.name = "adam", .betas = {0.9, 0.999}, .eps = 1e-8};
    gr_span span = {0, s->run.params->count};
    float fitted[PARAMETERS];
    assert_int_equal(gr_optim_create(&options, &span, 1, &optim, &err), GR_OK);
    for (int i = 0; i < 4000; i++) {
        step(s);
        gr_optim_step(optim, s->run.params->values, s->run.params->gradients, i < 2000 ? 0.02 : 0.02 * pow(0.995, i - 2000));
    }
    float loglike = (float)(-N * step(s));
    both(s, s->run.params->values, fitted);
    assert_true(test_close(&loglike, want(s, "fitted_loglike", 1), 1, 1e-6));
    assert_true(test_close(fitted, want(s, "fitted", PARAMETERS), PARAMETERS, 1e-5));
    gr_optim_destroy(optim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_likelihood_and_its_gradient_are_statsmodels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(training_reaches_the_fitted_parameters, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("parity of proportional odds", tests, NULL, NULL);
}
