/* The timeline of workers. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void stints_are_shown(void **state)
{
    (void)state;
    test_not_shown("timed", "workers", "work.csv");
    test_folder_text("timed/work.csv", "host,pid,setting,fold,from,to,seconds,ended\n"
                                       "a,17,,fold-1,2026-02-28T23:59:58.500Z,2026-03-01T00:00:01.500Z,3.000,done\n"
                                       "b,17,,fold-2,2026-02-28T23:59:59.500Z,2026-03-01T00:00:02.000Z,2.500,lost\n"
                                       "a,17,,fold-2,2026-03-01T00:00:02.000Z,2026-03-01T00:00:08.500Z,6.500,done\n");
    gr_figure_made made = test_shown("timed", "workers");
    assert_int_equal(gr_numbers_rows(&made.numbers), 3);
    assert_string_equal(gr_numbers_cell(&made.numbers, 1, 0), "b 17");
    assert_true(test_shown_number(&made, 0, "from") == 0.0 && test_shown_number(&made, 0, "to") == 3.0);
    assert_true(test_shown_number(&made, 2, "from") == 3.5 && test_shown_number(&made, 2, "to") == 10.0);
    assert_non_null(strstr(made.alternative.data, "2 parts done in 10 seconds, 9.5 of one worker; 1 lost (pale orange)"));
    gr_figure_made_free(&made);
}

/* The clock counts in what a reader would. */
static void long_work_is_in_minutes_and_hours(void **state)
{
    (void)state;
    static const char *const ends[] = {"00:40:00", "05:00:00"}, *const said[] = {"1 parts done in 40 minutes, 40 of",
                                                                                 "1 parts done in 5 hours, 5 of"};
    for (int i = 0; i < 2; i++) {
        char text[300];
        snprintf(text, sizeof text, "host,pid,setting,fold,from,to,seconds,ended\n"
                                    "a,17,,fold-1,2026-03-01T00:00:00.000Z,2026-03-01T%s.000Z,0,done\n", ends[i]);
        test_folder_text("timed/work.csv", text);
        gr_figure_made made = test_shown("timed", "workers");
        assert_non_null(strstr(made.alternative.data, said[i]));
        gr_figure_made_free(&made);
    }
}

static void a_table_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"host,pid,from,to\na,1,2,3\n", "host,pid,from,to,ended\na,1,yesterday,today,done\n"};
    static const char *const words[] = {"no column ended", "is no time"};
    for (int i = 0; i < 2; i++) {
        test_folder_text("timed/work.csv", bad[i]);
        gr_run_files run = test_shown_run("timed");
        gr_figure_made made = {0};
        gr_error err = {0};
        gr_figure_options options = {.format = "svg", .width = 85};
        assert_int_equal(gr_figure_make(&run, &gr_workers_figure, &options, &made, &err), GR_INVALID);
        assert_non_null(strstr(err.text, words[i]));
        gr_run_files_close(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(stints_are_shown), cmocka_unit_test(long_work_is_in_minutes_and_hours),
                                       cmocka_unit_test(a_table_that_is_none_is_refused)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
