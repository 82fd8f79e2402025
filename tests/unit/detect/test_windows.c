/* Where nodes read: by rows, and with even and odd columns apart. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/windows.h"

static void places(void **state)
{
    (void)state;
    gr_cascade c;
    gr_windows w;
    gr_error err = {0};
    if (gr_cascade_read("tests/parity/detect/haar.xml", &c, &err) != GR_OK || gr_windows_make(&c, &w, &err) != GR_OK)
        fail_msg("%s", err.text);
    const gr_cascade_rect *r = &c.features[c.nodes[0].feature].rects[0];
    const int corners[4][2] = {
        {r->x, r->y}, {r->x + r->width, r->y}, {r->x, r->y + r->height}, {r->x + r->width, r->y + r->height}};
    gr_windows_place(&c, &(gr_integral_layout){.stride = 100, .squares = 5000}, &w);
    for (int i = 0; i < 4; i++)
        assert_int_equal(w.nodes[0].at[i], corners[i][1] * 100 + corners[i][0]);
    assert_int_equal(w.norm_at[3], (c.height - 1) * 100 + c.width - 1);
    assert_int_equal(w.square_offset, 5000);
    assert_true(w.area == (c.width - 2) * (c.height - 2));
    gr_windows_place(&c, &(gr_integral_layout){.stride = 100, .half = 50}, &w);
    for (int i = 0; i < 4; i++)
        assert_int_equal(w.nodes[0].at[i], corners[i][1] * 100 + corners[i][0] % 2 * 50 + corners[i][0] / 2);
    assert_true(w.stages[0].threshold < c.stages[0].threshold && w.stages[0].threshold > c.stages[0].threshold - 2e-5f);
    gr_windows_free(&w);
    gr_cascade_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
