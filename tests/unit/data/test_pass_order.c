/* A pass's order is copied, comings are counted, and what is no sample is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "data/pass_order.h"

static void comings_are_counted(void **state)
{
    (void)state;
    static const int64_t order[] = {2, 0, 2, 2, 1, 0};
    static const uint32_t expected[] = {0, 0, 1, 2, 0, 1};
    int64_t *copy;
    uint32_t *repeat;
    assert_int_equal(gr_pass_order(order, 6, 3, &copy, &repeat, NULL), GR_OK);
    assert_memory_equal(copy, order, sizeof order);
    assert_memory_equal(repeat, expected, sizeof expected);
    gr_free(copy);
    gr_free(repeat);
    assert_int_equal(gr_pass_order(NULL, 0, 3, &copy, &repeat, NULL), GR_OK);
    gr_free(copy);
    gr_free(repeat);
}

static void what_is_no_sample_is_refused(void **state)
{
    (void)state;
    static const int64_t wrong[] = {3, -1};
    for (int i = 0; i < 2; i++) {
        const int64_t order[] = {1, wrong[i]};
        int64_t *copy;
        uint32_t *repeat;
        gr_error err = {0};
        assert_int_equal(gr_pass_order(order, 2, 3, &copy, &repeat, &err), GR_INVALID);
        assert_string_equal(err.text, i == 0 ? "the order holds sample 3, one of 0 to 2 would be right"
                                             : "the order holds sample -1, one of 0 to 2 would be right");
        gr_free(copy);
        gr_free(repeat);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comings_are_counted),
        cmocka_unit_test(what_is_no_sample_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
