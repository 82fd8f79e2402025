/* Drawings: sizes, kinds, words that fit, the same bytes twice. */
#include <math.h>
#include <string.h>

#include "support/drawing.h"
#include "support/support.h"

static void kinds_have_names_and_endings(void **state)
{
    (void)state;
    assert_string_equal(gr_canvas_kind_name(GR_CANVAS_PDF), "pdf");
    assert_null(gr_canvas_kind_name(GR_CANVAS_KINDS));
    assert_int_equal(gr_canvas_kind_of("a/b.svg"), GR_CANVAS_SVG);
    assert_int_equal(gr_canvas_kind_of("A.PNG"), GR_CANVAS_PNG);
    assert_int_equal(gr_canvas_kind_of("a.svg/b"), GR_CANVAS_KINDS);
    assert_int_equal(gr_canvas_kind_of("svg"), GR_CANVAS_KINDS);
    assert_int_equal(gr_canvas_kind_of("a.jpg"), GR_CANVAS_KINDS);
}

static void refuse(double width, double height, double dpi, const char *word)
{
    gr_canvas *c;
    gr_error err = {0};
    gr_canvas_options o = {.kind = GR_CANVAS_SVG, .width = width, .height = height, .dpi = dpi};
    assert_int_equal(gr_canvas_open(&o, &c, &err), GR_INVALID);
    assert_null(c);
    assert_non_null(strstr(err.text, word));
}

static void sizes_have_limits(void **state)
{
    (void)state;
    refuse(9.0, 40.0, 0.0, "10 to 2000 mm");
    refuse(85.0, 2001.0, 0.0, "10 to 2000 mm");
    refuse(NAN, 40.0, 0.0, "10 to 2000 mm");
    refuse(85.0, 40.0, 5.0, "20 to 2400");
    refuse(85.0, 40.0, NAN, "20 to 2400");
}

static void the_same_calls_give_the_same_bytes(void **state)
{
    (void)state;
    for (int kind = 0; kind < GR_CANVAS_KINDS; kind++) {
        gr_text a = {0}, b = {0};
        test_draw_all((gr_canvas_kind)kind, 72.0, NULL, &a);
        test_draw_all((gr_canvas_kind)kind, 72.0, NULL, &b);
        assert_int_equal(a.size, b.size);
        assert_memory_equal(a.data, b.data, a.size);
        gr_text_free(&a);
        gr_text_free(&b);
    }
}

static void words_are_made_to_fit(void **state)
{
    (void)state;
    double width = gr_canvas_text_width("no_pain", 8.0, false);
    assert_true(width > 8.0 && width < 13.0);
    assert_true(fabs(gr_canvas_text_width("no_pain", 0.0, false) - width) < 1e-12);
    assert_true(fabs(gr_canvas_text_width("no_pain", 16.0, false) - 2.0 * width) < 1e-12);
    for (double room = 0.0; room < width + 1.0; room += 0.5) {
        gr_text out = {0};
        gr_canvas_fit("no_pain", 8.0, false, room, &out);
        if (room >= width)
            assert_string_equal(out.data, "no_pain");
        else
            assert_true(gr_ends_with(out.data, "\xe2\x80\xa6"));
        assert_true(room < 3.0 || gr_canvas_text_width(out.data, 8.0, false) <= room + 1e-9);
        gr_text_free(&out);
    }
}

static void a_drawing_can_be_dropped(void **state)
{
    (void)state;
    gr_canvas *c;
    gr_error err = {0};
    gr_text out = {0};
    gr_canvas_options o = {.kind = GR_CANVAS_PDF, .width = 60.0, .height = 40.0};
    assert_int_equal(gr_canvas_open(&o, &c, &err), GR_OK);
    gr_canvas_destroy(c);
    gr_canvas_destroy(NULL);
    assert_int_equal(gr_canvas_open(&o, &c, &err), GR_OK);
    gr_canvas_fail(c);
    assert_int_equal(gr_canvas_finish(c, "t", NULL, &out, &err), GR_NOMEM);
    gr_text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kinds_have_names_and_endings), cmocka_unit_test(sizes_have_limits),
                                       cmocka_unit_test(the_same_calls_give_the_same_bytes),
                                       cmocka_unit_test(words_are_made_to_fit), cmocka_unit_test(a_drawing_can_be_dropped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
