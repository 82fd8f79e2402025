/* What is left of memory, from the kernel's texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory_left.h"

static void entries_are_found_by_their_whole_name(void **state)
{
    (void)state;
    static const char text[] = "MemTotal:  100 kB\nMemAvailable:     7 kB\nanon 12\ninactive_file 4096\nBroken: x kB\n";
    assert_int_equal(gr_memory_entry(text, "MemAvailable:"), 7 * 1024);
    assert_int_equal(gr_memory_entry(text, "inactive_file "), 4096);
    assert_true(gr_memory_entry(text, "file ") == SIZE_MAX);
    assert_true(gr_memory_entry(text, "Broken:") == SIZE_MAX);
    assert_true(gr_memory_entry("", "MemAvailable:") == SIZE_MAX);
}

static void something_is_left(void **state)
{
    (void)state;
    assert_true(gr_memory_left() > 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(entries_are_found_by_their_whole_name),
                                       cmocka_unit_test(something_is_left)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
