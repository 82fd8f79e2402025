/* Grey is what cvtColor makes of these colours (OpenCV 4.6.0). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/grey.h"

static void is_opencvs(void **state)
{
    (void)state;
    uint8_t rgb[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 1, 2, 3, 200, 100, 50, 17, 17, 17};
    const uint8_t want[] = {76, 150, 29, 255, 2, 124, 17};
    gr_image image = {7, 1, rgb};
    gr_grey grey;
    assert_int_equal(gr_grey_of(&image, &grey, NULL), GR_OK);
    assert_memory_equal(grey.pixels, want, sizeof want);
    gr_grey_free(&grey);
    assert_null(grey.pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_opencvs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
