/* The sizes of windows, and where rows end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "detect/scales.h"

static gr_level *levels_of(int width, int height, gr_detect_options o, int64_t *count)
{
    gr_level *levels = NULL;
    assert_int_equal(gr_levels(20, 20, width, height, &o, &levels, count, NULL), GR_OK);
    return levels;
}

static void grow_by_the_factor(void **state)
{
    (void)state;
    int64_t count;
    gr_level *l = levels_of(80, 60, (gr_detect_options){.scale = 2}, &count);
    assert_int_equal(count, 2); /* 20 and 40; 80 is too high */
    assert_int_equal(l[0].step, 2);
    assert_int_equal(l[1].step, 1);
    assert_int_equal(l[1].width, 40);
    assert_int_equal(l[1].columns, 21);
    assert_int_equal(l[1].rows, 11);
    gr_free(l);
    l = levels_of(19, 60, (gr_detect_options){.scale = 2}, &count);
    assert_int_equal(count, 0);
    gr_free(l);
}

static void keep_within_limits(void **state)
{
    (void)state;
    int64_t count;
    gr_level *l = levels_of(200, 200, (gr_detect_options){.scale = 1.5, .min_size = 30, .max_size = 70}, &count);
    assert_int_equal(count, 3); /* 30, 45, 68 */
    assert_true(l[0].scale == 1.5f);
    gr_free(l);
    l = levels_of(200, 200, (gr_detect_options){.scale = 1.5, .min_size = 50, .max_size = 55}, &count);
    assert_int_equal(count, 1); /* none between them: 45 is nearest to 50 */
    assert_true(l[0].scale == 2.25f);
    gr_free(l);
}

/* One stripe (a level as wide as the window): 9 rows are 4 steps of two, and the last row is left out. */
static void leave_out_what_opencvs_stripes_do(void **state)
{
    (void)state;
    int64_t count;
    gr_level *l = levels_of(20, 28, (gr_detect_options){.scale = 1.5}, &count);
    assert_int_equal(count, 1);
    assert_int_equal(l[0].columns, 1);
    assert_int_equal(l[0].rows, 8);
    gr_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(grow_by_the_factor), cmocka_unit_test(keep_within_limits),
                                       cmocka_unit_test(leave_out_what_opencvs_stripes_do)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
