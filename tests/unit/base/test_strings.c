/* Strings: nearest words, UTF-8, strict numbers, ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

static void test_nearest(void **state)
{
    (void)state;
    static const char *const words[] = {"optimizer", "schedule", "loss", "train", "model"};
    static const struct {
        const char *typed, *meant;
    } cases[] = {{"optimiser", "optimizer"}, {"tarin", "train"}, {"los", "loss"}, {"lossy", "loss"},
                 {"modle", "model"},         {"zebra", NULL},    {"", NULL},      {"schedule", "schedule"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *got = gr_nearest(cases[i].typed, words, 5);
        if (cases[i].meant == NULL)
            assert_null(got);
        else
            assert_string_equal(got, cases[i].meant);
    }
    assert_null(gr_nearest("train", words, 0));
    char endless[500];
    memset(endless, 'o', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_null(gr_nearest(endless, words, 5));
}

static void test_utf8(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "plain",
                                       "\xC2\x80",
                                       "\xDF\xBF",
                                       "\xE0\xA0\x80",
                                       "\xED\x9F\xBF",
                                       "\xEE\x80\x80",
                                       "\xEF\xBF\xBF",
                                       "\xF0\x90\x80\x80",
                                       "\xF4\x8F\xBF\xBF"};
    static const char *const bad[] = {"\x80",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xC2",
                                      "\xC2\x41",
                                      "\xE0\x9F\xBF",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",
                                      "\xE2\x82",
                                      "a\xE2\x82",
                                      "\xE2\x82\x41",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF0\x90\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xFE",
                                      "\xFF"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(gr_utf8_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(gr_utf8_valid(bad[i], strlen(bad[i])));
    assert_false(gr_utf8_valid("a\0b", 3));
    assert_true(gr_utf8_valid("a\xC3\xA9", 1)); /* the length, not a NUL, ends the text */
    assert_false(gr_utf8_valid("a\xC3\xA9", 2));
}

static void test_numbers_are_strict(void **state)
{
    (void)state;
    static const char *const not_doubles[] = {"",    " 1", "1 ",  "1x", "0x10", "nan", "inf", "-inf", "infinity", "1e400",
                                              "1,5", "1e", "--1", ".",  "-",    "1_0", "1\n", "e5",   "+-1",      "NaN"};
    static const char *const not_ints[] = {
        "", " 1", "1 ", "1.0", "0x10", "1e3", "-", "+", "9223372036854775808", "-9223372036854775809", "1\n", "--1"};
    double d;
    int64_t n;
    for (size_t i = 0; i < sizeof not_doubles / sizeof not_doubles[0]; i++)
        if (gr_parse_double(not_doubles[i], &d))
            fail_msg("'%s' was read as a number", not_doubles[i]);
    for (size_t i = 0; i < sizeof not_ints / sizeof not_ints[0]; i++)
        if (gr_parse_int64(not_ints[i], &n))
            fail_msg("'%s' was read as a whole number", not_ints[i]);
    assert_true(gr_parse_double("-1.5e-3", &d) && d == -1.5e-3);
    assert_true(gr_parse_double("0.1", &d) && d == 0.1);
    assert_true(gr_parse_double(".5", &d) && d == 0.5);
    assert_true(gr_parse_double("12345678901234567890", &d) && d == 12345678901234567890.0);
    assert_true(gr_parse_int64("-9223372036854775808", &n) && n == INT64_MIN);
    assert_true(gr_parse_int64("9223372036854775807", &n) && n == INT64_MAX);
    assert_true(gr_parse_int64("007", &n) && n == 7);
}

static void test_ends(void **state)
{
    (void)state;
    assert_true(gr_starts_with("backbone.conv1", "backbone.") && gr_starts_with("a", "") && !gr_starts_with("ab", "abc"));
    assert_true(gr_ends_with("a.png", ".png") && gr_ends_with("a", "") && !gr_ends_with("png", ".png"));
}

static void blanks_of_every_kind_are_blanks(void **state)
{
    (void)state;
    static const char *const blanks[] = {" ",
                                         "\t",
                                         "\r",
                                         "\n",
                                         "\v",
                                         "\xc2\xa0",
                                         "\xc2\x85",
                                         "\xe1\x9a\x80",
                                         "\xe2\x80\x80",
                                         "\xe2\x80\x8b",
                                         "\xe2\x80\xa8",
                                         "\xe2\x80\xaf",
                                         "\xe2\x81\x9f",
                                         "\xe2\x81\xa0",
                                         "\xe3\x80\x80",
                                         "\xef\xbb\xbf"};
    static const char *const others[] = {
        "", "a", "\xc2\xa1", "\xc3\xa0", "\xe2\x80\x93", "\xe3\x80\x81", "\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        assert_int_equal(gr_blank(blanks[i]), strlen(blanks[i]));
        assert_int_equal(gr_blank_before(blanks[i], blanks[i] + strlen(blanks[i])), strlen(blanks[i]));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(gr_blank(others[i]), 0);
        assert_int_equal(gr_blank_before(others[i], others[i] + strlen(others[i])), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_of_every_kind_are_blanks), cmocka_unit_test(test_nearest), cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_numbers_are_strict),         cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
