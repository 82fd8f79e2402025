/* A picture that was cut out of another is found in it, others are not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "data/near_crops.h"

enum { PICTURES = 30, SIDE = 160 };

/* A picture of smooth waves for each number, cut from `left` and `top` on, `size` of its side long. */
static gr_print print_of(int number, double left, double top, double size, double gain, bool mirrored)
{
    gr_error err = {0};
    gr_image image = {0};
    gr_print print;
    gr_rng rng = gr_rng_make(11, GR_FOR_TEST, 0, (uint64_t)number);
    double wave[8][4];
    for (int w = 0; w < 8; w++)
        for (int k = 0; k < 4; k++)
            wave[w][k] = gr_rng_normal(&rng);
    assert_int_equal(gr_image_make(SIDE, SIDE, &image, &err), GR_OK);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            double u = left + size * ((mirrored ? SIDE - 1 - x : x) + 0.5) / SIDE, v = top + size * (y + 0.5) / SIDE, sum = 0.0;
            for (int w = 0; w < 8; w++)
                sum += wave[w][0] * sin(8.0 * (wave[w][1] * u + wave[w][2] * v) + 3.0 * wave[w][3]);
            memset(image.pixels + (y * SIDE + x) * 3, (int)fmax(0.0, fmin(255.0, 128.0 + gain * 20.0 * sum)), 3);
        }
    gr_print_make(&image, NULL, &print);
    gr_image_free(&image);
    return print;
}

static void crops_are_found(void **state)
{
    (void)state;
    for (int i = 0; i < PICTURES; i++) {
        gr_print whole = print_of(i, 0.0, 0.0, 1.0, 1.0, false);
        double size = 0.68 + 0.3 * i / PICTURES, left = (1.0 - size) * (i % 5) / 4.0, top = (1.0 - size) * (i % 3) / 2.0;
        gr_print crop = print_of(i, left, top, size, 0.8, i % 2 == 1);
        assert_true(gr_print_within(&whole, &crop) >= GR_NEAR_WITHIN);
        assert_true(gr_print_within(&whole, &whole) > 0.999999);
    }
}

static void others_are_not(void **state)
{
    (void)state;
    for (int i = 0; i + 1 < PICTURES; i++) {
        gr_print a = print_of(i, 0.0, 0.0, 1.0, 1.0, false), b = print_of(i + 1, 0.1, 0.1, 0.8, 1.0, false);
        assert_true(gr_print_within(&a, &b) < GR_NEAR_WITHIN);
    }
    gr_print flat = {0}, whole = print_of(0, 0.0, 0.0, 1.0, 1.0, false);
    assert_true(gr_print_within(&whole, &flat) == -1.0 && gr_print_within(&flat, &whole) == -1.0);
}

/* A pattern of whole cells, laid where it is known, correlates by 1 exactly there. */
static void by_hand(void **state)
{
    (void)state;
    enum { N = GR_PRINT_SIDE };
    gr_print whole = {.known = true}, part = {.known = true};
    for (int i = 0; i < N * N; i++)
        whole.grey[i] = (uint8_t)(i * 7919 % 251);
    memcpy(part.grey, whole.grey, sizeof part.grey);
    assert_true(fabs(gr_print_within(&whole, &part) - 1.0) < 1e-12);
    for (int y = 0; y < N; y++)
        for (int x = 0; x < N; x++)
            part.grey[y * N + x] = whole.grey[y * N + N - 1 - x];
    assert_true(fabs(gr_print_within(&whole, &part) - 1.0) < 1e-12); /* in the mirror */
    for (int i = 0; i < N * N; i++)
        part.grey[i] = (uint8_t)(255 - whole.grey[i]);
    assert_true(gr_print_within(&whole, &part) < GR_NEAR_WITHIN); /* the negative is another picture */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crops_are_found),
        cmocka_unit_test(others_are_not),
        cmocka_unit_test(by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
