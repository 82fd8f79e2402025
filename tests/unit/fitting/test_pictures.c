/* Boxes made as wide as a window, and pictures gone through by all threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fitting/pictures.h"
#include "unit/fitting/scenes.h"

static void is_around(gr_box box, int width, int height, double x, double y, double w, double h)
{
    gr_box wide = gr_fit_widened(&box, width, height);
    assert_true(fabs(wide.x - x) < 1e-9 && fabs(wide.y - y) < 1e-9);
    assert_true(fabs(wide.width - w) < 1e-9 && fabs(wide.height - h) < 1e-9);
}

static void boxes_take_the_windows_proportions(void **state)
{
    (void)state;
    is_around((gr_box){10, 20, 8, 4}, 24, 24, 10, 18, 8, 8);   /* too flat: higher */
    is_around((gr_box){10, 20, 4, 8}, 24, 24, 8, 20, 8, 8);    /* too narrow: wider */
    is_around((gr_box){10, 20, 6, 4}, 30, 20, 10, 20, 6, 4);   /* as it should be */
    is_around((gr_box){0, 0, 10, 10}, 64, 128, 0, -5, 10, 20); /* may leave the picture */
    is_around((gr_box){1.5, 2.5, 3, 1}, 2, 1, 1.5, 2.25, 3, 1.5);
}

static void overlaps_are_shares_of_both(void **state)
{
    (void)state;
    const int64_t first[] = {0, 2, 2};
    const gr_box boxes[] = {{0, 0, 10, 10}, {50, 50, 4, 4}};
    gr_fit_pictures p = {2, first, boxes, NULL, NULL};
    const gr_box half = {5, 0, 10, 10}; /* 50 of 150 */
    assert_true(gr_fit_overlaps(&p, 0, &half, 0.33));
    assert_false(gr_fit_overlaps(&p, 0, &half, 0.34));
    assert_false(gr_fit_overlaps(&p, 1, &half, 0)); /* there is no box */
    const gr_box beside = {10, 0, 10, 10}, second = {51, 51, 2, 2};
    assert_false(gr_fit_overlaps(&p, 0, &beside, 0));
    assert_true(gr_fit_overlaps(&p, 0, &second, 0.249)); /* 4 of 16 */
    assert_false(gr_fit_overlaps(&p, 0, &second, 0.251));
}

enum { MANY = 150 };

typedef struct visits {
    scenes s;
    int read[MANY], worked[MANY];
    int64_t broken[2]; /* pictures that cannot be read, or worked on */
    bool wrong;
} visits;

static gr_status read_one(void *ctx, int64_t index, gr_grey *out, gr_error *err)
{
    visits *v = ctx;
    v->read[index]++;
    if (index == v->broken[0])
        return gr_fail(err, GR_INVALID, "picture %lld is broken", (long long)index);
    *out = (gr_grey){1, 1, gr_alloc(65, 1)};
    out->pixels[0] = (uint8_t)index;
    return GR_OK;
}

static gr_status work_on(void *ctx, int64_t index, const gr_grey *grey, int thread, gr_error *err)
{
    visits *v = ctx;
    v->worked[index]++;
    if (grey->pixels[0] != index || thread < 0 || thread >= gr_threads_get())
        v->wrong = true;
    return index == v->broken[1] ? gr_fail(err, GR_NOMEM, "no memory for picture %lld", (long long)index) : GR_OK;
}

static gr_status go_through(visits *v, int threads, int64_t unread, int64_t unworked, gr_error *err)
{
    gr_fit_pictures p = {.count = MANY, .read = read_one, .ctx = v};
    *v = (visits){.broken = {unread, unworked}};
    *err = (gr_error){0};
    gr_threads_set(threads);
    return gr_fit_each(&p, work_on, v, err);
}

static void each_is_read_and_worked_on_once(void **state)
{
    (void)state;
    static visits v;
    gr_error err;
    for (int threads = 1; threads < 4; threads++) {
        assert_int_equal(go_through(&v, threads, -1, -1, &err), GR_OK);
        assert_false(v.wrong);
        for (int i = 0; i < MANY; i++)
            assert_true(v.read[i] == 1 && v.worked[i] == 1);
    }
    gr_fit_pictures none = {.count = 0};
    assert_int_equal(gr_fit_each(&none, work_on, &v, &err), GR_OK);
}

/* Whichever thread meets it first. */
static void the_lowest_failure_is_told(void **state)
{
    (void)state;
    static visits v;
    gr_error err;
    for (int threads = 1; threads < 4; threads++) {
        assert_int_equal(go_through(&v, threads, 70, 75, &err), GR_INVALID);
        assert_string_equal(err.text, "picture 70 is broken");
        assert_int_equal(v.worked[70], 0);
        assert_int_equal(v.read[MANY - 1], 0); /* it ends soon */
        assert_int_equal(go_through(&v, threads, 75, 70, &err), GR_NOMEM);
        assert_string_equal(err.text, "no memory for picture 70");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_take_the_windows_proportions), cmocka_unit_test(overlaps_are_shares_of_both),
        cmocka_unit_test(each_is_read_and_worked_on_once), cmocka_unit_test(the_lowest_failure_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
