/* Time points of a manifest: their order, and what stands beside each prediction. */
#include <math.h>
#include <string.h>

#include <stdlib.h>

#include "report/time_points.h"
#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void time_points_stand_in_their_order(void **state)
{
    (void)state;
    static const char *const wanted[] = {"Baseline", "pre-op", "30 s", "5min", "30min", "2h", "day1", "d3", "2w"};
    enum { COUNT = sizeof wanted / sizeof wanted[0] };
    const char *names[COUNT];
    for (int i = 0; i < COUNT; i++)
        names[i] = wanted[(i * 4 + 3) % COUNT];
    qsort(names, COUNT, sizeof names[0], gr_time_points_order);
    for (int i = 0; i < COUNT; i++)
        assert_string_equal(names[i], wanted[i]);
}

static void each_prediction_has_its_place(void **state)
{
    (void)state;
    gr_run_files run = test_shown_run("timed");
    gr_time_points p;
    gr_error err = {0};
    assert_int_equal(gr_time_points_open(&run, &p, &err), GR_OK);
    assert_string_equal(p.time, "time");
    assert_string_equal(p.treatment, "treatment");
    assert_string_equal(p.rating, "mgs");
    static const int places[] = {1, 3, 0, 2}; /* of 30min, day1, baseline, 2h */
    assert_int_equal(p.time_count, 4);
    assert_int_equal(p.treatment_count, 2);
    assert_string_equal(p.times[0], "baseline");
    assert_string_equal(p.times[3], "day1");
    for (int i = 0; i < p.count; i++) {
        assert_int_equal(p.time_of[i], places[i % 4]);
        assert_int_equal(p.treatment_of[i], i >= 48);
        assert_true(isnan(p.rated[i]) == (i % 7 == 0));
    }
    gr_time_points_free(&p);
    gr_run_files_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(time_points_stand_in_their_order),
                                       cmocka_unit_test(each_prediction_has_its_place)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
