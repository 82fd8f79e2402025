/* Opening what a user names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/detect.h"

static void opens_and_refuses(void **state)
{
    (void)state;
    gr_detect_options o = gr_detect_defaults();
    gr_error err = {0};
    gr_finder *f = NULL;
    assert_int_equal(gr_finder_open("tests/parity/detect/haar.xml", &o, &f, &err), GR_OK);
    assert_string_equal(gr_finder_name(f), "haar");
    gr_finder_close(f);
    assert_int_equal(gr_finder_open("tests/parity/detect/p0.png", &o, &f, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "p0.png: is no detector"));
    err = (gr_error){0};
    assert_int_equal(gr_finder_open("tests/parity/detect/none.xml", &o, &f, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "there is no such detector"));
    gr_finder_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(opens_and_refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
