/* The order of boxes, and what lies beyond a picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/found.h"

static void sorts_and_clips(void **state)
{
    (void)state;
    const gr_found boxes[] = {{5, 5, 10, 10, 1, "a"},
                              {-2, 3, 8, 8, 4, "b"},
                              {0, 0, 20, 20, 4, "c"},
                              {50, 5, 5, 5, 9, "d"},
                              {5, 4, 10, 10, 1, "e"}};
    gr_found_list list = {0};
    for (int i = 0; i < 5; i++)
        assert_int_equal(gr_found_add(&list, &boxes[i], NULL), GR_OK);
    gr_found_clip(&list, 40, 12);
    assert_int_equal(list.count, 4);
    gr_found_sort(&list);
    const char *order = "cbea";
    for (int i = 0; i < 4; i++)
        assert_int_equal(list.boxes[i].detector[0], order[i]);
    assert_int_equal(list.boxes[0].height, 12);
    assert_int_equal(list.boxes[1].x, 0);
    assert_int_equal(list.boxes[1].width, 6);
    assert_int_equal(list.boxes[3].height, 7);
    gr_found_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sorts_and_clips)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
