/* Local binary patterns against scikit-image's codes, and histograms against counting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/lbp.h"

static void equals_scikit_image(void **state)
{
    (void)state;
    FILE *file = fopen("tests/parity/lbp/codes.bin", "rb");
    assert_non_null(file);
    char line[100];
    uint8_t grey[1000];
    uint16_t expected[1000], codes[1000];
    int cases = 0;
    for (; fgets(line, sizeof line, file) != NULL; cases++) {
        gr_lbp lbp = {.grid = 1};
        int method, width, height;
        assert_int_equal(sscanf(line, "%d %lf %d %d %d", &method, &lbp.radius, &lbp.points, &width, &height), 5);
        lbp.method = (gr_lbp_method)method;
        size_t count = (size_t)width * (size_t)height;
        assert_true(count <= sizeof grey);
        assert_int_equal(fread(grey, 1, count, file), count);
        assert_int_equal(fread(expected, 2, count, file), count);
        gr_error err = {0};
        assert_int_equal(gr_lbp_codes(grey, width, height, &lbp, codes, &err), GR_OK);
        if (memcmp(codes, expected, 2 * count) != 0)
            fail_msg("the codes differ for %s", line);
    }
    fclose(file);
    assert_int_equal(cases, 60);
}

static void counts_the_cells(void **state)
{
    (void)state;
    enum { WIDTH = 7, HEIGHT = 5, GRID = 3 };
    uint8_t grey[WIDTH * HEIGHT];
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        grey[i] = (uint8_t)(i * 37 % 256);
    gr_lbp lbp = {.radius = 1, .points = 8, .grid = GRID, .method = GR_LBP_UNIFORM};
    uint16_t codes[WIDTH * HEIGHT];
    float out[GRID * GRID * 10];
    gr_error err = {0};
    assert_int_equal(gr_lbp_features(&lbp), GRID * GRID * 10);
    assert_int_equal(gr_lbp_codes(grey, WIDTH, HEIGHT, &lbp, codes, &err), GR_OK);
    assert_int_equal(gr_lbp_histograms(grey, WIDTH, HEIGHT, &lbp, out, &err), GR_OK);
    /* cells of 7 columns: 0-1, 2-3, 4-6; of 5 rows: 0, 1-2, 3-4 */
    static const int columns[] = {0, 2, 4, 7}, rows[] = {0, 1, 3, 5};
    for (int cell = 0; cell < GRID * GRID; cell++)
        for (int b = 0; b < 10; b++) {
            int count = 0, pixels = 0;
            for (int r = rows[cell / GRID]; r < rows[cell / GRID + 1]; r++)
                for (int c = columns[cell % GRID]; c < columns[cell % GRID + 1]; c++, pixels++)
                    count += codes[r * WIDTH + c] == b;
            assert_true(out[cell * 10 + b] == (float)count / (float)pixels);
        }
}

static void refuses_what_makes_no_sense(void **state)
{
    (void)state;
    const gr_lbp bad[] = {{.radius = 0, .points = 8, .grid = 1},
                          {.radius = 1, .points = 17, .grid = 1},
                          {.radius = 1, .points = 3, .grid = 1},
                          {.radius = 1, .points = 8, .grid = 0},
                          {.radius = 1, .points = 8, .grid = 5}};
    uint8_t grey[16] = {0};
    float out[5 * 5 * 18];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        gr_error err = {0};
        assert_int_equal(gr_lbp_histograms(grey, 4, 4, &bad[i], out, &err), GR_INVALID);
        assert_true(err.text[0] != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_scikit_image), cmocka_unit_test(counts_the_cells),
                                       cmocka_unit_test(refuses_what_makes_no_sense)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
