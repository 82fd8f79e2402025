/* The error object: one printable line, and the first failure stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

static void test_first_failure_stays(void **state)
{
    (void)state;
    gr_error err = {0};
    assert_int_equal(gr_fail(&err, GR_INVALID, "%s:%d: wrong", "a.yaml", 3), GR_INVALID);
    assert_int_equal(gr_fail(&err, GR_IO, "later"), GR_IO);
    assert_int_equal(err.status, GR_INVALID);
    assert_string_equal(err.text, "a.yaml:3: wrong");
    gr_error_prefix(&err, "fold %d", 2);
    assert_string_equal(err.text, "fold 2: a.yaml:3: wrong");
    assert_int_equal(gr_fail(NULL, GR_NOMEM, "no one listens"), GR_NOMEM);
    gr_error_prefix(NULL, "nothing");
    gr_error none = {0};
    gr_error_prefix(&none, "nothing");
    assert_string_equal(none.text, "");
}

static void test_error_is_one_printable_line(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"a\nb\tc\033[31md\177", "a?b?c?[31md?"},
        {"caf\xC3\xA9", "caf\xC3\xA9"},   /* valid UTF-8 stays */
        {"caf\xC3", "caf?"},              /* cut UTF-8 does not */
        {"\xE9t\xE9 \xC3\xA9", "?t? ??"}, /* nor anything above ASCII beside what is invalid */
        {"a\xC2\x9B"
         "31m",
         "a??31m"}, /* U+009B, which a terminal takes for an escape */
        {"\xC2\xA0", "\xC2\xA0"},
        {"a\xE2\x80\xAE"
         "b\xE2\x81\xA6\xE2\x80\xAF",
         "a???b???\xE2\x80\xAF"}, /* what turns the order of letters round */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_error err = {0};
        (void)gr_fail(&err, GR_INVALID, "%s", cases[i].in);
        assert_string_equal(err.text, cases[i].out);
        gr_error prefixed = {0};
        (void)gr_fail(&prefixed, GR_INVALID, "x");
        gr_error_prefix(&prefixed, "%s", cases[i].in);
        assert_memory_equal(prefixed.text, cases[i].out, strlen(cases[i].out));
    }
}

/* Fills the text to the brim with a character of several bytes, at each alignment: what stays is whole characters. */
static void test_long_error_is_cut_between_characters(void **state)
{
    (void)state;
    static const char *const characters[] = {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x90\x80"};
    for (size_t kind = 0; kind < 4; kind++)
        for (int shift = 0; shift < 4; shift++) {
            char long_text[3000] = "";
            size_t length = 0, unit = strlen(characters[kind]);
            for (; (int)length < shift; length++)
                long_text[length] = 'a';
            for (; length + unit < sizeof long_text; length += unit)
                memcpy(long_text + length, characters[kind], unit + 1);
            gr_error err = {0};
            (void)gr_fail(&err, GR_INVALID, "%s", long_text);
            size_t got = strlen(err.text);
            assert_true(got < sizeof err.text && got + unit >= sizeof err.text);
            assert_true(gr_utf8_valid(err.text, got));
            assert_memory_equal(err.text, long_text, got);
            gr_error_prefix(&err, "%s", long_text);
            assert_true(gr_utf8_valid(err.text, strlen(err.text)));
        }
    char stray[2000];
    memset(stray, 0x80, sizeof stray - 1);
    stray[sizeof stray - 1] = '\0';
    gr_error err = {0};
    (void)gr_fail(&err, GR_INVALID, "name: %s", stray);
    assert_memory_equal(err.text, "name: ????", 10);
}

static void test_status_names(void **state)
{
    (void)state;
    assert_string_equal(gr_status_name(GR_OK), "ok");
    assert_string_not_equal(gr_status_name(GR_INVALID), gr_status_name(GR_IO));
    assert_non_null(gr_status_name((gr_status)99));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_failure_stays),
        cmocka_unit_test(test_error_is_one_printable_line),
        cmocka_unit_test(test_long_error_is_cut_between_characters),
        cmocka_unit_test(test_status_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
