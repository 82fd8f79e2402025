/* Smaller pictures and integral images against plain sums, for every instruction set and width. */
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
#include "support/support.h"
#include "kernels/kernels.h"

enum { SIDE = 37 };

static uint8_t pixels[SIDE][SIDE + 8];

static uint32_t tilted_by_hand(int width, int x, int y)
{
    uint32_t sum = 0;
    for (int v = 0; v < y; v++)
        for (int u = 0; u < width; u++)
            if (abs(u - x + 1) <= y - v - 1)
                sum += pixels[v][u];
    return sum;
}

static bool check_width(const gr_kernels *k, int width)
{
    uint32_t sums[SIDE + 1] = {0}, squares[SIDE + 1] = {0}, scratch[2 * SIDE], tilted[3][SIDE + 1] = {{0}};
    bool right = true;
    for (int y = 1; y <= SIDE; y++) {
        static const uint8_t none[SIDE];
        k->integral_row(width, pixels[y - 1], sums, squares, scratch);
        k->tilted_row(width, pixels[y - 1], y > 1 ? pixels[y - 2] : none, tilted[(y + 2) % 3], tilted[(y + 1) % 3],
                      tilted[y % 3]);
        uint32_t sum = 0, square = 0;
        for (int x = 1; x <= width; x++) {
            for (int v = 0; v < y; v++) {
                sum += pixels[v][x - 1];
                square += (uint32_t)pixels[v][x - 1] * pixels[v][x - 1];
            }
            right = right && sums[x] == sum && squares[x] == square;
        }
        for (int x = 0; x <= width; x++)
            right = right && tilted[y % 3][x] == tilted_by_hand(width, x, y);
    }
    return right && sums[0] == 0;
}

static bool check_shrinking(const gr_kernels *k, int width)
{
    int32_t at[SIDE];
    uint16_t weight[SIDE], out[SIDE + 1], lower[SIDE];
    uint8_t down[SIDE + 1];
    bool right = true;
    for (int x = 0; x < width; x++) {
        at[x] = (x * 7) % (SIDE - 1);
        weight[x] = (uint16_t)(x * 41 % 257);
        lower[x] = (uint16_t)(x * 1777 % 65281);
    }
    out[width] = 4711;
    down[width] = 17;
    k->shrink_across(width, pixels[3], at, weight, out);
    k->shrink_down(width, out, lower, 77, down);
    for (int x = 0; x < width; x++) {
        unsigned want = pixels[3][at[x]] * (256u - weight[x]) + pixels[3][at[x] + 1] * weight[x];
        right = right && out[x] == want && down[x] == (want * 179 + lower[x] * 77u + 32768) >> 16;
    }
    return right && out[width] == 4711 && down[width] == 17;
}

static bool check_split(const gr_kernels *k, int count)
{
    uint32_t in[SIDE];
    int32_t out[64] = {0};
    bool right = true;
    for (int i = 0; i < count; i++)
        in[i] = 1000u + (uint32_t)i;
    k->split_columns(count, in, 32, out);
    for (int i = 0; i < count; i++)
        right = right && out[i % 2 * 32 + i / 2] == 1000 + i;
    return right;
}

static bool check(void)
{
    bool right = true;
    for (int width = 2; width <= SIDE; width++)
        right = right && check_width(gr_kernels_get(), width) && check_shrinking(gr_kernels_get(), width) &&
                check_split(gr_kernels_get(), width);
    return right;
}

static void equal_plain_sums(void **state)
{
    (void)state;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE + 8; x++)
            pixels[y][x] = (uint8_t)(x * x * 31 + y * 57 + x * y * 7);
    assert_true(test_with_every_isa(check));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equal_plain_sums)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
