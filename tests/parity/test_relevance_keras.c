/* Relevance under the rules `innvestigate` against innvestigate's maps of two small networks (make_relevance_keras.py). */
#include "support/parity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "explain/relevance.h"

enum { SIZE = 16, IMAGES = 2, CLASSES = 3 };

/* FNV-1a, 32 bits. */
static uint32_t stream(const char *name)
{
    uint32_t h = 2166136261u;
    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h;
}

static void fill(const gr_graph *g, gr_params *params)
{
    for (int i = 0; i < gr_graph_parameter_count(g); i++) {
        const gr_parameter *p = gr_graph_parameter(g, i);
        bool norm = strncmp(p->name, "bn", 2) == 0;
        float scale = 0.1f, offset = 0.0f;
        if (p->shape.rank > 1)
            scale = (float)sqrt(3.0 / (double)p->fan_in);
        else if (gr_ends_with(p->name, ".running_var"))
            scale = 0.5f, offset = 1.0f;
        else if (norm && gr_ends_with(p->name, ".weight"))
            scale = 0.2f, offset = 1.0f;
        for (size_t k = 0; k < p->count; k++)
            params->values[p->offset + k] = scale * test_number(stream(p->name), (uint32_t)k) + offset;
    }
}

static gr_value *conv(gr_graph *g, gr_value *x, const char *name, int64_t out, bool bias)
{
    return gr_conv2d(g, x, name, (gr_conv2d_args){.out = out, .kernel = {3, 3}, .pad = {1, 1}, .bias = bias});
}

static gr_value *cnn(gr_graph *g, gr_value *x)
{
    static const int64_t filters[] = {8, 8, 12};
    static const char *const convs[] = {"conv1", "conv2", "conv3"}, *const relus[] = {"relu1", "relu2", "relu3"},
                             *const pools[] = {"pool1", "pool2", "pool3"};
    for (int i = 0; i < 3; i++) {
        x = gr_relu(g, conv(g, x, convs[i], filters[i], true), relus[i]);
        x = gr_max_pool(g, x, pools[i], (gr_pool_args){.kernel = {2, 2}});
    }
    x = gr_flatten(g, x, "flatten");
    x = gr_relu(g, gr_dense(g, x, "fc1", 16, GR_INIT_ZERO), "relu4");
    x = gr_relu(g, gr_dense(g, x, "fc2", 16, GR_INIT_ZERO), "relu5");
    return gr_dense(g, x, "classifier", CLASSES, GR_INIT_ZERO);
}

static gr_value *conv_norm(gr_graph *g, gr_value *x, const char *name, const char *norm, int64_t out)
{
    return gr_batch_norm(g, conv(g, x, name, out, false), norm);
}

static gr_value *residual(gr_graph *g, gr_value *x)
{
    const gr_pool_args half = {.kernel = {2, 2}};
    x = gr_relu(g, conv_norm(g, x, "conv1", "bn1", 8), "relu1");
    x = gr_max_pool(g, x, "pool1", half);
    gr_value *y = gr_relu(g, conv_norm(g, x, "conv2", "bn2", 8), "relu2");
    x = gr_relu(g, gr_add(g, conv_norm(g, y, "conv3", "bn3", 8), x, "sum"), "relu3");
    x = gr_concat(g, (gr_value *[]){gr_avg_pool(g, x, "mean", half), gr_max_pool(g, x, "most", half)}, 2, "both");
    x = gr_relu(g, conv_norm(g, x, "conv4", "bn4", 12), "relu4");
    return gr_dense(g, gr_global_avg_pool(g, x, "pool"), "classifier", CLASSES, GR_INIT_ZERO);
}

static bool map_agrees(const char *key, gr_value *(*build)(gr_graph *g, gr_value *x), int64_t class, const char *rules,
                       const char *suffix)
{
    gr_error err = {0};
    gr_params *params;
    gr_relevance *r;
    gr_graph *g = gr_graph_create();
    gr_value *image = gr_input(g, "image", GR_F32, gr_shape4(1, SIZE, SIZE, 3));
    gr_relevance_options how = {.from = build(g, image),
                                .to = image,
                                .batch = IMAGES,
                                .low = (float[]){-1.0f, -1.0f, -1.0f},
                                .high = (float[]){1.0f, 1.0f, 1.0f}};
    assert_int_equal(gr_params_alloc(g, false, &params, &err), GR_OK);
    fill(g, params);
    assert_int_equal(gr_relevance_rules_parse(rules, &how.rules, &err), GR_OK);
    assert_int_equal(gr_relevance_create(g, params, &how, &r, &err), GR_OK);
    test_fill(gr_relevance_images(r), IMAGES * SIZE * SIZE * 3, 1, 1.0f);
    const gr_weights *reference = test_parity_reference();
    bool good = test_parity_matches(reference, key, "logits", gr_relevance_forward(r), 1e-5);
    good = test_parity_matches(reference, key, suffix, gr_relevance_explain(r, (int64_t[]){class, class}), 1e-4) && good;
    gr_relevance_destroy(r);
    gr_params_destroy(params);
    gr_graph_destroy(g);
    return good;
}

static void maps_are_innvestigates(void **state)
{
    (void)state;
    bool good = map_agrees("cnn", cnn, 2, "innvestigate", "deep_taylor");
    good = map_agrees("cnn", cnn, 2, "innvestigate_bounded", "bounded") && good;
    good = map_agrees("residual", residual, 0, "innvestigate", "deep_taylor") && good;
    good = map_agrees("residual", residual, 0, "innvestigate_bounded", "bounded") && good;
    assert_true(good);
}

static int read_reference(void **state)
{
    (void)state;
    return test_parity_begin("tests/parity/relevance_keras.safetensors");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(maps_are_innvestigates)};
    return cmocka_run_group_tests_name("parity of relevance with innvestigate", tests, read_reference, test_parity_end);
}
