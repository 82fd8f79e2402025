/* Bytes that stand for features: in the order of the values, and the same whether kept or not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fitting/bins.h"
#include "fitting/features.h"
#include "unit/fitting/noise.h"

enum { WIDTH = 9, HEIGHT = 8, POSITIVE = 30, NEGATIVE = 47, WINDOWS = POSITIVE + NEGATIVE };

typedef struct given {
    gr_patches lists[2];
    gr_samples samples;
    gr_cascade_feature *features;
    int64_t count;
} given;

static given make_given(gr_cascade_kind kind)
{
    given g = {.lists = {make_noise(WIDTH, HEIGHT, POSITIVE, 1, 60), make_noise(WIDTH, HEIGHT, NEGATIVE, 2, 0)}};
    assert_int_equal(gr_samples_make(kind, true, &g.lists[0], &g.lists[1], &g.samples, NULL), GR_OK);
    assert_int_equal(gr_features_list(kind, GR_HAAR_ALL, WIDTH, HEIGHT, &g.features, &g.count, NULL), GR_OK);
    return g;
}

static void free_given(given *g)
{
    gr_free(g->features);
    gr_samples_free(&g->samples);
    gr_patches_free(&g->lists[0]);
    gr_patches_free(&g->lists[1]);
}

static void haar_bins_are_even_steps(void **state)
{
    (void)state;
    given g = make_given(GR_CASCADE_HAAR);
    gr_bins b;
    float *scratch = gr_alloc(gr_bins_room(&g.samples), sizeof(float)), *values = gr_alloc(g.samples.stride, sizeof(float));
    assert_int_equal(gr_bins_make(&g.samples, g.features, g.count, 1 << 24, &b, NULL), GR_OK);
    assert_int_equal(b.kept, g.count);
    for (int64_t f = 0; f < g.count; f += 7) {
        const uint8_t *bins = gr_bins_row(&b, f, scratch);
        float low = INFINITY, high = -INFINITY;
        gr_samples_haar(&g.samples, &g.features[f], values);
        for (int i = 0; i < WINDOWS; i++) {
            low = fminf(low, values[i]);
            high = fmaxf(high, values[i]);
        }
        assert_true(high > low);
        for (int i = 0; i < WINDOWS; i++) {
            double at = 255.5 * ((double)values[i] - (double)low) / ((double)high - (double)low);
            assert_true(fabs(bins[i] - (at - 0.5)) <= 0.5 + 1e-3); /* the whole number below `at` */
            assert_true(values[i] != low || bins[i] == 0);
            assert_true(values[i] != high || bins[i] == 255);
        }
    }
    gr_bins_free(&b);
    assert_null(b.bytes);
    gr_free(values);
    gr_free(scratch);
    free_given(&g);
}

/* The pattern as OpenCV has it: a bit for each of the eight blocks, clockwise, that is at least the middle one. */
static int plain_pattern(const uint8_t *pixels, const gr_cascade_rect *r)
{
    static const int across[] = {0, 1, 2, 2, 2, 1, 0, 0, 1}, down[] = {0, 0, 0, 1, 2, 2, 2, 1, 1};
    int sums[9] = {0}, pattern = 0;
    for (int i = 0; i < 9; i++)
        for (int y = 0; y < r->height; y++)
            for (int x = 0; x < r->width; x++)
                sums[i] += pixels[(r->y + down[i] * r->height + y) * WIDTH + r->x + across[i] * r->width + x];
    for (int i = 0; i < 8; i++)
        pattern |= (sums[i] >= sums[8]) << (7 - i);
    return pattern;
}

static void lbp_bins_are_patterns(void **state)
{
    (void)state;
    given g = make_given(GR_CASCADE_LBP);
    gr_bins b;
    float *scratch = gr_alloc(gr_bins_room(&g.samples), sizeof(float));
    assert_int_equal(gr_bins_make(&g.samples, g.features, g.count, 1 << 24, &b, NULL), GR_OK);
    for (int64_t f = 0; f < g.count; f++) {
        const uint8_t *bins = gr_bins_row(&b, f, scratch);
        for (int i = 0; i < WINDOWS; i++) {
            const uint8_t *pixels =
                i < POSITIVE ? g.lists[0].pixels + i * WIDTH * HEIGHT : g.lists[1].pixels + (i - POSITIVE) * WIDTH * HEIGHT;
            assert_int_equal(bins[i], plain_pattern(pixels, &g.features[f].rects[0]));
        }
    }
    gr_bins_free(&b);
    gr_free(scratch);
    free_given(&g);
}

static void what_is_not_kept_is_the_same(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        given g = make_given(kind == 0 ? GR_CASCADE_HAAR : GR_CASCADE_LBP);
        gr_bins all, some, none;
        float *scratch = gr_alloc(gr_bins_room(&g.samples), sizeof(float));
        size_t stride = (size_t)g.samples.stride;
        gr_threads_set(1);
        assert_int_equal(gr_bins_make(&g.samples, g.features, g.count, 1 << 24, &all, NULL), GR_OK);
        gr_threads_set(3);
        assert_int_equal(gr_bins_make(&g.samples, g.features, g.count, 10 * stride + stride - 1, &some, NULL), GR_OK);
        assert_int_equal(gr_bins_make(&g.samples, g.features, g.count, 0, &none, NULL), GR_OK);
        assert_int_equal(some.kept, 10);
        assert_int_equal(none.kept, 0);
        for (int64_t f = 0; f < g.count; f++) {
            const uint8_t *want = gr_bins_row(&all, f, scratch);
            assert_memory_equal(gr_bins_row(&some, f, scratch), want, WINDOWS);
            assert_memory_equal(gr_bins_row(&none, f, scratch), want, WINDOWS);
        }
        gr_bins_free(&all);
        gr_bins_free(&some);
        gr_bins_free(&none);
        gr_free(scratch);
        free_given(&g);
    }
}

/* Windows without contrast have one value: one bin, and no division by 0. */
static void even_windows_are_one_bin(void **state)
{
    (void)state;
    given g = make_given(GR_CASCADE_HAAR);
    gr_bins b;
    float *scratch = gr_alloc(gr_bins_room(&g.samples), sizeof(float));
    gr_samples_free(&g.samples);
    memset(g.lists[0].pixels, 90, POSITIVE * WIDTH * HEIGHT);
    memset(g.lists[1].pixels, 20, NEGATIVE * WIDTH * HEIGHT);
    assert_int_equal(gr_samples_make(GR_CASCADE_HAAR, true, &g.lists[0], &g.lists[1], &g.samples, NULL), GR_OK);
    assert_int_equal(gr_bins_make(&g.samples, g.features, g.count, 1 << 24, &b, NULL), GR_OK);
    for (int64_t f = 0; f < g.count; f++)
        for (int i = 0; i < WINDOWS; i++)
            assert_int_equal(gr_bins_row(&b, f, scratch)[i], 0);
    gr_bins_free(&b);
    gr_free(scratch);
    free_given(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(haar_bins_are_even_steps), cmocka_unit_test(lbp_bins_are_patterns),
                                       cmocka_unit_test(what_is_not_kept_is_the_same),
                                       cmocka_unit_test(even_windows_are_one_bin)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
