/* Balancing: counts, repeats, order and weights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/balance.h"
#include "parity/balance_reference.h"

/* Training rows 1, 3, 5, ...: 4 of class 0, 11 of class 2, class 1 has none. */
enum { ROWS = 15, ALL = 2 * ROWS, CLASSES = 3 };
static int64_t rows[ROWS];
static int32_t labels[ALL];

static int make_rows(void **state)
{
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        rows[i] = 2 * i + 1;
        labels[2 * i] = 1; /* rows of other parts, of a class that the training part lacks */
        labels[2 * i + 1] = i % 4 == 0 ? 0 : 2;
    }
    return 0;
}

/* Draws an epoch and counts visits per row. */
static int64_t draw(gr_balance balance, bool shuffle, uint64_t seed, uint32_t epoch, int64_t *order, int *visits)
{
    gr_error err = {0};
    int64_t length = gr_epoch_length(rows, ROWS, labels, CLASSES, balance);
    assert_int_equal(gr_epoch_order(rows, ROWS, labels, CLASSES, balance, shuffle, seed, epoch, order, &err), GR_OK);
    memset(visits, 0, ALL * sizeof *visits);
    for (int64_t i = 0; i < length; i++) {
        assert_int_equal(order[i] % 2, 1); /* training rows only */
        visits[order[i]]++;
    }
    return length;
}

static void unbalanced_epochs_visit_every_row_once(void **state)
{
    (void)state;
    int64_t order[100], again[100];
    int visits[ALL];
    for (int b = 0; b < 2; b++) {
        gr_balance balance = b == 0 ? GR_BALANCE_NONE : GR_BALANCE_CLASS_WEIGHT;
        assert_int_equal(draw(balance, true, 1, 4, order, visits), ROWS);
        for (int i = 0; i < ROWS; i++)
            assert_int_equal(visits[rows[i]], 1);
        assert_memory_not_equal(order, rows, sizeof rows);
        draw(balance, true, 1, 4, again, visits);
        assert_memory_equal(order, again, sizeof rows);
        draw(balance, true, 1, 5, again, visits);
        assert_memory_not_equal(order, again, sizeof rows);
        draw(balance, true, 2, 4, again, visits);
        assert_memory_not_equal(order, again, sizeof rows);
        draw(balance, false, 1, 4, again, visits);
        assert_memory_equal(again, rows, sizeof rows);
    }
}

static int64_t class_visits(const int *visits, int class, int *least, int *most)
{
    int64_t sum = 0;
    *least = 1000;
    *most = 0;
    for (int i = 0; i < ROWS; i++) {
        if (labels[rows[i]] != class)
            continue;
        int v = visits[rows[i]];
        sum += v;
        *least = v < *least ? v : *least;
        *most = v > *most ? v : *most;
    }
    return sum;
}

static void undersampling_draws_the_smallest_class_size(void **state)
{
    (void)state;
    int64_t order[100];
    int visits[ALL], seen[ALL] = {0}, least, most;
    for (uint32_t epoch = 0; epoch < 30; epoch++) {
        assert_int_equal(draw(GR_BALANCE_UNDERSAMPLE, true, 9, epoch, order, visits), 8);
        assert_int_equal(class_visits(visits, 0, &least, &most), 4);
        assert_int_equal(class_visits(visits, 2, &least, &most), 4);
        assert_int_equal(most, 1);
        for (int i = 0; i < ALL; i++)
            seen[i] += visits[i];
    }
    for (int i = 0; i < ROWS; i++)
        assert_true(seen[rows[i]] > 0); /* each epoch draws anew: all rows have their turn */
}

static void oversampling_repeats_up_to_the_largest_class(void **state)
{
    (void)state;
    int64_t order[100];
    int visits[ALL], least, most;
    assert_int_equal(draw(GR_BALANCE_OVERSAMPLE, true, 9, 0, order, visits), 22);
    assert_int_equal(class_visits(visits, 0, &least, &most), 11);
    assert_int_equal(least, 2);
    assert_int_equal(most, 3);
    assert_int_equal(class_visits(visits, 2, &least, &most), 11);
    assert_int_equal(least, 1);
    assert_int_equal(most, 1);
    draw(GR_BALANCE_OVERSAMPLE, false, 9, 0, order, visits);
    for (int i = 1; i < 22; i++)
        assert_true(order[i - 1] <= order[i]);
}

static void class_weights_are_scikit_learns(void **state)
{
    (void)state;
    float weights[CLASSES]; /* compute_class_weight("balanced"): 15 / (2 * 4), 15 / (2 * 11) */
    gr_class_weights(rows, ROWS, labels, CLASSES, weights);
    assert_true(weights[0] == 1.875f);
    assert_true(weights[1] == 0.0f);
    assert_true(weights[2] == (float)(15.0 / 22.0));
}

/* Random labels; between the training rows stand rows of other parts, which must not count. */
static void random_class_weights_are_scikit_learns(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof balance_cases / sizeof *balance_cases; i++) {
        int64_t some[64], count = (int64_t)strlen(balance_cases[i].labels);
        int32_t of_all[192];
        float weights[6];
        for (int64_t r = 0; r < count; r++) {
            some[r] = 3 * r + 1;
            of_all[3 * r + 1] = balance_cases[i].labels[r] - '0';
            of_all[3 * r] = of_all[3 * r + 2] = (int32_t)(r % balance_cases[i].classes);
        }
        gr_class_weights(some, count, of_all, balance_cases[i].classes, weights);
        for (int c = 0; c < balance_cases[i].classes; c++)
            assert_true(weights[c] == (float)balance_cases[i].weights[c]);
    }
}

static void names_are_found(void **state)
{
    (void)state;
    gr_balance balance;
    int count = 0;
    for (; gr_balance_name((gr_balance)count) != NULL; count++)
        assert_true(gr_balance_of(gr_balance_name((gr_balance)count), &balance) && (int)balance == count);
    assert_int_equal(count, 5);
    assert_false(gr_balance_of("under", &balance));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unbalanced_epochs_visit_every_row_once),
        cmocka_unit_test(undersampling_draws_the_smallest_class_size),
        cmocka_unit_test(oversampling_repeats_up_to_the_largest_class),
        cmocka_unit_test(class_weights_are_scikit_learns),
        cmocka_unit_test(random_class_weights_are_scikit_learns),
        cmocka_unit_test(names_are_found),
    };
    return cmocka_run_group_tests(tests, make_rows, NULL);
}
