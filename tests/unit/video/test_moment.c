/* Fractions of seconds: exact where doubles are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/moment.h"

static void rate_is(const char *text, int64_t num, int64_t den)
{
    gr_moment rate;
    gr_error err = {0};
    assert_int_equal(gr_rate_read("--rate", text, &rate, &err), GR_OK);
    assert_int_equal(rate.num, num);
    assert_int_equal(rate.den, den);
}

static void test_rates(void **state)
{
    (void)state;
    rate_is("1", 1, 1);
    rate_is("0.5", 1, 2);
    rate_is("29.97", 2997, 100);
    rate_is("30000/1001", 30000, 1001);
    rate_is("1/3", 1, 3);
    rate_is("0.25/0.5", 1, 2);
    rate_is(".2", 1, 5);
    static const char *const wrong[] = {"",   "0", "-1",    "1e3",         "1/0", "a",  "1/",
                                        "/2", ".", "1.2.3", "12345678901", " 1",  "0.0"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        gr_moment rate;
        gr_error err = {0};
        assert_int_equal(gr_rate_read("--rate", wrong[i], &rate, &err), GR_INVALID);
        assert_non_null(strstr(err.text, "--rate: "));
    }
}

static void test_times(void **state)
{
    (void)state;
    gr_moment tenth = {10, 1}, start = {0, 1};
    gr_moment at = gr_rate_time(tenth, start, 3); /* 0.3 s, which 3 * 0.1 is not */
    assert_int_equal(at.num, 3);
    assert_int_equal(at.den, 10);
    assert_true(gr_moment_read("12.5", &start));
    at = gr_rate_time((gr_moment){1, 2}, start, 4); /* every two seconds */
    assert_int_equal(at.num, 41);
    assert_int_equal(at.den, 2);
    assert_true(gr_moment_compare((gr_moment){1, 3}, (gr_moment){333333333, 1000000000}) > 0);
    assert_true(gr_moment_compare((gr_moment){2, 4}, (gr_moment){1, 2}) == 0);
    assert_true(gr_moment_compare((gr_moment){1, 30}, (gr_moment){1, 29}) < 0);
    assert_false(gr_moment_read("-1", &at));
    assert_false(gr_moment_read("1:30", &at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rates), cmocka_unit_test(test_times)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
