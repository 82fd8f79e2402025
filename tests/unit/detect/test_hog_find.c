/* A machine over gradients in all sizes of a picture: the windows whose sum is above 0, worked out one by one here. */
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
#include "detect/found.h"
#include "detect/hog_find.h"
#include "detect/shrink.h"

enum { WIDTH = 24, HEIGHT = 16, NUMBERS = 2 * GR_HOG_BLOCK };

static gr_grey noise(int width, int height)
{
    gr_grey g = {width, height, gr_alloc((size_t)width * (size_t)height + 64, 1)};
    gr_rng rng = gr_rng_make(5, GR_FOR_TEST, 0, 0);
    for (int i = 0; i < width * height; i++)
        g.pixels[i] = (uint8_t)(60 + gr_rng_below(&rng, 60) + (i / width / 16 + i % width / 16) % 2 * 90);
    return g;
}

static gr_hog_svm make_machine(float bias)
{
    gr_hog_svm m = {WIDTH, HEIGHT, gr_alloc(NUMBERS, sizeof(float)), bias};
    gr_rng rng = gr_rng_make(6, GR_FOR_TEST, 0, 0);
    assert_int_equal(gr_hog_numbers(WIDTH, HEIGHT), NUMBERS);
    for (int i = 0; i < NUMBERS; i++)
        m.weights[i] = (float)(gr_rng_double(&rng) - 0.5);
    return m;
}

/* In the order of a list of all: the level, the column, the row. */
static void add_plain(const gr_hog_svm *m, const gr_grey *g, const gr_detect_options *o, gr_found_list *out, int64_t *all)
{
    gr_level *levels;
    int64_t count;
    assert_int_equal(gr_levels(WIDTH, HEIGHT, g->width, g->height, o, &levels, &count, NULL), GR_OK);
    for (int64_t l = 0; l < count; l++) {
        gr_grey small;
        gr_hog_blocks blocks;
        assert_int_equal(gr_shrink_all(g, &levels[l], &small, NULL), GR_OK);
        assert_int_equal(gr_hog_make(&small, &blocks, NULL), GR_OK);
        for (int x = 0; x + WIDTH <= small.width; x += 8)
            for (int y = 0; y + HEIGHT <= small.height; y += 8) {
                float numbers[NUMBERS], s = levels[l].scale;
                double sum = (double)m->bias;
                gr_hog_window(&blocks, x / 8, y / 8, WIDTH, HEIGHT, numbers);
                for (int i = 0; i < NUMBERS; i++)
                    sum += (double)m->weights[i] * (double)numbers[i];
                ++*all;
                assert_true(fabs(sum) > 1e-5); /* else either answer would be right */
                gr_found box = {(int)lrintf((float)x * s),
                                (int)lrintf((float)y * s),
                                (int)lrintf(WIDTH * s),
                                (int)lrintf(HEIGHT * s),
                                1,
                                "plain"};
                if (sum > 0)
                    assert_int_equal(gr_found_add(out, &box, NULL), GR_OK);
            }
        gr_hog_free(&blocks);
        gr_grey_free(&small);
    }
    gr_free(levels);
}

static void same_boxes(const gr_found_list *a, const gr_found_list *b)
{
    assert_int_equal(a->count, b->count);
    for (int64_t i = 0; i < a->count; i++) {
        const gr_found *x = &a->boxes[i], *y = &b->boxes[i];
        assert_true(x->x == y->x && x->y == y->y && x->width == y->width && x->height == y->height && x->score == y->score);
    }
}

static void finds_the_windows_above_0(void **state)
{
    (void)state;
    gr_grey g = noise(150, 101);
    for (int neighbours = 0; neighbours < 3; neighbours++) {
        gr_hog_svm m = make_machine(0.3f);
        gr_detect_options o = {.scale = 1.15, .neighbours = neighbours};
        gr_found_list plain = {0}, found = {0}, again = {0};
        int64_t all = 0;
        add_plain(&m, &g, &o, &plain, &all);
        assert_true(plain.count > all / 50 && plain.count < all * 49 / 50);
        assert_int_equal(gr_found_group(&plain, neighbours, NULL), GR_OK);
        gr_found_clip(&plain, g.width, g.height);
        gr_threads_set(1);
        assert_int_equal(gr_hog_svm_find(&m, &o, "hog", &g, &found, NULL), GR_OK);
        gr_threads_set(3);
        assert_int_equal(gr_hog_svm_find(&m, &o, "hog", &g, &again, NULL), GR_OK);
        assert_true(found.count > 0);
        same_boxes(&found, &plain);
        same_boxes(&again, &found);
        for (int64_t i = 0; i < found.count; i++)
            assert_string_equal(found.boxes[i].detector, "hog");
        gr_found_free(&plain);
        gr_found_free(&found);
        gr_found_free(&again);
        gr_hog_svm_free(&m);
    }
    gr_grey_free(&g);
}

/* 0 is not above 0; a bias decides for all windows at once; what is smaller than a window has none. */
static void none_or_all(void **state)
{
    (void)state;
    gr_grey g = noise(150, 101), flat = noise(150, 15), small = noise(23, 101);
    gr_hog_svm m = {WIDTH, HEIGHT, gr_alloc(NUMBERS, sizeof(float)), 0};
    gr_detect_options o = {.scale = 1.5};
    gr_found_list found = {0}, plain = {0};
    int64_t all = 0;
    assert_int_equal(gr_hog_svm_find(&m, &o, "hog", &g, &found, NULL), GR_OK);
    assert_int_equal(found.count, 0);
    m.bias = 1;
    add_plain(&m, &g, &o, &plain, &all);
    assert_int_equal(gr_hog_svm_find(&m, &o, "hog", &g, &found, NULL), GR_OK);
    assert_int_equal(found.count, all);
    gr_found_free(&found);
    assert_int_equal(gr_hog_svm_find(&m, &o, "hog", &flat, &found, NULL), GR_OK);
    assert_int_equal(gr_hog_svm_find(&m, &o, "hog", &small, &found, NULL), GR_OK);
    assert_int_equal(found.count, 0);
    gr_found_free(&found);
    gr_found_free(&plain);
    gr_hog_svm_free(&m);
    gr_grey_free(&g);
    gr_grey_free(&flat);
    gr_grey_free(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_the_windows_above_0), cmocka_unit_test(none_or_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
