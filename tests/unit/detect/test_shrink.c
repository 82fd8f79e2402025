/* Smaller pictures, against INTER_LINEAR_EXACT written down plainly. */
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
#include "detect/shrink.h"

static gr_grey noise(int width, int height)
{
    gr_grey g = {width, height, gr_alloc((size_t)width * (size_t)height + 64, 1)};
    gr_rng rng = gr_rng_make(3, GR_FOR_TEST, (uint32_t)width, (uint64_t)height);
    for (int i = 0; i < width * height; i++)
        g.pixels[i] = (uint8_t)gr_rng_below(&rng, 256);
    return g;
}

/* Where a pixel lies along one side: the two around it, and the 256ths of the second. */
static int along(int to, int small, int large, int *first, int *second)
{
    double at = ((double)large / small) * (to + 0.5) - 0.5;
    if (at < 0 || at >= large - 1) {
        *first = *second = at < 0 ? 0 : large - 1;
        return 0;
    }
    *first = (int)at;
    *second = *first + 1;
    return (int)lrint((at - *first) * 256);
}

static int plain(const gr_grey *g, int width, int height, int x, int y)
{
    int left, right, up, down, a = along(x, width, g->width, &left, &right), b = along(y, height, g->height, &up, &down);
    int above = g->pixels[up * g->width + left] * (256 - a) + g->pixels[up * g->width + right] * a;
    int below = g->pixels[down * g->width + left] * (256 - a) + g->pixels[down * g->width + right] * a;
    return (above * (256 - b) + below * b + 32768) >> 16;
}

static void is_linear_and_exact(void **state)
{
    (void)state;
    static const int sizes[][4] = {{97, 61, 88, 55}, {97, 61, 48, 30}, {97, 61, 49, 31}, {97, 61, 13, 8}, {64, 64, 32, 32},
                                   {33, 5, 7, 5},    {5, 40, 1, 1},    {1, 9, 1, 4},     {70, 1, 30, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        gr_grey g = noise(sizes[i][0], sizes[i][1]), small;
        gr_level level = {.width = sizes[i][2], .height = sizes[i][3]};
        assert_int_equal(gr_shrink_all(&g, &level, &small, NULL), GR_OK);
        assert_int_equal(small.width, level.width);
        assert_int_equal(small.height, level.height);
        for (int y = 0; y < level.height; y++)
            for (int x = 0; x < level.width; x++)
                assert_int_equal(small.pixels[y * level.width + x], plain(&g, level.width, level.height, x, y));
        gr_grey_free(&small);
        gr_grey_free(&g);
    }
}

typedef struct memory {
    uint16_t across[2][256], weight[256];
    int32_t at[256];
    uint8_t row[256];
} memory;

/* Rows may be asked for in any order and again: what is kept of the last ones is not mistaken. */
static void rows_come_in_any_order(void **state)
{
    (void)state;
    gr_grey g = noise(120, 90), small;
    gr_level level = {.width = 77, .height = 58};
    static memory m;
    gr_shrinking s;
    gr_rng rng = gr_rng_make(3, GR_FOR_TEST, 0, 0);
    assert_int_equal(gr_shrink_all(&g, &level, &small, NULL), GR_OK);
    gr_shrink_begin(&s, &g, &level, &(gr_shrink_memory){{m.across[0], m.across[1]}, m.at, m.weight});
    for (int i = 0; i < 500; i++) {
        int y = i < 58 ? 57 - i : (int)gr_rng_below(&rng, 58);
        assert_memory_equal(gr_shrink_row(&s, y, m.row), small.pixels + y * 77, 77);
    }
    gr_grey_free(&small);
    gr_grey_free(&g);
}

/* A picture of the same size is not copied. */
static void the_same_size_is_the_picture(void **state)
{
    (void)state;
    gr_grey g = noise(40, 30), same;
    gr_level level = {.width = 40, .height = 30};
    static memory m;
    gr_shrinking s;
    gr_shrink_begin(&s, &g, &level, &(gr_shrink_memory){{m.across[0], m.across[1]}, m.at, m.weight});
    assert_ptr_equal(gr_shrink_row(&s, 7, m.row), g.pixels + 7 * 40);
    assert_int_equal(gr_shrink_all(&g, &level, &same, NULL), GR_OK);
    assert_ptr_not_equal(same.pixels, g.pixels);
    assert_memory_equal(same.pixels, g.pixels, 40 * 30);
    gr_grey_free(&same);
    gr_grey_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_linear_and_exact), cmocka_unit_test(rows_come_in_any_order),
                                       cmocka_unit_test(the_same_size_is_the_picture)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
