/* Lists of strings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_numbered_as_they_appear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
