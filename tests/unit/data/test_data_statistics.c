/* Statistics of the pictures of a data set, on files made here. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/check.h"
#include "grimace/image.h"
#include "grimace/import.h"
#include "grimace/data_statistics.h"
#include "support/folder.h"

static void pixels_are_those_of_the_box(void **state)
{
    (void)state;
    test_folder_image("red.png", 30, 20, 255, 0, 51);
    test_folder_image("black.png", 10, 40, 0, 0, 51);
    const char *table = "image,box_x,box_y,box_w,box_h\nred.png,1,2,3,4\nblack.png,,,,\n";
    test_folder_write("s.csv", table, strlen(table));
    gr_manifest m;
    gr_data_statistics stats;
    gr_error err = {0};
    gr_manifest_options options = {0};
    assert_int_equal(gr_manifest_load(test_in_folder("s.csv"), &options, &m, &err), GR_OK);
    assert_int_equal(gr_data_statistics_compute(&m, &stats, &err), GR_OK);
    assert_int_equal(stats.width_least, 10);
    assert_int_equal(stats.width_most, 30);
    assert_int_equal(stats.height_median, 20);
    assert_true(fabs(stats.mean[0] - 0.5) < 1e-12 && fabs(stats.std[0] - 0.5) < 1e-12);
    assert_true(stats.mean[1] == 0.0 && stats.std[1] == 0.0);
    assert_true(fabs(stats.mean[2] - 0.2) < 1e-12 && stats.std[2] < 1e-7);
    gr_manifest_free(&m);

    table = "image,box_x,box_y,box_w,box_h\nred.png,1,2,300,4\n";
    test_folder_write("s.csv", table, strlen(table));
    assert_int_equal(gr_manifest_load(test_in_folder("s.csv"), &options, &m, &err), GR_OK);
    assert_int_equal(gr_data_statistics_compute(&m, &stats, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "s.csv:2: image: "));
    gr_manifest_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_are_those_of_the_box),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
