/* Relevance of whole networks against zennit's maps (make_relevance.py). */
#include "support/parity.h"

#include "explain/relevance.h"

enum { CLASSES = 3, EXPLAINED = 1 };

/* As NETWORKS in make_relevance.py. */
typedef struct network {
    const char *backbone;
    int64_t size;
    const char *rules[5];
} network;
static const network networks[] = {
    {"resnet18", 64, {"epsilon_gamma_box"}},
    {"resnet18", 32, {"epsilon_plus", "epsilon_alpha2_beta1_flat", "gamma", "w2"}},
    {"resnet50", 32, {"epsilon_gamma_box"}},
    {"vgg16", 32, {"epsilon_gamma_box", "epsilon:0.01", "alpha_beta"}},
};
enum { NETWORKS = sizeof networks / sizeof networks[0] };

static bool map_agrees(const test_subject *s, const char *rules)
{
    gr_error err = {0};
    gr_relevance_options how = {.from = s->model->logits,
                                .to = s->model->image,
                                .batch = 1,
                                .low = (float[]){-1.0f, -1.0f, -1.0f},
                                .high = (float[]){1.0f, 1.0f, 1.0f}};
    gr_relevance *r = NULL;
    assert_int_equal(gr_relevance_rules_parse(rules, &how.rules, &err), GR_OK);
    assert_int_equal(gr_relevance_create(s->model->graph, s->params, &how, &r, &err), GR_OK);
    test_fill(gr_relevance_images(r), s->options.size * s->options.size * 3, 1, 1.0f);
    gr_relevance_forward(r);
    const float *map = gr_relevance_explain(r, (int64_t[]){EXPLAINED});
    bool good = test_parity_matches(test_parity_reference(), s->key, rules, map, 1e-4);
    gr_relevance_destroy(r);
    return good;
}

static void maps_are_zennits(void **state)
{
    (void)state;
    bool good = true;
    for (int i = 0; i < NETWORKS; i++) {
        const network *n = &networks[i];
        gr_model_options options = {
            .backbone = n->backbone, .head = "linear", .size = n->size, .channels = 3, .classes = CLASSES};
        test_subject s = test_parity_subject(n->backbone, &options, NULL, true);
        for (int m = 0; m < 5 && n->rules[m] != NULL; m++)
            good = map_agrees(&s, n->rules[m]) && good;
        test_parity_subject_free(&s);
    }
    assert_true(good);
}

static int read_reference(void **state)
{
    (void)state;
    return test_parity_begin("tests/parity/relevance.safetensors");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(maps_are_zennits)};
    return cmocka_run_group_tests_name("parity of relevance", tests, read_reference, test_parity_end);
}
