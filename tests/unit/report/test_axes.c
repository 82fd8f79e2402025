/* Axes: places, clipping, legends that fit, colours that stand out. */
#include <math.h>
#include <string.h>

#include "report/axes.h"
#include "support/support.h"

static gr_canvas *open_page(double width, double height)
{
    gr_canvas *c;
    gr_error err = {0};
    gr_canvas_options o = {.kind = GR_CANVAS_SVG, .width = width, .height = height};
    assert_int_equal(gr_canvas_open(&o, &c, &err), GR_OK);
    return c;
}

static void close_page(gr_canvas *c, gr_text *out)
{
    gr_error err = {0};
    assert_int_equal(gr_canvas_finish(c, "t", "d", out, &err), GR_OK);
    assert_null(strstr(out->data, "nan"));
}

static void values_have_places(void **state)
{
    (void)state;
    gr_canvas *c = open_page(85, 60);
    gr_axes a = gr_axes_draw(c, (gr_box){1, 1, 83, 58}, (gr_axis){.low = 1e-4, .high = 1e-2, .log = true, .title = "rate"},
                             (gr_axis){.low = 3, .high = -1, .title = "y"});
    assert_true(a.left > 5 && a.left + a.width <= 84 && a.top >= 1 && a.top + a.height < 55);
    assert_true(fabs(gr_axes_x(&a, 1e-3) - a.left - 0.5 * a.width) < 1e-9);
    assert_true(isnan(gr_axes_x(&a, 0.0)));
    assert_true(fabs(gr_axes_y(&a, -1.0) - a.top) < 1e-9 && fabs(gr_axes_y(&a, 3.0) - a.top - a.height) < 1e-9);
    gr_axes_line(&a, (double[]){0.0, 1e-3, 1e-2}, (double[]){0, 1, 2}, 3, gr_pen(0, 0.3));
    gr_axes_dots(&a, (double[]){1e-3, 1.0}, (double[]){0, 0}, 2, 0.5, gr_fill(0, 1.0));
    gr_axes_band(&a, (double[]){1e-4, 1e-3, 2e-3, 1e-2}, (double[]){0, NAN, 0, 0}, (double[]){1, 1, 1, 1}, 4,
                 gr_fill(0x0072b2, 0.2));
    gr_text out = {0};
    close_page(c, &out);
    const char *dots = strstr(out.data, "h0");
    assert_non_null(dots);
    assert_null(strstr(dots + 2, "h0")); /* the one beyond the axis is left out */
    int areas = 0;
    for (const char *at = out.data; (at = strstr(at, "fill-opacity=\"0.2\"")) != NULL; at++)
        areas++;
    assert_int_equal(areas, 1); /* of one point there is no band */
    gr_text_free(&out);
}

static void long_names_leave_room(void **state)
{
    (void)state;
    const char *const names[] = {"a very long name of a class that goes on and on and on and on", "b", "c", "d"};
    gr_canvas *c = open_page(85, 60);
    gr_axes a = gr_axes_draw(c, (gr_box){1, 1, 83, 58},
                             (gr_axis){.low = -0.5, .high = 3.5, .names = names, .categories = 4, .title = "x"},
                             (gr_axis){.low = 3.5, .high = -0.5, .names = names, .categories = 4, .title = "y"});
    assert_true(a.width > 40 && a.height > 25);
    gr_text out = {0};
    close_page(c, &out);
    assert_non_null(strstr(out.data, "\xe2\x80\xa6"));
    assert_non_null(strstr(out.data, "rotate(-90"));
    gr_text_free(&out);
}

static void legends_break_into_rows(void **state)
{
    (void)state;
    gr_entry e[6];
    for (int i = 0; i < 6; i++)
        e[i] = (gr_entry){
            .name = "a name of twenty one", .paint = i == 0 ? gr_fill(0, 1.0) : gr_pen(gr_colour(i), 0.5), .dot = i == 1};
    double one = gr_legend_height(e, 1, 83), all = gr_legend_height(e, 6, 83), narrow = gr_legend_height(e, 6, 20);
    assert_true(one > 0 && fabs(narrow - 6 * one) < 1e-9 && all < narrow && all > one);
    assert_true(gr_legend_height(e, 0, 83) == 0.0);
    gr_canvas *c = open_page(85, 60);
    gr_box rest = gr_legend_above(c, (gr_box){1, 1, 83, 58}, e, 6);
    assert_true(fabs(rest.y - 1 - all) < 1e-9 && fabs(rest.height - 58 + all) < 1e-9);
    gr_text out = {0};
    close_page(c, &out);
    gr_text_free(&out);
}

/* The first four stand out from white at 3 to 1, as WCAG asks of lines. */
static void colours_stand_out(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        double light = 0.0;
        static const double share[] = {0.2126, 0.7152, 0.0722};
        for (int k = 0; k < 3; k++) {
            double v = (gr_colour(i) >> (16 - 8 * k) & 255) / 255.0;
            light += share[k] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
        }
        if (1.05 / (light + 0.05) < 3.0)
            fail_msg("colour %d: %.2f to 1", i, 1.05 / (light + 0.05));
        for (int k = 0; k < i; k++)
            assert_true(gr_colour(k) != gr_colour(i));
    }
    assert_int_equal(gr_colour(-1), gr_colour(6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_have_places), cmocka_unit_test(long_names_leave_room),
                                       cmocka_unit_test(legends_break_into_rows), cmocka_unit_test(colours_stand_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
