/* Landmarks before a model can be asked: samples' own, a table's, and which images cannot be asked about. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "geometry/upright.h"
#include "run/apply/align_rule.h"
#include "run/apply/guide.h"
#include "support/folder.h"

enum { SIDE = 20 };

/* By landmark 1 on the left, 2 on the right, all three in the frame. */
static gr_upright make_upright(void)
{
    gr_upright upright = {.size = SIDE, .margin = 0};
    gr_error err = {0};
    if (gr_align_rule_read("1:2:1,2,3", "--by", 10, &upright.rule, &err) != GR_OK)
        fail_msg("%s", err.text);
    return upright;
}

/* Where a place of the picture comes to lie in the square. */
static void place(const gr_sample *s, double x, double y, double to[2])
{
    gr_map_point(&s->map, x, y, to);
}

/* A face that lies on its side: the map brings both eyes to one level, the frame to the square's edges. */
static void check_turned(const gr_sample *s)
{
    double left[2], right[2], chin[2];
    place(s, 10, 40, left);
    place(s, 10, 10, right);
    place(s, 40, 25, chin);
    assert_int_equal(s->side, SIDE);
    assert_true(fabs(left[1] - right[1]) < 1e-4);
    assert_true(left[0] < right[0] && chin[1] > left[1]);
    assert_true(fabs(right[0] - left[0] - SIDE) < 1e-4 && fabs(chin[1] - left[1] - SIDE) < 1e-4);
}

static const float lying[6] = {10, 40, 10, 10, 40, 25}, half[6] = {10, 40, NAN, NAN, 40, 25}, one_place[6] = {5, 5, 5, 5, 5, 5};

static void samples_bring_their_own(void **state)
{
    (void)state;
    gr_upright upright = make_upright();
    const gr_card card = {.guide = {.upright = &upright}};
    gr_sample samples[] = {{.path = "a", .points = lying, .point_count = 3},
                           {.path = "b", .points = half, .point_count = 3},
                           {.path = "c", .points = one_place, .point_count = 3},
                           {.path = "d"},
                           {.path = "e", .points = lying, .point_count = 3}};
    const char *problems[5] = {NULL, NULL, NULL, NULL, "cannot be read"};
    gr_error err = {0};
    const gr_guide_images images = {.count = 5, .samples = samples, .problems = problems};
    if (gr_guide_ready(&card, "model", &images, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_null(problems[0]);
    check_turned(&samples[0]);
    for (int i = 1; i < 4; i++) {
        assert_string_equal(problems[i], "its landmarks do not tell how the face lies");
        assert_int_equal(samples[i].side, 0);
    }
    assert_string_equal(problems[4], "cannot be read"); /* it stays what it was */
    assert_int_equal(samples[4].side, 0);
}

static void nothing_brings_any(void **state)
{
    (void)state;
    gr_upright upright = make_upright();
    const gr_card card = {.guide = {.upright = &upright}}, plain = {0};
    gr_sample sample = {.path = "a"};
    const char *problem = NULL;
    gr_error err = {0};
    const gr_guide_images images = {.count = 1, .samples = &sample, .problems = &problem};
    assert_int_equal(gr_guide_ready(&card, "model", &images, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "model: turns faces upright by landmarks of a table; --manifest with columns lm1_x"));
    assert_int_equal(gr_guide_ready(&plain, "model", &images, &err), GR_OK); /* which wants none */
    assert_int_equal(sample.side, 0);
}

static void a_tables_rows_do(void **state)
{
    (void)state;
    gr_upright upright = make_upright();
    const gr_card card = {.guide = {.upright = &upright}};
    gr_manifest_options options = {0};
    gr_ask ask;
    gr_text said = {0};
    gr_error err = {0};
    test_folder_text("t.csv", "image,lm1_x,lm1_y,lm2_x,lm2_y,lm3_x,lm3_y\na.png,10,40,10,10,40,25\nb.png,10,40,10,,40,25\n"
                              "c.png,10,40,10,here,40,25\nd.png,,,10,10,40,25\n");
    if (gr_ask_table(test_in_folder("t.csv"), &options, &ask, &err) != GR_OK ||
        gr_guide_ask(&card, "model", NULL, false, &ask, &said, NULL, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(ask.count, 4);
    check_turned(&ask.samples[0]);
    assert_non_null(strstr(ask.problems[1], "lm2_y: ")); /* half a landmark */
    assert_non_null(strstr(ask.problems[2], "lm2_y: "));
    assert_string_equal(ask.problems[3], "its landmarks do not tell how the face lies");
    gr_ask_close(&ask);
    test_folder_text("few.csv", "image,lm1_x,lm1_y\na.png,10,40\n");
    if (gr_ask_table(test_in_folder("few.csv"), &options, &ask, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(gr_guide_ask(&card, "model", NULL, false, &ask, &said, NULL, &err), GR_INVALID);
    gr_ask_close(&ask);
    gr_text_free(&said);
}

static void a_run_must_be_there(void **state)
{
    (void)state;
    gr_guide_points points;
    gr_sample sample = {.path = "a"};
    const char *problem = NULL;
    gr_error err = {0};
    const gr_guide_images images = {.count = 1, .samples = &sample, .problems = &problem};
    assert_int_equal(gr_guide_find("/nowhere/run", 0, 3, &images, &points, &err), GR_INVALID);
    assert_string_equal(err.text, "/nowhere/run: there is no such run of landmarks");
    assert_null(points.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(samples_bring_their_own), cmocka_unit_test(nothing_brings_any),
                                       cmocka_unit_test(a_tables_rows_do), cmocka_unit_test(a_run_must_be_there)};
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
