/* Tables beside a run's predictions: cells as numbers, rows of the manifest by the image. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "report/run_table.h"
#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void numbers_and_rows(void **state)
{
    (void)state;
    gr_run_files run = test_shown_run("timed");
    gr_csv *manifest = NULL;
    gr_error err = {0};
    int64_t rows[96];
    assert_int_equal(gr_run_table_read(&run, "manifest.csv", &manifest, &err), GR_OK);
    assert_int_equal(gr_run_manifest_rows(&run, manifest, rows, &err), GR_OK);
    for (int64_t i = 0; i < 96; i++)
        assert_int_equal(rows[i], i);
    assert_true(isnan(gr_run_table_number(manifest, 0, gr_csv_column(manifest, "mgs")))); /* empty */
    assert_true(isnan(gr_run_table_number(manifest, 0, 0)));                              /* a word */
    assert_true(gr_run_table_number(manifest, 1, gr_csv_column(manifest, "mgs")) == 0.3);
    gr_csv_destroy(manifest);
    gr_run_files_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_and_rows)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
