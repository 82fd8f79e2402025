/* Cats' landmarks: FelineGrimace's numbers where they should be, and moved by the action units that they tell of. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "grimace/descriptor_sets.h"
#include "synth/scene.h"

enum { SIZE = 96 };

static gr_synth_params cat(void)
{
    gr_synth_params p = gr_synth_neutral();
    gr_synth_make_cat(&p);
    return p;
}

static void draw(const gr_synth_params *p, gr_synth_landmark at[GR_SYNTH_CAT_POINTS])
{
    static uint8_t rgb[SIZE * SIZE * 3];
    gr_error err = {0};
    assert_int_equal(gr_synth_points(p), GR_SYNTH_CAT_POINTS);
    if (gr_synth_render(p, SIZE, SIZE, rgb, at, &err) != GR_OK)
        fail_msg("%s", err.text);
}

static float apart(const gr_synth_landmark *at, int a, int b)
{
    return hypotf(at[a - 1].x - at[b - 1].x, at[a - 1].y - at[b - 1].y);
}

/* Looking ahead, pairs of both sides are mirror images, and all is in the picture. */
static void sides_mirror_each_other(void **state)
{
    (void)state;
    static const int pairs[][2] = {{1, 12},  {2, 11},  {3, 10},  {4, 9},   {5, 8},   {6, 7},   {13, 18}, {14, 17}, {15, 19},
                                   {16, 20}, {21, 22}, {25, 26}, {27, 28}, {29, 31}, {30, 32}, {33, 34}, {36, 37}};
    gr_synth_landmark at[GR_SYNTH_CAT_POINTS];
    gr_synth_params p = cat();
    p.yaw = p.roll = p.body_yaw = 0;
    draw(&p, at);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const gr_synth_landmark *a = &at[pairs[i][0] - 1], *b = &at[pairs[i][1] - 1];
        assert_true(fabsf(a->x + b->x - 2 * at[22].x) < 0.5f); /* about the tip of the nose */
        assert_true(fabsf(a->y - b->y) < 0.5f);
        assert_true(a->x < b->x); /* the lower number on the picture's left side, as fgs37 turns faces */
    }
    for (int i = 0; i < GR_SYNTH_CAT_POINTS; i++)
        assert_true(at[i].x > 0 && at[i].x < SIZE && at[i].y > 0 && at[i].y < SIZE);
    assert_true(at[2].y < at[0].y && at[2].y < at[4].y);   /* the ear's tip is above its base */
    assert_true(at[14].y < at[12].y && at[12].y < at[15].y); /* lids above and below the corner */
    assert_true(at[22].y < at[23].y && at[23].y < at[34].y); /* nose, mouth, chin */
}

static void action_units_move_their_own(void **state)
{
    (void)state;
    gr_synth_landmark rest[GR_SYNTH_CAT_POINTS], moved[GR_SYNTH_CAT_POINTS];
    gr_synth_params p = cat();
    draw(&p, rest);
    p.au[GR_SYNTH_AU_ORBITAL] = 2;
    draw(&p, moved);
    assert_true(apart(moved, 15, 16) < 0.3f * apart(rest, 15, 16));
    assert_true(apart(moved, 3, 10) == apart(rest, 3, 10));
    p.au[GR_SYNTH_AU_ORBITAL] = 0;
    p.au[GR_SYNTH_AU_EAR] = 2;
    draw(&p, moved);
    assert_true(apart(moved, 3, 10) > 1.2f * apart(rest, 3, 10));
    assert_true(apart(moved, 15, 16) == apart(rest, 15, 16));
    p.au[GR_SYNTH_AU_EAR] = 0;
    p.au[GR_SYNTH_AU_WHISKER] = 2;
    draw(&p, moved);
    assert_true(apart(moved, 29, 30) < 0.7f * apart(rest, 29, 30)); /* bunched */
}

static void every_descriptor_is_a_number(void **state)
{
    (void)state;
    gr_synth_landmark at[GR_SYNTH_CAT_POINTS];
    float numbers[2 * GR_SYNTH_CAT_POINTS];
    double values[35];
    gr_descriptor_file *file;
    gr_descriptor_gaps gaps;
    gr_error err = {0};
    gr_synth_params p = cat();
    draw(&p, at);
    for (int i = 0; i < GR_SYNTH_CAT_POINTS; i++) {
        numbers[2 * i] = at[i].x;
        numbers[2 * i + 1] = at[i].y;
    }
    assert_int_equal(gr_descriptor_set_open("fgs35", &file, &err), GR_OK);
    gr_describe(gr_descriptor_file_set(file), numbers, values, &gaps);
    assert_int_equal(gaps.missing + gaps.degenerate, 0);
    gr_descriptor_file_free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sides_mirror_each_other), cmocka_unit_test(action_units_move_their_own),
                                       cmocka_unit_test(every_descriptor_is_a_number)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
