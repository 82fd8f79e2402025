/* Rows of OpenCV's bilateral filter: every instruction set gives the bytes of a plain loop, for all lengths, and writes nothing
 * beside them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "kernels/kernels.h"
#include "kernels/pictures.h"

enum { MOST = GR_BILATERAL_STRIP, FRONT = GR_BILATERAL_FRONT, GUARD = 64 };

static uint8_t pixels[3][3 * (MOST + 2)]; /* rows, each with a pixel on either side */
static gr_bilateral_weights colours[2];   /* that fall; a quarter each, where many means end in a half */
static gr_bilateral_row rows[3];

static void fill(void)
{
    gr_rng rng = gr_rng_make(3, GR_FOR_TEST, 0, 0);
    for (int r = 0; r < 3; r++)
        for (int i = 0; i < 3 * (MOST + 2); i++) /* much alike for a stretch, then anything */
            pixels[r][i] = (uint8_t)(i / 90 % 2 == 0 ? 100 + (gr_rng_u32(&rng) & 31) : gr_rng_u32(&rng));
    colours[0] = (gr_bilateral_weights){.near = 128, .powers = {0.99F, -4.95e-5F, 1.2e-9F}, .off = 3e-7F, .moved = 4 * 255 * 3e-7F};
    colours[1] = (gr_bilateral_weights){.near = 128, .powers = {0.25F}};
    for (int d = 0; d < 768; d++) {
        float square = (float)(d * d), polynomial = fmaf(fmaf(1.2e-9F, square, -4.95e-5F), square, 0.99F);
        colours[0].of[d] = d < colours[0].near ? polynomial + (float)(d % 3 - 1) * 2e-7F : 1 / (1 + (float)d);
        colours[1].of[d] = 0.25F;
    }
}

/* Pixel i of a row, from -1 on. */
static const uint8_t *pixel(int row, int i)
{
    return pixels[row] + 3 * (i + 1);
}

static int apart(const uint8_t *one, const uint8_t *other)
{
    int sum = 0;
    for (int c = 0; c < 3; c++)
        sum += abs(one[c] - other[c]);
    return sum;
}

/* Channel c of pixel i, as opencv-python computes it on x86. */
static int mean(const gr_bilateral_weights *w, int i, int c)
{
    const uint8_t *middle = pixel(1, i), *near[4] = {pixel(0, i), pixel(1, i - 1), pixel(1, i + 1), pixel(2, i)};
    float of[4];
    for (int k = 0; k < 4; k++)
        of[k] = w->of[apart(near[k], middle)];
    float sum = fmaf(near[1][c], of[1], near[0][c] * of[0]);
    sum = fmaf(near[2][c], of[2], fmaf(near[3][c], of[3], sum)) + middle[c];
    return (int)lrintf(sum / (of[0] + of[1] + of[3] + of[2] + 1));
}

static void put(gr_bilateral_row *row, int i, const uint8_t *from)
{
    for (int c = 0; c < 3; c++)
        row->planes[c][FRONT + i] = from[c];
    row->packed[FRONT + i] = from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16;
}

static void assert_split(const gr_bilateral_row *row, int from, int count)
{
    for (int i = 0; i < count; i++) {
        const uint8_t *p = pixel(from, i);
        assert_int_equal(row->packed[FRONT + i], p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16);
        for (int c = 0; c < 3; c++)
            assert_float_equal(row->planes[c][FRONT + i], p[c], 0);
    }
}

static void assert_weighs(const gr_bilateral_weights *w, float made, const uint8_t *one, const uint8_t *other)
{
    int d = apart(one, other);
    assert_true(fabsf(made - w->of[d]) <= (d < w->near ? w->off : 0.0F));
}

/* The last row is read from memory that ends with it. */
static void check(const gr_kernels *kernels, const gr_bilateral_weights *w, int count)
{
    const gr_picture_kernels *k = kernels->pictures;
    uint8_t out[3 * MOST + GUARD], *last = malloc((size_t)count * 3);
    assert_non_null(last);
    memcpy(last, pixel(2, 0), (size_t)count * 3);
    memset(out, 7, sizeof out);
    k->split(count, pixel(0, 0), &rows[0]);
    k->split(count, pixel(1, 0), &rows[1]);
    put(&rows[1], -1, pixel(1, -1));
    put(&rows[1], count, pixel(1, count));
    k->pair_weights(count, rows[0].packed + FRONT, rows[1].packed + FRONT, w->of, rows[0].below + FRONT);
    k->bilateral(count, &rows[0], &rows[1], &rows[2], last, w, out);
    free(last);
    for (int r = 0; r < 3; r++)
        assert_split(&rows[r], r, count);
    for (int i = -1; i < count; i++)
        assert_weighs(w, rows[1].beside[FRONT + i], pixel(1, i), pixel(1, i + 1));
    for (int i = 0; i < count; i++)
        assert_weighs(w, rows[1].below[FRONT + i], pixel(1, i), pixel(2, i));
    for (int i = 0; i < 3 * count; i++)
        if (out[i] != mean(w, i / 3, i % 3))
            fail_msg("%s: %d pixels: byte %d is %d, a plain loop gives %d", kernels->isa, count, i, out[i], mean(w, i / 3, i % 3));
    for (int i = 3 * count; i < 3 * count + GUARD; i++)
        assert_int_equal(out[i], 7);
}

static void all_sets_give_the_bytes_of_a_plain_loop(void **state)
{
    (void)state;
    const gr_kernels *tables[8];
    int sets = gr_kernels_available(tables);
    fill();
    for (int t = 0; t < sets; t++)
        for (int which = 0; which < 2; which++)
            for (int count = 1; count <= MOST; count += count < 100 || count > MOST - 20 ? 1 : 49)
                check(tables[t], &colours[which], count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_sets_give_the_bytes_of_a_plain_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
