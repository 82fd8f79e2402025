/* Histograms of gradients are OpenCV's (tests/parity/make_hog.py). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "detect/hog.h"
#include "formats/csv.h"

static void is_opencvs(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_image image = {0};
    gr_grey grey = {0};
    gr_hog_blocks blocks = {0};
    gr_csv *csv = NULL;
    if (gr_image_read("tests/parity/detect/p1.png", &image, &err) != GR_OK || gr_grey_of(&image, &grey, &err) != GR_OK ||
        gr_hog_make(&grey, &blocks, &err) != GR_OK || gr_csv_read("tests/parity/detect/hog.csv", &csv, &err) != GR_OK)
        fail_msg("%s", err.text);
    int64_t numbers = gr_hog_numbers(32, 40);
    assert_int_equal(numbers, csv->rows);
    float *window = gr_alloc((size_t)numbers, sizeof *window);
    double worst = 0;
    for (int column = 0; column < 2; column++) {
        gr_hog_window(&blocks, 1 - column, 0, 32, 40, window);
        for (int64_t i = 0; i < numbers; i++)
            worst = fmax(worst, fabs((double)window[i] - atof(gr_csv_field(csv, i, column))));
    }
    printf("largest difference %g\n", worst);
    assert_true(worst < 1e-4);
    gr_free(window);
    gr_hog_free(&blocks);
    gr_grey_free(&grey);
    gr_image_free(&image);
    gr_csv_destroy(csv);
}

static void a_small_picture_has_none(void **state)
{
    (void)state;
    uint8_t pixels[15 * 40] = {0};
    gr_grey grey = {15, 40, pixels};
    gr_hog_blocks blocks;
    assert_int_equal(gr_hog_make(&grey, &blocks, NULL), GR_OK);
    assert_int_equal(blocks.columns * blocks.rows, 0);
    gr_hog_free(&blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_opencvs), cmocka_unit_test(a_small_picture_has_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
