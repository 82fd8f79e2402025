/* Box plots: quartiles as R's type 7 and whiskers within 1.5 interquartile ranges. */
#include <math.h>
#include <string.h>

#include "report/box_plot.h"
#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void quartiles_and_whiskers(void **state)
{
    (void)state;
    double values[] = {7.0, 1.0, 2.0, 4.0, 3.0, 30.0};
    gr_quartiles q = gr_quartiles_of(values, 6);
    assert_int_equal(q.n, 6);
    assert_true(q.first == 2.25 && q.median == 3.5 && q.third == 6.25); /* quantile(x, c(.25, .5, .75)) */
    assert_true(q.low == 1.0 && q.high == 7.0);                         /* 30 is beyond 6.25 + 1.5 * 4 */
    double one[] = {5.0};
    q = gr_quartiles_of(one, 1);
    assert_true(q.low == 5.0 && q.first == 5.0 && q.median == 5.0 && q.third == 5.0 && q.high == 5.0);
    q = gr_quartiles_of(one, 0);
    assert_true(q.n == 0 && isnan(q.median));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(quartiles_and_whiskers)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
