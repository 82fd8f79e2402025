/* The table below a figure. */
#include <math.h>
#include <string.h>

#include "report/numbers.h"
#include "support/support.h"

static void cells_come_back_and_are_csv(void **state)
{
    (void)state;
    gr_numbers n = {0};
    gr_text out = {0};
    assert_int_equal(gr_numbers_rows(&n), 0);
    gr_numbers_csv(&n, &out);
    assert_int_equal(out.size, 0);
    gr_numbers_columns(&n, (const char *const[]){"class, or \"name\"", "n", "value"}, 3);
    assert_int_equal(gr_numbers_rows(&n), 0);
    for (int i = 0; i < 100; i++) {
        gr_numbers_text(&n, i == 1 ? "two\nlines" : "rat");
        gr_numbers_whole(&n, (int64_t)1 << 40);
        gr_numbers_real(&n, i == 0 ? NAN : 1.0 / 3.0);
    }
    assert_int_equal(gr_numbers_rows(&n), 100);
    assert_string_equal(gr_numbers_cell(&n, -1, 1), "n");
    assert_string_equal(gr_numbers_cell(&n, 0, 2), "");
    assert_string_equal(gr_numbers_cell(&n, 99, 2), "0.333333");
    gr_numbers_csv(&n, &out);
    const char *head = "\"class, or \"\"name\"\"\",n,value\nrat,1099511627776,\n\"two\nlines\",1099511627776,0.333333\n";
    assert_true(strncmp(out.data, head, strlen(head)) == 0);
    gr_text_free(&out);
    gr_numbers_free(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cells_come_back_and_are_csv)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
