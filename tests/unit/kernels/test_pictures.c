/* Enhancements and filters: every instruction set gives the plain one's bytes, for all lengths and what may be read beside
 * them. */
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

enum { MOST = 600, PAD = 300 };

static uint8_t bytes[4][MOST + 2 * PAD];
static float weights[768];
static uint32_t packed[2][MOST];

static void fill(void)
{
    gr_rng rng = gr_rng_make(3, GR_FOR_TEST, 0, 0);
    for (int r = 0; r < 4; r++)
        for (int i = 0; i < MOST + 2 * PAD; i++)
            bytes[r][i] = i % 7 == 0 ? (uint8_t)(i & 1 ? 255 : 0) : (uint8_t)gr_rng_u32(&rng);
    for (int i = 0; i < MOST; i++) { /* much alike for a stretch, then anything */
        packed[0][i] = gr_rng_u32(&rng) & 0xffffff;
        packed[1][i] = i / 100 % 2 == 0 ? packed[0][i] ^ (gr_rng_u32(&rng) & 0x1f1f1f) : gr_rng_u32(&rng) & 0xffffff;
    }
    for (int i = 0; i < 768; i++)
        weights[i] = 1 / (1 + (float)i);
}

/* What all kernels make of `count` bytes (a multiple of 3), one after the other. */
static size_t run(const gr_kernels *kernels, int count, uint8_t *out)
{
    const gr_picture_kernels *k = kernels->pictures;
    const gr_three_rows rows = {bytes[0] + PAD, bytes[1] + PAD, bytes[2] + PAD};
    const uint8_t *a = rows.above, *b = rows.here;
    uint32_t sums[MOST];
    float pairs[MOST];
    size_t n = (size_t)count, at = 0;
    k->blend(count, a, b, 0.37f, out + at), at += n;
    k->blend(count, a, b, -2.5f, out + at), at += n;
    k->luma(count / 3, a, out + at), at += n;
    k->look_up(count, bytes[3], a, out + at), at += n;
    k->smooth(count, &rows, out + at), at += n;
    for (int cut = 0; cut < 2; cut++) {
        k->laplacian(count, &rows, cut, out + at), at += n;
        k->gradient(count, &rows, 1, cut, out + at), at += n;
        k->gradient(count, &rows, 2, cut, out + at), at += n;
    }
    for (int i = 0; i < count; i++)
        sums[i] = 7u * (uint32_t)bytes[3][i] + b[i];
    k->box(count, a, b, rows.below, 1800000, 300000, sums, out + at), at += n;
    memcpy(out + at, sums, 4 * n), at += 4 * n;
    for (int radius = 0; radius <= 80; radius += 16)
        k->box_along(count, a, radius, (1u << 24) / (uint32_t)(2 * radius + 2), 90000, out + at), at += n;
    k->pair_weights(count, packed[0], packed[1], weights, pairs);
    memcpy(out + at, pairs, 4 * n), at += 4 * n;
    uint64_t sum = k->luma_sum(count / 3, a);
    memcpy(out + at, &sum, 8);
    return at + 8;
}

static void all_sets_give_the_same(void **state)
{
    (void)state;
    static uint8_t one[64 * MOST], other[64 * MOST];
    const gr_kernels *tables[8];
    int sets = gr_kernels_available(tables);
    fill();
    for (int count = 9; count <= MOST; count += count < 200 ? 3 : 99) {
        size_t size = run(tables[0], count, one);
        for (int t = 1; t < sets; t++) {
            memset(other, 0, sizeof other);
            assert_int_equal(run(tables[t], count, other), size);
            for (size_t i = 0; i < size; i++)
                if (one[i] != other[i])
                    fail_msg("%s: %d bytes: byte %zu is %d, generic gives %d", tables[t]->isa, count, i, other[i], one[i]);
        }
    }
}

static void the_plain_one_computes_what_is_said(void **state)
{
    (void)state;
    const gr_kernels *tables[8];
    uint8_t out[MOST];
    (void)gr_kernels_available(tables);
    const gr_picture_kernels *k = tables[0]->pictures;
    const gr_three_rows rows = {bytes[0] + PAD, bytes[1] + PAD, bytes[2] + PAD};
    const uint8_t *a = rows.above, *b = rows.here, *c = rows.below;
    fill();
    k->smooth(MOST, &rows, out);
    for (int i = 0; i < MOST; i++) {
        int sum = 4 * b[i];
        for (int d = -3; d <= 3; d += 3)
            sum += a[i + d] + b[i + d] + c[i + d];
        assert_int_equal(out[i], (int)(sum / 13.0 + 0.5));
    }
    k->gradient(MOST, &rows, 2, false, out);
    for (int i = 0; i < MOST; i++) {
        int across = a[i + 3] - a[i - 3] + 2 * (b[i + 3] - b[i - 3]) + c[i + 3] - c[i - 3];
        int down = c[i - 3] - a[i - 3] + 2 * (c[i] - a[i]) + c[i + 3] - a[i + 3];
        across = across < 0 ? -across : across, down = down < 0 ? -down : down;
        int sum = (across > 255 ? 255 : across) + (down > 255 ? 255 : down);
        assert_int_equal(out[i], sum % 4 == 3 ? sum / 2 + 1 : sum / 2);
    }
}

static void weights_are_those_of_the_differences(void **state)
{
    (void)state;
    const gr_kernels *tables[8];
    static float all[768], out[MOST];
    static uint32_t black[766], grey[766];
    int sets = gr_kernels_available(tables);
    for (int i = 0; i < 768; i++)
        all[i] = (float)i + 1 / (3 + (float)i);
    for (uint32_t i = 0; i < 766; i++) { /* every difference there is */
        uint32_t r = i < 255 ? i : 255, g = i < 510 ? i - r : 255, b = i - r - g;
        grey[i] = r | g << 8 | b << 16;
    }
    for (int t = 0; t < sets; t++)
        for (int begin = 0; begin < 766; begin += MOST) {
            int count = 766 - begin < MOST ? 766 - begin : MOST;
            tables[t]->pictures->pair_weights(count, black + begin, grey + begin, all, out);
            for (int i = 0; i < count; i++)
                assert_float_equal(out[i], all[begin + i], 0);
            tables[t]->pictures->pair_weights(count, grey + begin, black + begin, all, out);
            for (int i = 0; i < count; i++)
                assert_float_equal(out[i], all[begin + i], 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_sets_give_the_same),
        cmocka_unit_test(the_plain_one_computes_what_is_said),
        cmocka_unit_test(weights_are_those_of_the_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
