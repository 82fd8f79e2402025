/* A table put together: names that are taken, rows that another table lacks, cells that need quotes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "run/apply/sheet.h"

static void columns_of_all_kinds_become_one_table(void **state)
{
    (void)state;
    gr_sheet s;
    gr_text table = {0}, out = {0};
    gr_error err = {0};
    const char *const names[3] = {"x,y", NULL, "z"};
    const int64_t at[3] = {1, -1, 0};
    gr_text_printf(&table, "image,p_a\nfirst,0.5\nsecond,\"1\"\n");
    assert_int_equal(gr_sheet_open(3, &s, &err), GR_OK);
    assert_int_equal(gr_sheet_add(&s, "image", names, &err), GR_OK);
    assert_int_equal(gr_sheet_add_table(&s, &table, 1, at, &err), GR_OK);
    assert_null(table.data);
    assert_int_equal(gr_sheet_add_reals(&s, "spread", (const double[3]){NAN, 0.1, 1e-9}, &err), GR_OK);
    assert_int_equal(gr_sheet_add_counts(&s, "models", (const int32_t[3]){0, 1, 22}, &err), GR_OK);
    assert_int_equal(gr_sheet_add(&s, "models", names, &err), GR_OK);
    assert_int_equal(gr_sheet_add(&s, "models", names, &err), GR_OK);
    assert_string_equal(gr_sheet_column(&s, "p_a")[0], "1");
    assert_null(gr_sheet_column(&s, "p_b"));
    gr_sheet_csv(&s, &out);
    assert_string_equal(out.data, "image,p_a,spread,models,manifest_models,manifest_manifest_models\n"
                                  "\"x,y\",1,,0,\"x,y\",\"x,y\"\n,,0.1,1,,\nz,0.5,1e-09,22,z,z\n");
    gr_text_free(&out);
    gr_sheet_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(columns_of_all_kinds_become_one_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
