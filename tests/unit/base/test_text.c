/* The growing text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/base.h"

static void test_buffer(void **state)
{
    (void)state;
    gr_text buffer = {0};
    gr_text_add(&buffer, NULL, 0);
    assert_string_equal(buffer.data, "");
    size_t length = 0;
    for (int i = 0; i < 2000; i++) {
        gr_text_printf(&buffer, "%d,", i);
        gr_text_add(&buffer, "\0x", 2);
        length += (size_t)snprintf(NULL, 0, "%d,", i) + 2;
    }
    assert_false(buffer.failed);
    assert_int_equal(buffer.size, length);
    assert_memory_equal(buffer.data, "0,\0x1,\0x", 8);
    assert_int_equal(buffer.data[buffer.size], 0);
    gr_text_free(&buffer);
    assert_null(buffer.data);

    gr_text failing = {0};
    gr_text_add(&failing, "abc", 3);
    gr_text_add(&failing, "abc", SIZE_MAX - 2);
    assert_true(failing.failed);
    gr_text_add(&failing, "d", 1); /* failures stick */
    assert_true(failing.failed && failing.size == 3);
    gr_text_free(&failing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
