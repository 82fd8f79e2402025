/* Boxes to be found as columns of a manifest: several rows are several faces of one picture, and what a table can have
 * wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/manifest.h"
#include "support/temp_file.h"

static const char *path;
static const char *const columns[] = {"face=box", "eye=eye_l", "eye=eye_r"};
static const gr_manifest_options wanted = {
    .group = "rat", .skip_files = true, .marks = columns, .mark_count = 3, .marks_where = "c.yaml:3: data.boxes"};

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("m.csv");
    return path == NULL;
}

#define HEAD "image,rat,box_x,box_y,box_w,box_h,eye_l_x,eye_l_y,eye_l_w,eye_l_h,eye_r_x,eye_r_y,eye_r_w,eye_r_h\n"

static gr_status load(const char *text, const gr_manifest_options *options, gr_manifest *m, gr_error *err)
{
    *err = (gr_error){0};
    test_file_write(text, strlen(text));
    return gr_manifest_load(path, options, m, err);
}

static void rows_of_a_picture_are_its_faces(void **state)
{
    (void)state;
    gr_manifest m;
    gr_error err;
    if (load(HEAD "a,r1,10,20,30,40,11,21,5,5,,,,\n"
                  "b,r1,,,,,,,,,,,,\n"
                  "a,r1,60,20,30,40,,,,,-2,30,6,6\n"
                  "c,r2,1,2,3,4,,,,,,,,\n",
             &wanted, &m, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(m.rows, 3);
    assert_null(m.boxes); /* nothing is cut out */
    assert_int_equal(m.kind_count, 2);
    assert_string_equal(m.kinds[1], "eye");
    const int64_t marked[] = {0, 4, 4, 5};
    assert_memory_equal(m.marked, marked, sizeof marked);
    assert_true(m.marks[2].box.x == 60 && m.marks[2].kind == 0);
    assert_true(m.marks[3].box.x == -2 && m.marks[3].kind == 1);
    assert_true(m.marks[4].box.height == 4);
    assert_string_equal(m.images[1], "b");

    gr_manifest more;
    assert_int_equal(load(HEAD "x,r9,,,,,,,,,,,,\ny,r9,5,6,7,8,,,,,,,,\n", &wanted, &more, &err), GR_OK);
    if (gr_manifest_append(&m, &more, "extra", &err) != GR_OK)
        fail_msg("%s", err.text);
    const int64_t both[] = {0, 4, 4, 5, 5, 6};
    assert_memory_equal(m.marked, both, sizeof both);
    assert_true(m.marks[5].box.x == 5 && m.marks[0].box.x == 10);
    gr_manifest_free(&m);
}

static void whole_pictures_without_marks(void **state)
{
    (void)state;
    const gr_manifest_options whole = {.skip_files = true, .whole = true};
    gr_manifest_options there = whole;
    gr_manifest m;
    gr_error err;
    assert_int_equal(load("image,box_x,box_y,box_w,box_h\na,1,2,3,4\na,5,6,7,8\nb,,,,\n", &whole, &m, &err), GR_OK);
    assert_int_equal(m.rows, 2);
    assert_null(m.boxes);
    assert_null(m.marked);
    gr_manifest_free(&m);
    there.marks = columns;
    there.mark_count = 1;
    there.marks_if_there = true;
    assert_int_equal(load("image,x\na,1\na,2\n", &there, &m, &err), GR_OK);
    assert_true(m.rows == 1 && m.marked == NULL && m.kind_count == 0);
    gr_manifest_free(&m);
    assert_int_equal(load("image,box_x,box_y,box_w,box_h\na,1,2,3,4\na,5,6,7,8\n", &there, &m, &err), GR_OK);
    assert_true(m.rows == 1 && m.marked[1] == 2);
    gr_manifest_free(&m);
}

static void a_face_without_what_is_asked_for(void **state)
{
    (void)state;
    const gr_manifest_options eyes = {.skip_files = true, .marks = (const char *const[]){"eye=eye"}, .mark_count = 1};
    gr_manifest m;
    gr_error err;
    assert_int_equal(load("image,box_x,box_y,box_w,box_h,eye_x,eye_y,eye_w,eye_h\na,1,2,3,4,,,,\na,5,6,7,8,5,6,1,1\n"
                          "b,1,2,3,4,,,,\nb,5,2,3,4,,,,\nc,,,,,,,,\n",
                          &eyes, &m, &err),
                     GR_OK);
    assert_true(m.rows == 3 && m.marked[1] == 1 && m.marked[2] == 1 && m.marked[3] == 1 && m.marks[0].box.x == 5);
    gr_manifest_free(&m);
    assert_int_equal(load("image,box_x,box_y,box_w,box_h,eye_x,eye_y,eye_w,eye_h\na,,,,,,,,\na,5,6,7,8,5,6,1,1\n", &eyes, &m,
                          &err),
                     GR_INVALID);
    assert_non_null(strstr(err.text, "m.csv:3: image: a: the image has a row without a box and another row"));
}

static void boxes_within_their_picture(void **state)
{
    (void)state;
    static const struct {
        double box[4];
        int good, across;
    } cases[] = {{{0, 0, 70, 52}, 1, 0},          {{0, 0, 71, 52}, 1, 1},   {{35, 10, 70, 20}, 1, 1},
                 {{36, 10, 70, 20}, 0, 0},        {{50, 30, 40, 30}, 0, 0}, {{-10, 0, 20, 20}, 1, 1},
                 {{-11, 0, 20, 20}, 0, 0},        {{0, 52, 5, 5}, 0, 0},    {{500, 500, 20, 20}, 0, 0},
                 {{1e308, 3, 1e308, 4}, 0, 0},    {{-1e308, 3, 1e308, 4}, 0, 0}, {{69.5, 51.5, 1e-300, 1e-300}, 0, 0},
                 {{0, 0, 1e308, 1e308}, 0, 0},    {{-5, -5, 80, 62}, 1, 1}};
    static const char *const names[] = {"a.png"}, *const kinds[] = {"face"};
    static const int64_t lines[] = {7}, marked[] = {0, 1};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_marked_box mark = {{cases[i].box[0], cases[i].box[1], cases[i].box[2], cases[i].box[3]}, 0};
        const gr_manifest m = {.path = "m.csv", .rows = 1, .lines = lines, .images = names, .marked = marked, .marks = &mark,
                               .kinds = kinds, .kind_count = 1};
        int64_t across = 0;
        gr_error err = {0};
        bool good = gr_manifest_boxes_within(&m, 0, 70, 52, &across, &err) == GR_OK;
        if (good != (cases[i].good == 1) || (good && across != cases[i].across))
            fail_msg("case %d: %d, %d across", (int)i, good, (int)across);
        if (i == 8)
            assert_string_equal(err.text, "m.csv:7: the box of the kind face at 500, 500 of 20 x 20 lies beyond a.png of 70 x "
                                          "52 pixels; one that has half of its area inside at least, or empty cells where "
                                          "there is none, would be right");
    }
    char said[GR_BOXES_ACROSS];
    assert_string_equal(gr_manifest_boxes_across(2, said),
                        "2 boxes reach over the edge of their picture; what lies beyond it is not to be seen");
}

static void refusals(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {HEAD "a,r1,1,2,3,4,,,,,,,,\na,r1,1,2,3,4,9,9,9,9,,,,\n",
         "m.csv:3: image: a: the image has a row with the same box already, on line 2; one row per face is right"},
        {HEAD "a,r1,,,,,,,,,,,,\na,r1,1,2,3,4,,,,,,,,\n",
         "m.csv:3: image: a: the image has a row without a box and another row"},
        {HEAD "a,r1,1,2,3,4,,,,,,,,\na,r2,5,2,3,4,,,,,,,,\n",
         "m.csv:3: image: a: the image has a row with another group already, on line 2; one group for "
         "all faces of an image"},
        {HEAD "a,r1,1,2,3,,,,,,,,,\n", "m.csv:2: box_x: the box is half there: box_x, _y, _w and _h all hold a number"},
        {HEAD "a,r1,1,2,0,4,,,,,,,,\n", "m.csv:2: box_w: '0' is not a number of pixels above 0"},
        {HEAD "a,r1,1,2,3,4,x,1,1,1,,,,\n", "m.csv:2: eye_l_x: 'x' is not a number of pixels"},
        {"image,rat,box_x,box_y,box_w,box_h\na,r1,1,2,3,4\n", "c.yaml:3: data.boxes: there is no column eye_l_x in "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_manifest m;
        gr_error err;
        assert_int_equal(load(cases[i][0], &wanted, &m, &err), GR_INVALID);
        if (strstr(err.text, cases[i][1]) == NULL)
            fail_msg("got: %s\nnot: %s", err.text, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_of_a_picture_are_its_faces),
                                       cmocka_unit_test(whole_pictures_without_marks),
                                       cmocka_unit_test(a_face_without_what_is_asked_for),
                                       cmocka_unit_test(boxes_within_their_picture), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
