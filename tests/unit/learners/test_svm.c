/* The linear support vector machine: a problem with a known answer, the bound that C sets, and bits that do not change. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <libsvm/svm.h>

#include "base/base.h"
#include "grimace/svm.h"
#include "support/temp_file.h"

enum { ROWS = 60, FEATURES = 12 };
static const gr_svm_options plain = {.c = 1, .class_weights = {1, 1}};

/* Four points whose widest street is x0 = 0 with edges at -1 and 1: weights (1, 0), bias 0. */
static void finds_the_widest_street(void **state)
{
    (void)state;
    static const float x[] = {1, 5, 1, -5, -1, 5, -1, -5};
    static const int64_t rows[] = {0, 1, 2, 3};
    for (int turned = 0; turned < 2; turned++) { /* whichever class comes first */
        bool positive[4] = {!turned, !turned, turned, turned};
        gr_svm svm;
        gr_error err = {0};
        assert_int_equal(gr_svm_train(x, 2, rows, positive, 4, &plain, &svm, &err), GR_OK);
        float sign = turned ? -1 : 1;
        assert_true(fabsf(svm.weights[0] - sign) < 2e-3f && fabsf(svm.weights[1]) < 2e-3f && fabsf(svm.bias) < 2e-3f);
        assert_true(fabs(gr_svm_decide(&svm, x) - (double)sign) < 2e-2);
        gr_svm_free(&svm);
    }
}

/* Two points at -1 and 1: with C below 1/2 both are at the bound, and the weight is 2 C; class weights multiply C. */
static void keeps_to_the_penalty(void **state)
{
    (void)state;
    static const float x[] = {1, -1};
    static const int64_t rows[] = {0, 1};
    static const bool positive[] = {true, false};
    gr_svm svm;
    gr_error err = {0};
    gr_svm_options options = {.c = 0.1, .class_weights = {1, 1}};
    assert_int_equal(gr_svm_train(x, 1, rows, positive, 2, &options, &svm, &err), GR_OK);
    assert_true(fabsf(svm.weights[0] - 0.2f) < 1e-6f);
    gr_svm_free(&svm);
    options.class_weights[0] = options.class_weights[1] = 2;
    assert_int_equal(gr_svm_train(x, 1, rows, positive, 2, &options, &svm, &err), GR_OK);
    assert_true(fabsf(svm.weights[0] - 0.4f) < 1e-6f);
    gr_svm_free(&svm);
}

static void gives_the_same_bits_again(void **state)
{
    (void)state;
    float x[ROWS * FEATURES];
    int64_t rows[ROWS];
    bool positive[ROWS];
    gr_rng rng = gr_rng_make(3, GR_FOR_TEST, 0, 0);
    for (int i = 0; i < ROWS; i++) {
        rows[i] = ROWS - 1 - i;
        positive[i] = i % 3 == 0;
        for (int f = 0; f < FEATURES; f++)
            x[(ROWS - 1 - i) * FEATURES + f] = gr_rng_float(&rng) < 0.5f ? 0 : gr_rng_float(&rng) + (positive[i] ? 0.5f : 0);
    }
    gr_svm first, second;
    gr_error err = {0};
    assert_int_equal(gr_svm_train(x, FEATURES, rows, positive, ROWS, &plain, &first, &err), GR_OK);
    assert_int_equal(gr_svm_train(x, FEATURES, rows, positive, ROWS, &plain, &second, &err), GR_OK);
    assert_memory_equal(first.weights, second.weights, sizeof(float) * FEATURES);
    assert_true(first.bias == second.bias);
    int right = 0;
    for (int i = 0; i < ROWS; i++)
        right += (gr_svm_decide(&first, x + rows[i] * FEATURES) > 0) == positive[i];
    assert_true(right >= ROWS * 3 / 4);
    gr_svm_free(&first);
    gr_svm_free(&second);
}

/* LIBSVM reads the file and decides the same; a weight of 0 is left out of it. */
static void is_a_model_of_libsvm(void **state)
{
    (void)state;
    float weights[] = {0.5f, 0, -1.25f, 1e-7f, 3.3333333f};
    gr_svm svm = {.features = 5, .weights = weights, .bias = -0.7f};
    static const float x[] = {1, 2, 0.5f, 3, -1, 0, 0, 0, 0, 0, -2, 7, 1, 1, 1};
    gr_error err = {0};
    const char *path = test_file_make("svm.txt");
    assert_non_null(path);
    assert_int_equal(gr_svm_write(&svm, path, &err), GR_OK);
    struct svm_model *model = svm_load_model(path);
    assert_non_null(model);
    for (int i = 0; i < 3; i++) {
        struct svm_node nodes[6];
        double decision, expected = gr_svm_decide(&svm, x + 5 * i);
        for (int f = 0; f < 5; f++)
            nodes[f] = (struct svm_node){.index = f + 1, .value = (double)x[5 * i + f]};
        nodes[5].index = -1;
        assert_true(svm_predict_values(model, nodes, &decision) == (expected > 0));
        assert_true(fabs(decision - expected) < 1e-12);
    }
    svm_free_and_destroy_model(&model);
    assert_int_equal(test_file_remove(state), 0);
}

static void refuses_one_class(void **state)
{
    (void)state;
    static const float x[] = {1, -1};
    static const int64_t rows[] = {0, 1};
    static const bool positive[] = {true, true};
    gr_svm svm;
    gr_error err = {0};
    assert_int_equal(gr_svm_train(x, 1, rows, positive, 2, &plain, &svm, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "one class"));
    err = (gr_error){0};
    gr_svm_options zero = {.c = 0, .class_weights = {1, 1}};
    assert_int_equal(gr_svm_train(x, 1, rows, positive, 2, &zero, &svm, &err), GR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_the_widest_street), cmocka_unit_test(keeps_to_the_penalty),
                                       cmocka_unit_test(gives_the_same_bits_again), cmocka_unit_test(is_a_model_of_libsvm),
                                       cmocka_unit_test(refuses_one_class)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
