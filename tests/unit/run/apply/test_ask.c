/* Every row of a table is asked about or says why not, in the table's order; its columns are carried; rows are taken
 * together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "run/apply/ask.h"
#include "run/apply/units.h"
#include "support/folder.h"

static const char table[] = "image,rat,box_x,box_y,box_w,box_h,spread\n"
                            "a.png,r1,,,,,1\n"
                            "b.png,r2,1,1,,,2\n"
                            "a.png,r1,,,,,3\n"
                            "gone.png,r2,,,,,\"4,5\"\n";

static void wrong_rows_stay(void **state)
{
    (void)state;
    test_folder_image("a.png", 8, 8, 1, 2, 3);
    test_folder_image("b.png", 8, 8, 1, 2, 4);
    test_folder_text("new.csv", table);
    const gr_manifest_options any = {0};
    gr_ask ask;
    gr_sheet sheet;
    gr_text out = {0};
    gr_error err = {0};
    assert_int_equal(gr_ask_table(test_in_folder("new.csv"), &any, &ask, &err), GR_OK);
    assert_int_equal(ask.count, 4);
    assert_true(ask.row[0] == 0 && ask.row[1] == -1 && ask.row[2] == -1 && ask.row[3] == 1);
    assert_null(ask.problems[0]);
    assert_non_null(strstr(ask.problems[1], "box_x: the box is half there"));
    assert_non_null(strstr(ask.problems[2], "image: "));
    assert_null(ask.problems[3]); /* whoever reads it finds out */
    assert_string_equal(ask.names[2], "a.png");
    assert_int_equal(gr_sheet_open(4, &sheet, &err), GR_OK);
    assert_int_equal(gr_sheet_add(&sheet, "image", ask.names, &err), GR_OK);
    assert_int_equal(gr_sheet_add_reals(&sheet, "spread", (const double[4]){0.25, 1, 2, 3}, &err), GR_OK);
    const char *const own[] = {"rat"};
    assert_int_equal(gr_ask_carry(&ask, own, 1, &sheet, &err), GR_OK);
    gr_sheet_csv(&sheet, &out);
    assert_non_null(strstr(out.data, "image,spread,box_x,box_y,box_w,box_h,manifest_spread\na.png,0.25,,,,,1\n"));
    assert_non_null(strstr(out.data, "gone.png,3,,,,,\"4,5\"\n"));
    gr_text_free(&out);
    gr_sheet_close(&sheet);
    gr_ask_close(&ask);
}

static void rows_of_another_length_stay(void **state)
{
    (void)state;
    test_folder_image("a.png", 8, 8, 1, 2, 3);
    test_folder_text("ragged.csv", "image,rat\na.png\na.png,r1\nb.png,r2,3\nc.png,r3\n");
    const char *const only[] = {"rat=r1"};
    const gr_manifest_options some = {.only = only, .only_count = 1, .only_where = "data.only"};
    gr_ask ask;
    gr_error err = {0};
    assert_int_equal(gr_ask_table(test_in_folder("ragged.csv"), &some, &ask, &err), GR_OK);
    assert_int_equal(ask.count, 3); /* to which rat a wrong row belongs cannot be told, the right one of r3 is passed over */
    assert_true(ask.row[0] == -1 && ask.row[1] == 0 && ask.row[2] == -1);
    assert_string_equal(ask.problems[0], "the row has 1 field, the header has 2");
    assert_null(ask.problems[1]);
    assert_string_equal(ask.problems[2], "the row has 3 fields, the header has 2");
    assert_string_equal(ask.names[2], "b.png");
    gr_ask_close(&ask);
}

static void rows_of_the_same_values_are_a_unit(void **state)
{
    (void)state;
    test_folder_image("a.png", 8, 8, 1, 2, 3);
    test_folder_text("units.csv", "image,rat,day\na.png,r1,1\nb.png,r2,1\nc.png,r1,2\nd.png,r1,1\n");
    const gr_manifest_options any = {0};
    gr_ask ask;
    gr_units units;
    gr_error err = {0}, none = {0}, empty = {0};
    assert_int_equal(gr_ask_table(test_in_folder("units.csv"), &any, &ask, &err), GR_OK);
    assert_int_equal(gr_units_make(&ask, "rat,day", &units, &err), GR_OK);
    assert_int_equal(units.count, 3);
    assert_true(units.of[0] == 0 && units.of[1] == 1 && units.of[2] == 2 && units.of[3] == 0);
    assert_true(units.sizes[0] == 2 && units.sizes[2] == 1);
    assert_string_equal(units.names[2], "r1 2");
    assert_string_equal(units.values[1][2], "2");
    gr_units_close(&units);
    assert_int_equal(gr_units_make(&ask, "rats", &units, &none), GR_INVALID);
    assert_non_null(strstr(none.text, "did you mean rat?"));
    assert_int_equal(gr_units_make(&ask, "rat,", &units, &empty), GR_INVALID);
    gr_ask_close(&ask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_rows_stay),
        cmocka_unit_test(rows_of_another_length_stay),
        cmocka_unit_test(rows_of_the_same_values_are_a_unit),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
