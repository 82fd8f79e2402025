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
#include "grimace/stats.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_is_found),
        cmocka_unit_test(a_hopeless_table_is_still_a_result),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
