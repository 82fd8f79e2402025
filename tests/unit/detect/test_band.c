/* A band that begins anywhere finds what the whole level has in its rows. */
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
#include "detect/band.h"

static int rows_found(const gr_band_search *s, const gr_level *level, int rows, int (*found)[2])
{
    gr_band_memory m;
    int count = 0;
    assert_int_equal(gr_band_memory_make(s, &m, NULL), GR_OK);
    for (int first = 0; first < level->rows; first += rows) {
        int64_t places = gr_band_find(s, level, first, level->rows - first < rows ? level->rows - first : rows, &m);
        for (int64_t i = 0; i < places; i++, count++)
            gr_band_window(s, level, first, m.places[i], &found[count][0], &found[count][1]);
    }
    gr_free(m.block);
    return count;
}

static void bands_are_the_whole(void **state)
{
    (void)state;
    static int whole[9000][2], cut[9000][2];
    gr_error err = {0};
    gr_image image = {0};
    gr_grey grey;
    gr_cascade c;
    if (gr_image_read("tests/parity/detect/p1.png", &image, &err) != GR_OK || gr_grey_of(&image, &grey, &err) != GR_OK ||
        gr_cascade_read("tests/parity/detect/tilted.xml", &c, &err) != GR_OK)
        fail_msg("%s", err.text);
    gr_band_search s = {.grey = &grey,
                        .window_width = c.width,
                        .window_height = c.height,
                        .squares = true,
                        .tilted = true,
                        .rows = 64,
                        .widest = 70};
    s.layout[0] = (gr_integral_layout){112, 0, 80 * 112, 160 * 112};
    s.layout[1] = (gr_integral_layout){128, 64, 80 * 128, 160 * 128};
    s.image_numbers = 240 * 128;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(gr_windows_make(&c, &s.windows[i], &err), GR_OK);
        gr_windows_place(&c, &s.layout[i], &s.windows[i]);
    }
    const gr_level levels[] = {{1.0f, 70, 52, 2, 57, 41}, {2.0f, 35, 26, 1, 22, 15}, {1.3f, 54, 40, 2, 41, 29}};
    int sum = 0;
    for (int l = 0; l < 3; l++) {
        int count = rows_found(&s, &levels[l], 64, whole);
        sum += count;
        for (int rows = 2; rows < 20; rows += 6) {
            assert_int_equal(rows_found(&s, &levels[l], rows, cut), count);
            assert_memory_equal(cut, whole, (size_t)count * sizeof *cut);
        }
    }
    assert_true(sum > 10);
    for (int i = 0; i < 2; i++)
        gr_windows_free(&s.windows[i]);
    gr_cascade_free(&c);
    gr_grey_free(&grey);
    gr_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bands_are_the_whole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
