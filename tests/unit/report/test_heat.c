/* Coloured tables: the range of their colours. */
#include <math.h>
#include <string.h>

#include "report/heat.h"
#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void ranges(void **state)
{
    (void)state;
    double low, high;
    gr_heat_range((double[]){NAN, 0.3, 0.1, NAN}, 4, &low, &high);
    assert_true(low == 0.1 && high == 0.3);
    gr_heat_range((double[]){NAN}, 1, &low, &high);
    assert_true(low == 0.0 && high == 1.0);
    gr_heat_range((double[]){2.0, 2.0}, 2, &low, &high);
    assert_true(low == 2.0 && high == 3.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ranges)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
