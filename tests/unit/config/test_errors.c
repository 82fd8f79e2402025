/* The list of what is wrong: in the order of lines, then of overrides, each once, up to a limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "config/errors.h"

static void stand_in_their_order(void **state)
{
    (void)state;
    static const struct {
        int layer;
        const char *text;
    } said[] = {{2, "command line: b: second override"},
                {0, "c.yaml:9: late"},
                {1, "command line: a: first override"},
                {0, "c.yaml:2: early"},
                {0, "c.yaml:9: late, too"},
                {1, "c.yaml:5: an axis, though an override"},
                {0, "c.yaml:2: early"},
                {2, "c.yaml: no line is named"}};
    static const char *const expected[] = {
        "c.yaml:2: early",         "c.yaml:5: an axis, though an override", "c.yaml:9: late",
        "c.yaml:9: late, too",     "command line: a: first override",       "command line: b: second override",
        "c.yaml: no line is named"};
    gr_arena *arena = gr_arena_create();
    gr_config_errors errors = {0};
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        assert_true(gr_config_errors_add(&errors, arena, "c.yaml", said[i].layer, said[i].text));
    assert_int_equal(errors.count, sizeof expected / sizeof expected[0]);
    for (int i = 0; i < errors.count; i++)
        assert_string_equal(errors.items[i].text, expected[i]);
    gr_arena_destroy(arena);
}

static void end_at_a_limit(void **state)
{
    (void)state;
    gr_arena *arena = gr_arena_create();
    gr_config_errors errors = {0};
    for (int i = 0; i < 2 * GR_CONFIG_MOST_ERRORS; i++) {
        char text[40];
        snprintf(text, sizeof text, "c.yaml:%d: x", i);
        assert_int_equal(gr_config_errors_full(&errors), i >= GR_CONFIG_MOST_ERRORS);
        assert_true(gr_config_errors_add(&errors, arena, "c.yaml", 0, text));
    }
    assert_int_equal(errors.count, GR_CONFIG_MOST_ERRORS);
    gr_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(stand_in_their_order), cmocka_unit_test(end_at_a_limit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
