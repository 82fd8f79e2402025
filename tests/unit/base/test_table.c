/* The table of texts: numbers in the order of arrival, through many growths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"

static void numbers_texts_in_their_order(void **state)
{
    (void)state;
    gr_table table = {0};
    gr_arena *arena = gr_arena_create();
    char text[32];
    assert_int_equal(gr_table_find(&table, "7"), -1);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 5000; i++) {
            snprintf(text, sizeof text, "%d", i * 7919);
            assert_int_equal(gr_table_add(&table, arena, text, strlen(text)), i);
        }
    assert_int_equal(table.count, 5000);
    for (int i = 0; i < 5000; i += 37) {
        snprintf(text, sizeof text, "%d", i * 7919);
        assert_int_equal(gr_table_find(&table, text), i);
        assert_string_equal(table.items[i], text);
    }
    assert_int_equal(gr_table_find(&table, "1"), -1);
    gr_table_free(&table);
    gr_arena_destroy(arena);
}

static void a_length_ends_a_text(void **state)
{
    (void)state;
    gr_table table = {0};
    gr_arena *arena = gr_arena_create();
    assert_int_equal(gr_table_add(&table, arena, "abcd", 2), 0);
    assert_int_equal(gr_table_add(&table, arena, "abcd", 3), 1);
    assert_int_equal(gr_table_add(&table, arena, "ab", 2), 0);
    assert_int_equal(gr_table_add(&table, arena, "", 0), 2);
    assert_int_equal(gr_table_find(&table, "abc"), 1);
    gr_table_free(&table);
    gr_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_texts_in_their_order), cmocka_unit_test(a_length_ends_a_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
