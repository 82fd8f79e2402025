/* Files and options of detectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/table.h"

static void knows_endings(void **state)
{
    (void)state;
    static const gr_detector *const kinds[] = {GR_DETECTORS(GR_DETECTOR_ADDRESS)};
    enum { COUNT = sizeof kinds / sizeof kinds[0] };
    assert_ptr_equal(gr_detector_of(kinds, COUNT, "a/b.hog.xml"), &gr_detector_hog_svm);
    assert_ptr_equal(gr_detector_of(kinds, COUNT, "a/b.XML"), &gr_detector_cascade);
    assert_ptr_equal(gr_detector_of(kinds, COUNT, "b.yml"), &gr_detector_chain);
    assert_null(gr_detector_of(kinds, COUNT, "b.png"));
    assert_null(gr_detector_of(kinds, COUNT, ".xml"));
}

static void checks_options(void **state)
{
    (void)state;
    gr_detect_options o = gr_detect_defaults();
    assert_int_equal(gr_detect_options_check(&o, NULL), GR_OK);
    const gr_detect_options bad[] = {{.scale = 1},
                                     {.scale = 0.0 / 0.0},
                                     {.scale = 11},
                                     {.scale = 1.1, .neighbours = -1},
                                     {.scale = 1.1, .min_size = 40, .max_size = 30},
                                     {.scale = 1.1, .max_size = 99999}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        gr_error err = {0};
        assert_int_equal(gr_detect_options_check(&bad[i], &err), GR_INVALID);
        assert_true(strlen(err.text) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(knows_endings), cmocka_unit_test(checks_options)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
