/* Lists of strings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

static void names_are_numbered_as_they_appear(void **state)
{
    (void)state;
    const char *const names[] = {"rat2", "rat10", "rat2", "", "rat1", "rat10"};
    const int64_t wanted[] = {0, 1, 0, 2, 3, 1};
    int64_t different = 0, *number = gr_names_number(names, 6, &different);
    assert_non_null(number);
    assert_memory_equal(number, wanted, sizeof wanted);
    assert_int_equal(different, 4);
    gr_free(number);
}

/* Numbers of any length by value, whatever their signs, zeros and fractions; one word among them leaves all as they are. */
static void names_that_are_numbers_sort_by_value(void **state)
{
    (void)state;
    const char *names[] = {
        "10",   "9",   "-2",  "007", "7", "2.50", "2.5", "-10", "0", "-0", "123456789012345678901", "99999999999999999999",
        "2.45", "1.0", "-2.5"};
    static const char *const sorted[] = {"-10",
                                         "-2.5",
                                         "-2",
                                         "-0",
                                         "0",
                                         "1.0",
                                         "2.45",
                                         "2.5",
                                         "2.50",
                                         "007",
                                         "7",
                                         "9",
                                         "10",
                                         "99999999999999999999",
                                         "123456789012345678901"};
    enum { COUNT = sizeof names / sizeof *names };
    gr_names_by_value(names, COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_string_equal(names[i], sorted[i]);
    const char *words[][2] = {{"10", "9a"}, {"10", ""}, {"10", "1e1"}, {"10", "."}, {"10", "5."}, {"10", "-"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        gr_names_by_value(words[i], 2);
        assert_string_equal(words[i][0], "10");
    }
}

/* The plain way: the place of each name by comparing it with all. */
static int64_t place_of(const char *const *names, int64_t count, int64_t i)
{
    int64_t place = 0;
    for (int64_t j = 0; j < count; j++) {
        int side = strcmp(names[j], names[i]);
        place += side < 0 || (side == 0 && j < i);
    }
    return place;
}

/* By bytes, equal ones as they stand: whatever they begin with, however long they are. */
static void names_sort_by_their_bytes(void **state)
{
    (void)state;
    enum { COUNT = 300, ROOM = 24 };
    static const char letters[] = "ab\x01\xff";
    static const char *const begins[] = {"", "a", "pictures/day", "\xc3\xa4"};
    char text[COUNT][ROOM];
    const char *names[COUNT];
    uint32_t seed = 1;
    for (int round = 0; round < 40; round++) {
        int64_t count = round < 4 ? round : COUNT;
        for (int64_t i = 0; i < count; i++) {
            size_t at = strlen(strcpy(text[i], begins[round % 4]));
            for (size_t length = (seed = seed * 1664525 + 1013904223) >> 28 & 11; length > 0; length--)
                text[i][at++] = letters[(seed = seed * 1664525 + 1013904223) >> 30];
            text[i][at] = '\0';
            names[i] = text[i];
        }
        for (int again = 0; again < 2; again++) { /* the second time they are in order */
            const char *sorted[COUNT];
            int64_t *order = gr_names_sort(names, count);
            assert_non_null(order);
            for (int64_t i = 0; i < count; i++) {
                assert_int_equal(place_of(names, count, order[i]), i);
                sorted[i] = names[order[i]];
            }
            memcpy(names, sorted, (size_t)count * sizeof *names);
            gr_free(order);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_are_numbers_sort_by_value),
        cmocka_unit_test(names_are_numbered_as_they_appear),
        cmocka_unit_test(names_sort_by_their_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
