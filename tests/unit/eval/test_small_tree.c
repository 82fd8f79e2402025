/* Small trees: they find what can be found in a few questions, and do not make it up. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/base.h"
#include "eval/small_tree.h"

enum { N = 200, WIDTH = 3 };

static double x[N * WIDTH];
static int32_t labels[N], answers[N];
static int64_t train[N], test[N];

/* Column 0: two bands of class 1; column 1: a threshold, in three of four rows; column 2: nothing. The first half trains. */
static gr_tree_data make(int classes)
{
    gr_rng rng = gr_rng_make(3, GR_FOR_TEST, 0, 0);
    for (int i = 0; i < N; i++) {
        labels[i] = (int32_t)gr_rng_below(&rng, (uint64_t)classes);
        bool band = gr_rng_below(&rng, 2) == 0;
        x[i * WIDTH] = labels[i] == 1 ? (band ? 1.0 : 3.0) : (band ? 0.0 : 2.0) + (labels[i] == 2 ? 10.0 : 0.0);
        x[i * WIDTH] += 0.5 * gr_rng_double(&rng);
        x[i * WIDTH + 1] = gr_rng_below(&rng, 4) == 0 ? gr_rng_double(&rng) : 0.5 * labels[i] + 0.4 * gr_rng_double(&rng);
        x[i * WIDTH + 2] = gr_rng_double(&rng);
        train[i] = test[i] = i;
    }
    return (gr_tree_data){x, WIDTH, classes, labels};
}

static double right_with(const gr_tree_data *data, int first, int last)
{
    gr_error err = {0};
    int right = 0;
    assert_int_equal(gr_small_tree(data, first, last, train, N / 2, test + N / 2, N / 2, answers, &err), GR_OK);
    for (int i = 0; i < N / 2; i++)
        right += answers[i] == labels[N / 2 + i];
    return right / (N / 2.0);
}

static void what_tells_is_found(void **state)
{
    (void)state;
    gr_tree_data data = make(2);
    assert_true(right_with(&data, 0, 1) == 1.0);
    assert_true(right_with(&data, 1, 2) > 0.75);
    assert_true(right_with(&data, 0, 3) > 0.7);
    double chance = right_with(&data, 2, 3);
    assert_true(chance > 0.3 && chance < 0.7);
    data = make(3);
    assert_true(right_with(&data, 0, 1) > 0.8);
}

static void classes_weigh_the_same(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_tree_data data = make(2);
    int answered = 0;
    for (int i = 0; i < N; i++) {
        labels[i] = i % 20 == 0;
        x[i * WIDTH] = labels[i] ? 1.0 : (i % 3 == 0 ? 1.0 : 0.0); /* a third of the others look the same */
    }
    assert_int_equal(gr_small_tree(&data, 0, 1, train, N, test, N, answers, &err), GR_OK);
    for (int i = 0; i < N; i++)
        answered += labels[i] && answers[i] == 1;
    assert_int_equal(answered, N / 20);
    for (int i = 0; i < N; i++)
        x[i * WIDTH] = 1.0; /* nothing to ask */
    assert_int_equal(gr_small_tree(&data, 0, 1, train, N, test, N, answers, &err), GR_OK);
    for (int i = 1; i < N; i++)
        assert_int_equal(answers[i], answers[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_tells_is_found),
        cmocka_unit_test(classes_weigh_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
