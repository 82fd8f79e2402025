/* Similarities, mean shapes and faces upright in a square. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/alignment.h"

enum { POINTS = 7 };

static void cloud(uint64_t number, float *to, int count)
{
    gr_rng rng = gr_rng_make(9, GR_FOR_TEST, 0, number);
    for (int i = 0; i < 2 * count; i++)
        to[i] = (float)(100 * gr_rng_double(&rng));
}

static void move(const double m[6], const float *from, int count, float *to)
{
    for (int i = 0; i < count; i++) {
        double x = from[2 * i], y = from[2 * i + 1];
        to[2 * i] = (float)(m[0] * x + m[1] * y + m[2]);
        to[2 * i + 1] = (float)(m[3] * x + m[4] * y + m[5]);
    }
}

static double squares(const double m[6], const float *from, const float *to)
{
    float moved[2 * POINTS];
    double sum = 0;
    move(m, from, POINTS, moved);
    for (int i = 0; i < 2 * POINTS; i++)
        sum += ((double)moved[i] - to[i]) * ((double)moved[i] - to[i]);
    return sum;
}

static void similarities_are_found_again(void **state)
{
    (void)state;
    for (uint64_t k = 0; k < 50; k++) {
        float from[2 * POINTS], to[2 * POINTS];
        double turn = (double)k, size = 0.1 + 0.1 * (double)k, found[6];
        const double m[6] = {size * cos(turn), -size * sin(turn), 5, size * sin(turn), size * cos(turn), -(double)k};
        cloud(k, from, POINTS);
        move(m, from, POINTS, to);
        from[2] = NAN; /* one that is not known */
        assert_true(gr_similarity_fit(from, to, POINTS, found));
        for (int i = 0; i < 6; i++)
            assert_true(fabs(found[i] - m[i]) < 1e-3);
    }
    float same[2 * POINTS] = {0}, from[2 * POINTS];
    double m[6];
    cloud(1, from, POINTS);
    assert_false(gr_similarity_fit(same, from, POINTS, m));
    assert_false(gr_similarity_fit(from, from, 1, m));
}

/* No similarity near the one that is found has a smaller sum of squares. */
static void the_sum_of_squares_is_least(void **state)
{
    (void)state;
    float from[2 * POINTS], to[2 * POINTS];
    double m[6];
    cloud(101, from, POINTS);
    cloud(102, to, POINTS);
    assert_true(gr_similarity_fit(from, to, POINTS, m));
    double least = squares(m, from, to);
    for (int k = 0; k < 64; k++) {
        double a = (k % 4 - 1.5) * 1e-3, b = (k / 4 % 4 - 1.5) * 1e-3, shift = (k / 16 - 1.5) * 0.1;
        const double other[6] = {m[0] + a, m[1] - b, m[2] + shift, m[3] + b, m[4] + a, m[5] - shift};
        assert_true(squares(other, from, to) > least);
    }
}

static void turned_copies_have_one_mean_shape(void **state)
{
    (void)state;
    enum { FACES = 9 };
    float faces[FACES][2 * POINTS], shape[2 * POINTS], mean[2 * POINTS], one[2 * POINTS];
    int64_t used;
    gr_error err = {0};
    cloud(7, shape, POINTS);
    for (int k = 0; k < FACES; k++) {
        double turn = 0.3 * (k - 4), size = 1 + k;
        const double m[6] = {size * cos(turn), -size * sin(turn), 3 * k, size * sin(turn), size * cos(turn), -k};
        move(m, shape, POINTS, faces[k]);
    }
    faces[8][3] = NAN;
    assert_int_equal(gr_procrustes_mean(faces[0], FACES, POINTS, mean, &used, &err), GR_OK);
    assert_int_equal(used, 8);
    double square = 0, m[6];
    for (int i = 0; i < 2 * POINTS; i++)
        square += (double)mean[i] * mean[i];
    assert_true(fabs(square - 1) < 1e-5);
    assert_true(gr_similarity_fit(shape, mean, POINTS, m));
    move(m, shape, POINTS, one);
    for (int i = 0; i < 2 * POINTS; i++)
        assert_true(fabs(one[i] - mean[i]) < 1e-5);
    float none[2 * POINTS] = {NAN};
    assert_int_equal(gr_procrustes_mean(none, 1, POINTS, mean, &used, &err), GR_INVALID);
}

static void faces_stand_upright_in_their_square(void **state)
{
    (void)state;
    const gr_alignment rule = {
        .left = {0}, .left_count = 1, .right = {1}, .right_count = 1, .frame = {0, 1, 2, 3}, .frame_count = 4};
    const float upright[8] = {30, 40, 70, 40, 50, 10, 50, 90};
    for (int k = 0; k < 24; k++) {
        double turn = k * 0.26, size = 0.5 + k, m[6];
        const double before[6] = {size * cos(turn), -size * sin(turn), 7, size * sin(turn), size * cos(turn), -k};
        float face[8], seen[8];
        move(before, upright, 4, face);
        assert_true(gr_alignment_fit(&rule, face, 0.1, 120, m));
        move(m, face, 4, seen);
        assert_true(fabs(seen[1] - seen[3]) < 1e-2 && seen[0] < seen[2]);     /* level, the left one left */
        assert_true(fabs(seen[5] - 10) < 1e-2 && fabs(seen[7] - 110) < 1e-2); /* the longer side, with its margin */
        assert_true(fabs((seen[0] + seen[2]) / 2 - 60) < 1e-2);               /* in the middle */
    }
    double m[6];
    float half[8] = {NAN, NAN, 70, 40, 50, 10, 50, 90}, point[8] = {5, 5, 5, 5, 5, 5, 5, 5};
    assert_false(gr_alignment_fit(&rule, half, 0, 100, m));
    assert_false(gr_alignment_fit(&rule, point, 0, 100, m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(similarities_are_found_again),
        cmocka_unit_test(the_sum_of_squares_is_least),
        cmocka_unit_test(turned_copies_have_one_mean_shape),
        cmocka_unit_test(faces_stand_upright_in_their_square),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
