/* Nearly equal pictures are found however they were stored, others are not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>
#include <cmocka.h>

#include "base/base.h"
#include "data/near_pairs.h"

enum { PICTURES = 40, SIDE = 96 };

/* A smooth picture of its own for each number: waves of a few lengths and directions. */
static void draw(int number, int side, double left, double size, double gain, bool mirrored, gr_image *out)
{
    gr_error err = {0};
    gr_rng rng = gr_rng_make(7, GR_FOR_TEST, 0, (uint64_t)number);
    double wave[6][4];
    for (int w = 0; w < 6; w++)
        for (int k = 0; k < 4; k++)
            wave[w][k] = gr_rng_normal(&rng);
    assert_int_equal(gr_image_make(side, side, out, &err), GR_OK);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            double u = left + size * ((mirrored ? side - 1 - x : x) + 0.5) / side, v = left + size * (y + 0.5) / side,
                   sum = 0.0;
            for (int w = 0; w < 6; w++)
                sum += wave[w][0] * sin(6.0 * (wave[w][1] * u + wave[w][2] * v) + 3.0 * wave[w][3]);
            double grey = 128.0 + gain * 25.0 * sum;
            for (int c = 0; c < 3; c++)
                out->pixels[(y * side + x) * 3 + c] = (uint8_t)fmax(0.0, fmin(255.0, grey));
        }
}

static gr_print print_of(int number, int side, double left, double size, double gain, bool mirrored)
{
    gr_image image = {0};
    gr_print print;
    draw(number, side, left, size, gain, mirrored, &image);
    gr_print_make(&image, NULL, &print);
    gr_image_free(&image);
    return print;
}

static bool all(const void *ctx, int64_t a, int64_t b)
{
    (void)ctx;
    return a != b;
}

static bool none(const void *ctx, int64_t a, int64_t b)
{
    (void)ctx;
    return a == b;
}

static void pairs_are_found_whatever_was_done(void **state)
{
    (void)state;
    enum { WAYS = 5, ROWS = PICTURES * WAYS };
    static gr_print prints[ROWS];
    gr_near_pair *pairs;
    int64_t count;
    gr_error err = {0};
    int found[WAYS] = {0};
    for (int i = 0; i < PICTURES; i++) {
        prints[i] = print_of(i, SIDE, 0.0, 1.0, 1.0, false);
        prints[PICTURES + i] = print_of(i, 61, 0.0, 1.0, 1.0, false);
        prints[2 * PICTURES + i] = print_of(i, SIDE, 0.0, 1.0, 0.8, false);
        prints[3 * PICTURES + i] = print_of(i, SIDE, 0.0, 1.0, 1.0, true);
        prints[4 * PICTURES + i] = print_of(i, 700, 0.005, 0.99, 1.0, false);
    }
    assert_int_equal(gr_near_pairs(prints, ROWS, all, NULL, &pairs, &count, &err), GR_OK);
    for (int64_t i = 0; i < count; i++) {
        assert_true(pairs[i].first < pairs[i].second && pairs[i].first % PICTURES == pairs[i].second % PICTURES);
        assert_true(i == 0 || pairs[i].first > pairs[i - 1].first ||
                    (pairs[i].first == pairs[i - 1].first && pairs[i].second > pairs[i - 1].second));
        if (pairs[i].first < PICTURES)
            found[pairs[i].second / PICTURES]++;
    }
    for (int k = 1; k < WAYS; k++)
        assert_true(found[k] >= PICTURES - 2);
    gr_free(pairs);
    assert_int_equal(gr_near_pairs(prints, ROWS, none, NULL, &pairs, &count, &err), GR_OK);
    assert_int_equal(count, 0);
    gr_free(pairs);
}

/* Stored as JPEGs, and read again. Some of these waves are so smooth that most frequencies of their hash are noise. */
static void stored_anew(void **state)
{
    (void)state;
    static gr_print prints[2 * PICTURES];
    gr_near_pair *pairs;
    int64_t count;
    gr_error err = {0};
    for (int i = 0; i < PICTURES; i++) {
        gr_image image = {0}, again = {0};
        uint8_t *bytes;
        size_t size;
        draw(i, SIDE, 0.0, 1.0, 1.0, false, &image);
        gr_print_make(&image, NULL, &prints[i]);
        assert_int_equal(gr_jpeg_encode(&image, 75, &bytes, &size, &err), GR_OK);
        assert_int_equal(gr_image_decode(bytes, size, "again", &again, &err), GR_OK);
        assert_memory_not_equal(image.pixels, again.pixels, SIDE * SIDE * 3);
        gr_print_make(&again, NULL, &prints[PICTURES + i]);
        gr_image_free(&image);
        gr_image_free(&again);
        gr_free(bytes);
    }
    assert_int_equal(gr_near_pairs(prints, 2 * PICTURES, all, NULL, &pairs, &count, &err), GR_OK);
    assert_true(count >= PICTURES - 2);
    for (int64_t i = 0; i < count; i++)
        assert_true(pairs[i].second == pairs[i].first + PICTURES);
    gr_free(pairs);
}

static void pictures_of_one_colour_have_no_shape(void **state)
{
    (void)state;
    gr_print prints[2];
    gr_image image = {0};
    gr_near_pair *pairs;
    int64_t count;
    gr_error err = {0};
    assert_int_equal(gr_image_make(5, 40, &image, &err), GR_OK);
    memset(image.pixels, 90, 5 * 40 * 3);
    for (int k = 0; k < 2; k++)
        gr_print_make(&image, NULL, &prints[k]);
    assert_false(prints[0].known);
    assert_int_equal(gr_near_pairs(prints, 2, all, NULL, &pairs, &count, &err), GR_OK);
    assert_int_equal(count, 0);
    gr_free(pairs);
    gr_image_free(&image);
}

/* The print of a box is that of the part cut out, also where the box is beyond the picture. */
static void boxes_are_looked_at_alone(void **state)
{
    (void)state;
    gr_image image = {0}, part = {0};
    gr_print whole, boxed;
    gr_error err = {0};
    const double box[4] = {20, 10, 50, 60}, beyond[4] = {-10, 90, 500, 500};
    draw(3, SIDE, 0.0, 1.0, 1.0, false, &image);
    assert_int_equal(gr_image_crop(&image, box, &part, &err), GR_OK);
    gr_print_make(&image, box, &boxed);
    gr_print_make(&part, NULL, &whole);
    assert_true(gr_print_distance(&whole, &boxed) <= 2 && gr_print_correlation(&whole, &boxed) > 0.99);
    gr_print_make(&image, beyond, &boxed);
    assert_true(gr_print_correlation(&boxed, &boxed) > 0.999999);
    gr_image_free(&image);
    gr_image_free(&part);
}

/* Pictures, their mirrors, noise and one grey: the bound lies above every correlation, and near it where pictures are
 * smooth. */
static void the_bound_holds(void **state)
{
    (void)state;
    enum { ROWS = 3 * PICTURES };
    static gr_print prints[ROWS];
    static gr_shape shapes[ROWS];
    gr_rng rng = gr_rng_make(11, GR_FOR_TEST, 0, 0);
    int tight = 0;
    for (int i = 0; i < PICTURES; i++) {
        prints[i] = print_of(i, SIDE, 0.0, 1.0, 1.0, false);
        prints[PICTURES + i] = print_of(i, SIDE, 0.0, 1.0, 1.0, true);
        for (size_t k = 0; k < sizeof prints->grey; k++)
            prints[2 * PICTURES + i].grey[k] = i == 0 ? 90 : (uint8_t)gr_rng_below(&rng, (uint64_t)(6 * i + 1));
    }
    for (int i = 0; i < ROWS; i++)
        gr_print_shape(&prints[i], &shapes[i]);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < ROWS; j++) {
            double correlation = gr_print_correlation(&prints[i], &prints[j]),
                   bound = gr_shape_bound(&shapes[i], &shapes[j]);
            assert_true(bound >= correlation);
            tight += i < 2 * PICTURES && j < 2 * PICTURES && bound < correlation + 0.1;
        }
    assert_true(tight > PICTURES * PICTURES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_found_whatever_was_done),
        cmocka_unit_test(the_bound_holds),
        cmocka_unit_test(stored_anew),
        cmocka_unit_test(pictures_of_one_colour_have_no_shape),
        cmocka_unit_test(boxes_are_looked_at_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
