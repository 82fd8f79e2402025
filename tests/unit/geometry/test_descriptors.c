/* Descriptors: values by hand, invariance, gaps. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/descriptors.h"

static const gr_descriptor_part ANGLE[] = {{.corners = 3, .points = {1, 0, 2}}};
static const gr_descriptor_part BOTH[] = {{.corners = 3, .points = {1, 0, 2}}, {.corners = 3, .points = {0, 1, 2}}};
static const gr_descriptor_part RATIO[] = {{.corners = 2, .points = {1, 2}, .over_corners = 2, .over = {0, 1}}};
static const gr_descriptor_part AREA[] = {{.corners = 4, .points = {0, 1, 3, 2}, .over_corners = 3, .over = {0, 1, 2}}};
static const gr_descriptor ITEMS[] = {
    {.name = "angle", .unit = "", .kind = GR_DESCRIPTOR_ANGLE, .parts = 1, .part = ANGLE},
    {.name = "both", .unit = "", .kind = GR_DESCRIPTOR_ANGLE, .parts = 2, .part = BOTH},
    {.name = "ratio", .unit = "", .kind = GR_DESCRIPTOR_DISTANCE, .parts = 1, .part = RATIO},
    {.name = "area", .unit = "", .kind = GR_DESCRIPTOR_AREA, .parts = 1, .part = AREA},
};
static const gr_descriptor_set SET = {.name = "test", .landmarks = 4, .count = 4, .items = ITEMS};

/* A right angle at the first point, legs 3 and 4, and a far corner that makes a rectangle of it. */
static const float FACE[8] = {10, 20, 13, 20, 10, 24, 13, 24};

static void values_are_those_of_the_plane(void **state)
{
    (void)state;
    double values[4];
    gr_descriptor_gaps gaps;
    gr_describe(&SET, FACE, values, &gaps);
    assert_true(fabs(values[0] - 90) < 1e-12);
    assert_true(fabs(values[1] - (90 + atan2(4, 3) * 180 / acos(-1)) / 2) < 1e-12);
    assert_true(fabs(values[2] - 5.0 / 3) < 1e-12);
    assert_true(fabs(values[3] - 2) < 1e-12);
    assert_int_equal(gaps.missing + gaps.degenerate, 0);
    assert_int_equal(gaps.first_missing, -1);
}

static void similarities_and_mirrors_change_nothing(void **state)
{
    (void)state;
    double before[4], after[4];
    gr_describe(&SET, FACE, before, NULL);
    for (int k = 0; k < 200; k++) {
        double turn = k * 0.37, size = 0.2 + k * 0.05, flip = k % 2 ? -1 : 1;
        float moved[8];
        for (int i = 0; i < 4; i++) {
            double x = FACE[2 * i] * flip, y = FACE[2 * i + 1];
            moved[2 * i] = (float)(size * (cos(turn) * x - sin(turn) * y) + 3 * k);
            moved[2 * i + 1] = (float)(size * (sin(turn) * x + cos(turn) * y) - k);
        }
        gr_describe(&SET, moved, after, NULL);
        for (int d = 0; d < 4; d++)
            assert_true(fabs(after[d] - before[d]) <= 2e-3 * fabs(before[d]));
    }
}

static void gaps_are_told_apart(void **state)
{
    (void)state;
    double values[4];
    gr_descriptor_gaps gaps;
    float face[8];
    memcpy(face, FACE, sizeof face);
    face[6] = NAN; /* only the rectangle's far corner */
    gr_describe(&SET, face, values, &gaps);
    assert_true(isnan(values[3]) && !isnan(values[2]));
    assert_int_equal(gaps.missing, 1);
    assert_int_equal(gaps.first_missing, 3);
    assert_int_equal(gaps.degenerate, 0);
    face[6] = 13;
    face[2] = face[0], face[3] = face[1]; /* two landmarks in one place */
    gr_describe(&SET, face, values, &gaps);
    for (int d = 0; d < 4; d++)
        assert_true(isnan(values[d]));
    assert_int_equal(gaps.degenerate, 4);
    assert_int_equal(gaps.first_degenerate, 0);
}

/* The last three lie on a line of slope 2, and as floats beside it, by a millionth of a pixel: no polygon to divide by. */
static void a_line_is_no_polygon_where_floats_round(void **state)
{
    (void)state;
    static const gr_descriptor_part over_line = {.corners = 3, .points = {0, 1, 2}, .over_corners = 3, .over = {1, 2, 3}};
    static const gr_descriptor item = {.name = "flat", .unit = "", .kind = GR_DESCRIPTOR_AREA, .parts = 1, .part = &over_line};
    const gr_descriptor_set set = {.landmarks = 4, .count = 1, .items = &item};
    float face[8] = {5, 77, 10.1F, 20.3F, 11.4F, 22.9F, 13.7F, 27.5F};
    gr_descriptor_gaps gaps;
    double value;
    gr_describe(&set, face, &value, &gaps);
    assert_true(isnan(value));
    assert_int_equal(gaps.degenerate, 1);
    face[7] = 27.6F; /* a tenth of a pixel is a polygon: 43.485 and 0.065 square pixels */
    gr_describe(&set, face, &value, &gaps);
    assert_true(value > 668 && value < 670);
    assert_int_equal(gaps.degenerate, 0);
}

static void wrong_landmarks_are_named(void **state)
{
    (void)state;
    gr_error err = {0};
    assert_int_equal(gr_descriptor_check(&ITEMS[3], 4, &err), GR_OK);
    assert_int_equal(gr_descriptor_check(&ITEMS[3], 3, &err), GR_INVALID);
    assert_string_equal(err.text, "area: there is no landmark 4, landmarks are 1 to 3");
    gr_descriptor_part twice = {.corners = 4, .points = {0, 1, 1, 2}, .over_corners = 3, .over = {0, 1, 2}};
    gr_descriptor d = {.name = "flat", .unit = "", .kind = GR_DESCRIPTOR_AREA, .parts = 1, .part = &twice};
    err = (gr_error){0};
    assert_int_equal(gr_descriptor_check(&d, 4, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "flat: landmark 2 stands twice in one polygon"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_the_plane),
        cmocka_unit_test(similarities_and_mirrors_change_nothing),
        cmocka_unit_test(gaps_are_told_apart),
        cmocka_unit_test(a_line_is_no_polygon_where_floats_round),
        cmocka_unit_test(wrong_landmarks_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
