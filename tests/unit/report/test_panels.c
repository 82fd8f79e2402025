/* A page in panels: one a column of scores, none over another. */
#include <math.h>
#include <string.h>

#include "report/panels.h"
#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

enum { COLUMNS = 14 };

static gr_run_files wide_run(void)
{
    gr_text text = {0};
    gr_text_printf(&text, "image,fold");
    for (int k = 0; k < COLUMNS; k++)
        gr_text_printf(&text, ",label_s%d,predicted_s%d", k, k);
    for (int i = 0; i < 4; i++) {
        gr_text_printf(&text, "\nx%d,1", i);
        for (int k = 0; k < COLUMNS; k++)
            gr_text_printf(&text, ",%d,%d", i, i + k);
    }
    gr_text_printf(&text, "\n");
    test_folder_text("wide.csv", text.data);
    gr_text_free(&text);
    return test_shown_run("wide.csv");
}

static void panels_stand_beside_each_other(void **state)
{
    (void)state;
    gr_run_files run = wide_run();
    gr_error err = {0};
    gr_text out = {0};
    assert_int_equal(gr_panels_count(&run), GR_MOST_PANELS);
    for (double width = 85.0; width <= 170.0; width += 85.0) {
        gr_page page = {.width = width, .height = gr_panels_height(&run, width, 1.0)};
        gr_canvas_options o = {.kind = GR_CANVAS_SVG, .width = page.width, .height = page.height};
        gr_box box[GR_MOST_PANELS];
        assert_true(fabs(page.height - (width > 100.0 ? 6 : 12) * (85.0 + 4.5)) < 1e-9);
        assert_int_equal(gr_canvas_open(&o, &page.canvas, &err), GR_OK);
        for (int i = 0; i < GR_MOST_PANELS; i++) {
            box[i] = gr_panel_box(&run, &page, i);
            assert_true(box[i].x >= 0.0 && box[i].x + box[i].width <= page.width);
            assert_true(box[i].y >= 0.0 && box[i].y + box[i].height <= page.height);
            for (int k = 0; k < i; k++)
                assert_true(box[k].x + box[k].width <= box[i].x || box[k].y + box[k].height <= box[i].y ||
                            box[i].x + box[i].width <= box[k].x || box[i].y + box[i].height <= box[k].y);
        }
        assert_int_equal(gr_canvas_finish(page.canvas, "t", NULL, &out, &err), GR_OK);
    }
    assert_non_null(strstr(out.data, ">s11<"));
    gr_text_free(&out);
    gr_run_files_close(&run);
}

static void a_panel_has_the_known_labels(void **state)
{
    (void)state;
    gr_run_files run = wide_run();
    gr_panel p;
    gr_error err = {0};
    gr_text why = {0};
    assert_true(gr_panels_can(&run, &why));
    assert_int_equal(gr_panel_take(&run, 3, &p, &err), GR_OK);
    assert_true(p.n == 4 && p.truth[2] == 2.0 && p.predicted[2] == 5.0);
    assert_string_equal(p.name, "s3");
    gr_panel_free(&p);
    gr_text_free(&why);
    gr_run_files_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(panels_stand_beside_each_other),
                                       cmocka_unit_test(a_panel_has_the_known_labels)};
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
