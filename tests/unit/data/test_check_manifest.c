/* Checking a data set, on files made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/check.h"
#include "grimace/image.h"
#include "grimace/import.h"
#include "grimace/data_statistics.h"
#include "support/folder.h"

/* The finding that holds `text`, or a failure that lists all. */
static const gr_finding *finding(const gr_check *ck, const char *text)
{
    for (int64_t i = 0; i < ck->count; i++)
        if (strstr(ck->findings[i].text, text) != NULL)
            return &ck->findings[i];
    for (int64_t i = 0; i < ck->count; i++)
        print_message("%s\n", ck->findings[i].text);
    fail_msg("no finding says: %s", text);
    return NULL;
}

static void every_fault_is_found(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        char name[20];
        snprintf(name, sizeof name, "ok%d.png", i);
        test_folder_image(name, 40 + i, 50, 10 * i, 0, 0);
    }
    test_folder_image("tiny.png", 8, 8, 1, 2, 3);
    test_folder_image("twin.png", 40, 50, 0, 0, 0); /* the bytes of ok0.png */
    test_folder_image("twin2.png", 41, 50, 10, 0, 0);
    test_folder_write("text.png", "this is no picture", 18);
    test_folder_write("empty.png", "", 0);
    char *data;
    size_t size;
    gr_error err = {0};
    assert_int_equal(gr_file_read(test_in_folder("ok1.png"), 100000, &data, &size, &err), GR_OK);
    test_folder_write("cut.png", data, size / 2);
    gr_free(data);
    gr_text table = {0};
    gr_text_printf(&table, "image,animal,pain\n");
    for (int i = 0; i < 12; i++)
        gr_text_printf(&table, "ok%d.png,rat%d,%d\n", i, i % 2, i / 2 % 2); /* lines 2 to 13 */
    gr_text_printf(&table,
                     "tiny.png,rat0,0\ntwin.png,rat1,0\ntwin2.png,rat1,0\ntext.png,rat0,1\nempty.png,rat0,1\n"
                     "cut.png,rat0,1\nmissing.png,rat0,1\nok3.png,rat1,0\nok4.png,,1\nx.png,rat0,\nlast.png,rat2,1\n");
    test_folder_image("last.png", 60, 60, 9, 9, 9);
    test_folder_write("m.csv", table.data, table.size);
    gr_text_free(&table);

    gr_check ck;
    gr_manifest_options options = {.label = "pain", .group = "animal"};
    assert_int_equal(gr_check_manifest(test_in_folder("m.csv"), &options, &ck, &err), GR_OK);
    assert_true(finding(&ck, "m.csv:20: image: the file ")->error);
    assert_true(finding(&ck, "m.csv:21: image: ok3.png: the image has a row with another label already, on line 5")->error);
    assert_true(finding(&ck, "m.csv:22: animal: the cell is empty")->error);
    assert_true(finding(&ck, "m.csv:23: pain: the cell is empty")->error);
    assert_true(finding(&ck, "m.csv:17: image: ")->error);
    assert_true(finding(&ck, "m.csv:18: image: ")->error);
    assert_true(finding(&ck, "m.csv:19: image: ")->error);
    assert_false(finding(&ck, "m.csv:14: image: tiny.png is only 8 x 8")->error);
    assert_false(finding(&ck, "m.csv:16: image: twin2.png is the same picture as ok1.png on line 3")->error);
    assert_true(finding(&ck, "m.csv:15: image: twin.png is the same picture as ok0.png on line 2, but animal")->error);
    assert_false(finding(&ck, "rat2 has images of class 1 only")->error);
    assert_int_equal(ck.errors, 8);
    assert_int_equal(ck.warnings, 4); /* tiny, same picture, one class, few images of class 1 */
    assert_int_equal(ck.manifest.rows, 19);
    gr_check_free(&ck);
}

static void a_hopeless_table_is_still_a_result(void **state)
{
    (void)state;
    const char *table = "image,animal,pain\nnot_there.png,rat0,1\n";
    test_folder_write("n.csv", table, strlen(table));
    gr_check ck;
    gr_error err = {0};
    gr_manifest_options options = {.label = "pain"};
    assert_int_equal(gr_check_manifest(test_in_folder("n.csv"), &options, &ck, &err), GR_OK);
    assert_int_equal(ck.errors, 1);
    assert_int_equal(ck.manifest.rows, 0);
    gr_check_free(&ck);
    options.label = "pian";
    assert_int_equal(gr_check_manifest(test_in_folder("n.csv"), &options, &ck, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "did you mean pain?"));
}

static void what_training_would_accept_is_warned_of(void **state)
{
    (void)state;
    gr_text table = {0};
    for (int i = 0; i < 12; i++) {
        char name[20];
        snprintf(name, sizeof name, "w%d.png", i);
        test_folder_image(name, 210, 210, 20 * i, 1, 2);
    }
    gr_text_printf(&table, "image,animal,Cat Nr,pain,Pain,box_x,box_y,box_w,box_h\n");
    for (int i = 0; i < 12; i++)
        gr_text_printf(&table, "w%d.png,%s,%d,%s,0,1,1,%d,30\n", i, i == 5 ? "RAT2" : i % 2 ? "rat2" : "rat1", i % 3,
                       i == 7 ? "NA" : i % 2 ? "1" : "0", i == 4 ? 1 : 40);
    test_folder_write("w.csv", table.data, table.size);
    gr_text_free(&table);
    gr_check ck;
    gr_error err = {0};
    gr_manifest_options options = {.label = "pain", .group = "animal", .skip_unlabelled = true};
    assert_int_equal(gr_check_manifest(test_in_folder("w.csv"), &options, &ck, &err), GR_OK);
    assert_int_equal(ck.errors, 0);
    finding(&ck, "w.csv:7: animal: \"RAT2\" and \"rat2\" on line 3 differ in case only");
    finding(&ck, "the columns \"pain\" and \"Pain\" differ in case only");
    finding(&ck, "w.csv:5: Cat Nr: looks like what must never be split, but 0 is in several groups of animal");
    finding(&ck, "w.csv:6: box_w: the box has only 1 x 30 pixels");
    finding(&ck, "w.csv: box_x: all boxes end within 100");
    finding(&ck, "pain: 1 row has no label: it will neither train nor test");
    finding(&ck, "class 0 is in animal rat1 only");
    gr_check_free(&ck);
    options = (gr_manifest_options){0};
    assert_int_equal(gr_check_manifest(test_in_folder("w.csv"), &options, &ck, &err), GR_OK);
    finding(&ck, "w.csv: animal: has 3 values in 12 rows and looks like what must never be split");
    finding(&ck, "w.csv: Cat Nr: has 3 values in 12 rows");
    gr_check_free(&ck);
}

/* Shares of a picture are told once, as an error, by the check and by the reader. */
static void shares_are_no_pixels(void **state)
{
    (void)state;
    test_folder_image("dot.png", 2, 2, 1, 1, 1);
    test_folder_image("large.png", 40, 40, 1, 1, 1);
    const char *table = "image,box_x,box_y,box_w,box_h,lm1_x,lm1_y\ndot.png,,,,,0,1\nlarge.png,0.1,0.2,0.8,0.7,0.5,0.4\n";
    test_folder_write("p.csv", table, strlen(table));
    gr_check ck;
    gr_manifest m;
    gr_error err = {0};
    gr_manifest_options options = {.landmarks = GR_LANDMARKS_IF_THERE};
    assert_int_equal(gr_check_manifest(test_in_folder("p.csv"), &options, &ck, &err), GR_OK);
    assert_int_equal(ck.errors, 2);
    assert_true(finding(&ck, "p.csv:3: box_x: all boxes are smaller than 2 pixels, while large.png has 40 x 40")->error);
    assert_true(finding(&ck, "p.csv:2: lm1_x: all landmarks lie within 2 pixels")->error);
    gr_check_free(&ck);
    options.landmarks = GR_LANDMARKS_IGNORED;
    assert_int_equal(gr_manifest_load(test_in_folder("p.csv"), &options, &m, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "pixels would be right, such as share x 40"));
    table = "image,box_x,box_y,box_w,box_h\ndot.png,0,0,1,1\n";
    test_folder_write("p.csv", table, strlen(table));
    err = (gr_error){0};
    assert_int_equal(gr_manifest_load(test_in_folder("p.csv"), &options, &m, &err), GR_OK); /* a picture that is no larger */
    gr_manifest_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_training_would_accept_is_warned_of), cmocka_unit_test(shares_are_no_pixels),
        cmocka_unit_test(every_fault_is_found),
        cmocka_unit_test(a_hopeless_table_is_still_a_result),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
