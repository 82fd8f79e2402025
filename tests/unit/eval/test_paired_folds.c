/* Are the folds of two runs the same, whatever they are called? */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <cmocka.h>

#include "eval/paired_folds.h"

static const char *const images[] = {"a", "b", "c", "d", "e", "f"};

static int64_t moved(const int32_t *first, int count, const int32_t *second, int others)
{
    gr_paired_folds f = {6, images, {first, second}, {count, others}};
    gr_error err = {0};
    int64_t out;
    assert_int_equal(gr_folds_moved(&f, &out, &err), GR_OK);
    return out;
}

static void names_and_order_of_folds_do_not_matter(void **state)
{
    (void)state;
    const int32_t a[] = {0, 0, 1, 1, 2, 2}, b[] = {2, 2, 0, 0, 1, 1}, c[] = {0, 0, 0, 1, 1, 1}, whole[6] = {0};
    assert_int_equal(moved(a, 3, a, 3), 0);
    assert_int_equal(moved(a, 3, b, 3), 0);
    assert_int_equal(moved(a, 3, c, 2), 2);
    assert_int_equal(moved(c, 2, a, 3), 2);
    assert_int_equal(moved(a, 3, whole, 1), 4);
    assert_int_equal(moved(whole, 1, a, 3), 4);
}

static void tested_parts_are_shares_of_the_others(void **state)
{
    (void)state;
    const int32_t a[] = {0, 0, 1, 1, 2, 2}, whole[6] = {0};
    gr_paired_folds f = {6, images, {a, a}, {3, 3}};
    gr_error err = {0};
    double tested;
    assert_int_equal(gr_folds_tested(&f, &tested, &err), GR_OK);
    assert_true(fabs(tested - 0.5) < 1e-15);
    f.fold[0] = whole;
    f.count[0] = 1;
    assert_int_equal(gr_folds_tested(&f, &tested, &err), GR_OK);
    assert_true(tested == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_order_of_folds_do_not_matter),
        cmocka_unit_test(tested_parts_are_shares_of_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
