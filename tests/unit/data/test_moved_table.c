/* Rows of pictures that moved: boxes and landmarks go along, all else stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "data/moved_table.h"
#include "support/temp_file.h"

static const char *path;

static gr_moved_table read_table(const char *text)
{
    gr_moved_table table;
    gr_error err = {0};
    test_file_write(text, strlen(text));
    if (gr_moved_table_read(path, &table, &err) != GR_OK)
        fail_msg("%s", err.text);
    return table;
}

static const char *const faces = "image,rat,box_x,box_y,box_w,box_h,lm1_x,lm1_y,lm1_v,lm2_x,lm2_y,lm2_v\n"
                                 "p/a.png,\"r,1\",10,20,30,40,12,22,1,38,58,0\n"
                                 "b.png,r2,,,,,,,0,5,6,1\n";

static void rows_go_along(void **state)
{
    (void)state;
    gr_moved_table t = read_table(faces);
    gr_error err = {0};
    assert_int_equal(t.landmarks, 2);
    assert_int_equal(gr_moved_pairs(&t, "--pairs", "1-2", &err), GR_OK);
    gr_text out = {0};
    const gr_map mirror = {.xx = -1, .x = 50, .yy = 1}, away = {.xx = 1, .x = -20, .yy = 1};
    gr_moved_put_header(&t, &out);
    gr_moved_put_row(&t, 0, "n.png", "s.png", &mirror, 50, 70, &out);
    gr_moved_put_row(&t, 1, "m.png", "s.png", &away, 50, 70, &out);
    assert_string_equal(out.data, "image,source,rat,box_x,box_y,box_w,box_h,lm1_x,lm1_y,lm1_v,lm2_x,lm2_y,lm2_v\n"
                                  "n.png,s.png,\"r,1\",10,20,30,40,12,58,0,38,22,1\n"
                                  "m.png,s.png,r2,,,,,,,0,,,1\n");
    assert_int_equal(t.lost_points, 1);
    char *name = gr_moved_name(&t, 0, 3);
    assert_string_equal(name, "images/a_000000_3.png");
    gr_free(name);
    gr_text_free(&out);
    gr_moved_table_free(&t);
}

static void boxes_that_turn_hold_their_corners(void **state)
{
    (void)state;
    gr_moved_table t = read_table(faces);
    gr_text out = {0};
    const gr_map turned = {.xy = 1, .yx = -1, .y = 50}; /* (x, y) to (y, 50 - x) */
    gr_moved_put_row(&t, 0, "n.png", "s.png", &turned, 70, 50, &out);
    assert_string_equal(out.data, "n.png,s.png,\"r,1\",20,10,40,30,22,38,1,58,12,0\n");
    gr_text_free(&out);
    out = (gr_text){0};
    const gr_map away = {.xx = 1, .x = -100, .yy = 1};
    gr_moved_put_row(&t, 0, "n.png", "s.png", &away, 70, 50, &out);
    assert_string_equal(out.data, "n.png,s.png,\"r,1\",,,,,,,1,,,0\n");
    assert_int_equal(t.lost_boxes, 1);
    gr_text_free(&out);
    gr_moved_table_free(&t);
}

static void refused_pairs(const char *pairs, const char *sentence)
{
    gr_moved_table t = read_table(faces);
    gr_error err = {0};
    assert_int_equal(gr_moved_pairs(&t, "--pairs", pairs, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", sentence, err.text);
    gr_moved_table_free(&t);
}

static void refused_table(const char *text, const char *sentence)
{
    gr_moved_table t;
    gr_error err = {0};
    test_file_write(text, strlen(text));
    assert_int_equal(gr_moved_table_read(path, &t, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", sentence, err.text);
    gr_moved_table_free(&t);
}

static void what_is_wrong_is_refused(void **state)
{
    (void)state;
    refused_pairs("1-3", "there is no landmark 3");
    refused_pairs("1-2,2-1", "stands in two pairs");
    refused_pairs("1-1", "is no pair");
    refused_pairs("a", "is no pair");
    refused_table("rat\n1\n", ":1: has no column image");
    refused_table("image,box_x\na.png,1\n", "has no column box_y");
    refused_table("image,lm1_x,lm1_y\na.png,1,\n", ":2: lm1_x: the landmark is half there");
    refused_table("image,lm1_x,lm1_y\na.png,1,2\nb.png,,3\n", ":3: lm1_x: the landmark is half there");
    refused_table("image,lm1_x,lm1_y\na.png,1,x\n", ":2: lm1_y: \"x\" is no number");
    refused_table("image,box_x,box_y,box_w,box_h\na.png,1,1,0,3\n", ":2: box_w: the box is half there or empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_go_along),
        cmocka_unit_test(boxes_that_turn_hold_their_corners),
        cmocka_unit_test(what_is_wrong_is_refused),
    };
    return (path = test_file_make("m.csv")) == NULL ? 1 : cmocka_run_group_tests(tests, NULL, test_file_remove);
}
