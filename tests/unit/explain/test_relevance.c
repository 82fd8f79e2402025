/* Relevance of whole networks: deep Taylor's sum is the value that it starts from on every backbone and head. Where another
 * network has the same kinds of layers, a larger one is left to GRIMACE_TEST_ALL=1 (tests/peers/relevance.sh). */
#include "explain/relevance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/parity.h"
#include "support/relevance.h"

enum { BATCH = 2, CLASSES = 3 };

static const float low[] = {-1.0f, -1.0f, -1.0f}, high[] = {1.0f, 1.0f, 1.0f};

/* Numbers of a network that has been trained, and those of one that has not been: the first keep activations of an ordinary
 * size. */
static gr_params *make_params(const gr_model *model, const gr_model_options *options, bool fresh)
{
    gr_error err = {0};
    gr_params *params;
    gr_status status = fresh ? gr_params_create(model->graph, 7, false, &params, &err)
                             : gr_params_alloc(model->graph, false, &params, &err);
    if (status != GR_OK)
        fail_msg("%s", err.text);
    if (!fresh)
        test_parity_fill(model, options, params);
    return params;
}

/* Networks of the layers that another one has too, but many more. */
static bool is_left_out(const char *backbone)
{
    static const char *const larger[] = {"resnet34", "resnet50", "resnet101", "vgg16"};
    bool left_out = false;
    for (size_t i = 0; i < sizeof larger / sizeof larger[0]; i++)
        left_out = left_out || strcmp(backbone, larger[i]) == 0;
    return left_out && getenv("GRIMACE_TEST_ALL") == NULL;
}

static const gr_value *start_of(const gr_model *model)
{
    return model->logits != NULL ? model->logits : model->answer;
}

/* Is each map's sum the value of its output, and the map something else than zeros? */
static bool conserves(const gr_model *model, gr_params *params, int64_t size)
{
    gr_error err = {0};
    gr_relevance *r;
    double sums[BATCH];
    gr_relevance_options how = {.from = start_of(model),
                                .to = model->image,
                                .batch = BATCH,
                                .rules = gr_relevance_deep_taylor(),
                                .low = low,
                                .high = high};
    int64_t outputs = gr_value_shape(how.from).dim[1], index[BATCH] = {0, outputs - 1};
    if (gr_relevance_create(model->graph, params, &how, &r, &err) != GR_OK)
        fail_msg("%s", err.text);
    test_fill(gr_relevance_images(r), BATCH * size * size * 3, 1, 1.0f);
    const float *values = gr_relevance_forward(r);
    gr_relevance_explain(r, index);
    gr_relevance_map_sums(r, sums);
    bool good = true;
    for (int n = 0; n < BATCH; n++) {
        double value = (double)values[n * outputs + index[n]];
        good = good && value != 0.0 && fabs(sums[n] - value) <= 1e-4 * fabs(value);
        if (!good)
            print_message("the value is %.9g, its map's sum %.9g\n", value, sums[n]);
    }
    gr_relevance_destroy(r);
    return good;
}

static bool model_conserves(gr_model_options options, bool fresh)
{
    gr_model *model = test_parity_model(&options);
    gr_params *params = make_params(model, &options, fresh);
    bool good = conserves(model, params, options.size);
    if (!good)
        print_message("  %s, head %s%s\n", options.backbone, options.head, fresh ? ", fresh" : "");
    gr_params_destroy(params);
    gr_model_destroy(model);
    return good;
}

static void the_sum_is_the_logit_on_every_backbone(void **state)
{
    (void)state;
    bool good = true;
    for (const char *const *name = gr_backbone_names(); *name != NULL; name++) {
        bool large = strcmp(*name, "inception_v3") == 0 || strcmp(*name, "xception") == 0;
        int64_t size = large ? 75 : strncmp(*name, "vgg", 3) == 0 ? 32 : 48;
        gr_model_options options = {.backbone = *name, .head = "linear", .size = size, .channels = 3, .classes = CLASSES};
        good = (is_left_out(*name) || model_conserves(options, false)) && good;
    }
    assert_true(good);
}

static void the_variants_of_keras_conserve(void **state)
{
    (void)state;
    static const char *const names[] = {"mobilenet_v2", "efficientnet_b0", "resnet50", "inception_v3", "mobilenet_v3_large",
                                        "densenet121"};
    size_t count = getenv("GRIMACE_TEST_ALL") != NULL ? sizeof names / sizeof names[0] : 2;
    bool good = true;
    for (size_t i = 0; i < count; i++)
        good = model_conserves((gr_model_options){.backbone = names[i],
                                                  .head = "linear",
                                                  .size = i == 3 ? 75 : 48,
                                                  .channels = 3,
                                                  .classes = CLASSES,
                                                  .variant = "keras"},
                               true) &&
               good;
    assert_true(good);
}

static void every_head_and_task_conserves(void **state)
{
    (void)state;
    const gr_model_options small = {.backbone = "shufflenet_v2", .size = 48, .channels = 3, .classes = CLASSES};
    const gr_mlp_options mlp = {.hidden = (int[]){12, 8}, .hidden_count = 2, .dropout = 0.5};
    gr_model_options cases[10];
    for (int i = 0; i < 10; i++)
        cases[i] = small;
    cases[0].head = "painseeker";
    cases[1].head = cases[2].head = cases[3].head = "mlp";
    cases[1].mlp = cases[2].mlp = cases[3].mlp = mlp;
    cases[1].mlp.pool = "avg";
    cases[2].mlp.pool = "max";
    cases[3].mlp.pool = "flatten";
    for (int i = 4; i < 8; i++) {
        cases[i].head = "landmarks";
        cases[i].landmarks = 3;
        cases[i].mlp = mlp;
        cases[i].filters = 4;
        cases[i].block = gr_block_names()[i - 4];
    }
    cases[8].head = cases[9].head = "linear";
    cases[8].task = "scores";
    cases[9].task = "classes";
    cases[8].outputs = cases[9].outputs = 2;
    bool good = true;
    for (int i = 0; i < 10; i++)
        good = model_conserves(cases[i], true) && good;
    gr_model_options ordinal = small;
    ordinal.head = "linear";
    ordinal.task = "ordinal";
    good = model_conserves(ordinal, true) && good;
    assert_true(good);
}

/* Every set of rules goes through the operators of every backbone; what they lose is their own. */
static void every_rule_goes_through_a_network_with_gates(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_model_options options = {
        .backbone = "mobilenet_v3_small", .head = "painseeker", .size = 48, .channels = 3, .classes = CLASSES};
    gr_model *model = test_parity_model(&options);
    gr_params *params = make_params(model, &options, true);
    for (int i = 0; gr_relevance_rules_name(i) != NULL; i++) {
        gr_relevance_options how = {.from = model->logits, .to = model->image, .batch = BATCH, .low = low, .high = high};
        gr_relevance *r;
        double sums[BATCH];
        assert_int_equal(gr_relevance_rules_parse(gr_relevance_rules_name(i), &how.rules, &err), GR_OK);
        assert_int_equal(gr_relevance_create(model->graph, params, &how, &r, &err), GR_OK);
        test_fill(gr_relevance_images(r), BATCH * 48 * 48 * 3, 1, 1.0f);
        gr_relevance_forward(r);
        gr_relevance_explain(r, (int64_t[]){0, 1});
        gr_relevance_map_sums(r, sums);
        assert_true(isfinite(sums[0]) && isfinite(sums[1]));
        gr_relevance_destroy(r);
    }
    gr_params_destroy(params);
    gr_model_destroy(model);
}

static void an_image_has_the_same_map_in_any_batch(void **state)
{
    (void)state;
    gr_error err = {0};
    enum { SIZE = 32, PIXELS = SIZE * SIZE * 3 };
    static float two[2 * PIXELS], one[PIXELS], pixels[2 * PIXELS];
    gr_model_options options = {
        .backbone = "shufflenet_v2", .head = "linear", .size = SIZE, .channels = 3, .classes = CLASSES};
    gr_model *model = test_parity_model(&options);
    gr_params *params = make_params(model, &options, true);
    test_fill(pixels, 2 * PIXELS, 5, 1.0f);
    test_relevance_map(model->graph, params, model->logits, model->image, "deep_taylor", 2, pixels, NULL, two);
    test_relevance_map(model->graph, params, model->logits, model->image, "deep_taylor", 1, pixels + PIXELS, NULL, one);
    assert_true(test_close(two + PIXELS, one, PIXELS, 1e-5));
    gr_relevance *r;
    gr_relevance_options how = {.from = model->logits,
                                .also = model->probabilities,
                                .to = model->image,
                                .batch = 1,
                                .rules = gr_relevance_deep_taylor(),
                                .low = low,
                                .high = high};
    assert_int_equal(gr_relevance_create(model->graph, params, &how, &r, &err), GR_OK);
    memcpy(gr_relevance_images(r), pixels, sizeof pixels / 2);
    gr_relevance_forward(r);
    const float *p = gr_relevance_also(r);
    assert_true(fabs((double)(p[0] + p[1] + p[2]) - 1.0) < 1e-5);
    gr_relevance_explain(r, (int64_t[]){2}); /* another class in between changes nothing */
    const float *again = gr_relevance_explain(r, (int64_t[]){0});
    assert_true(test_close(again, two, PIXELS, 1e-5));
    gr_relevance_destroy(r);
    gr_params_destroy(params);
    gr_model_destroy(model);
}

static void refuses_what_it_cannot_explain(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_relevance *r;
    gr_model_options options = {
        .backbone = "blackmice_cnn", .head = "linear", .size = 16, .channels = 3, .classes = CLASSES};
    gr_model *model = test_parity_model(&options);
    gr_params *params = make_params(model, &options, true);
    gr_relevance_options how = {.from = model->logits, .to = model->image, .batch = 1, .rules = gr_relevance_deep_taylor()};
    assert_int_equal(gr_relevance_create(model->graph, params, &how, &r, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "need the range"));
    how.low = low;
    how.high = high;
    how.from = model->probabilities;
    err = (gr_error){0};
    assert_int_equal(gr_relevance_create(model->graph, params, &how, &r, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "logits would be right"));
    gr_value *other = gr_input(model->graph, "other", GR_F32, gr_shape4(1, 4, 4, 1));
    how.from = model->logits;
    how.to = other;
    err = (gr_error){0};
    assert_int_equal(gr_relevance_create(model->graph, params, &how, &r, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "does not depend on other"));
    assert_null(r);
    gr_params_destroy(params);
    gr_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sum_is_the_logit_on_every_backbone),
        cmocka_unit_test(the_variants_of_keras_conserve),
        cmocka_unit_test(every_head_and_task_conserves),
        cmocka_unit_test(every_rule_goes_through_a_network_with_gates),
        cmocka_unit_test(an_image_has_the_same_map_in_any_batch),
        cmocka_unit_test(refuses_what_it_cannot_explain),
    };
    return cmocka_run_group_tests_name("relevance", tests, NULL, NULL);
}
