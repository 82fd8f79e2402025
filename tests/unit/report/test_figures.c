/* All figures: drawn in every format, the same bytes twice, and like the pictures of tests/golden.
 *
 * Those pictures are made anew by GRIMACE_GOLDEN=write build/tests/unit/report/test_figures, to be looked at before they are
 * kept. */
#include <stdlib.h>
#include <string.h>

#include "support/drawing.h"
#include "support/folder.h"
#include "support/model_run.h"
#include "support/shown.h"
#include "support/support.h"

static const char *const pictures[][2] = {
    {"classes", "learning"},  {"classes", "roc"},         {"classes", "pr"},          {"many", "roc"},
    {"classes", "confusion"}, {"many", "confusion"},      {"classes", "reliability"}, {"classes", "coverage"},
    {"scores", "scores"},     {"scores", "bland_altman"}, {"classes", "animals"},     {"scores", "animals"},
    {"timed", "time"},        {"timed", "work"},          {"grid", "sensitivity"},    {"single", "sensitivity"},
    {"grid", "ranking"},      {"cross", "matrix"},        {"points", "landmarks"},  {"mapped", "attention"},
    {"mapped", "maps"}};
enum { PICTURES = sizeof pictures / sizeof pictures[0] };

static gr_text draw(int i, const char *format)
{
    char path[256];
    gr_figure_file file;
    gr_error err = {0};
    snprintf(path, sizeof path, "%s", test_in_folder(pictures[i][0]));
    if (gr_figure_draw(path, pictures[i][1], &(gr_figure_options){.format = format, .dpi = 75.0}, &file, &err) != GR_OK)
        fail_msg("%s", err.text);
    gr_text_free(&file.alternative);
    gr_text_free(&file.table);
    return file.file;
}

static void pictures_are_those_that_were_looked_at(void **state)
{
    (void)state;
    gr_image before = {0};
    for (int i = 0; i < PICTURES; i++) {
        char name[64];
        gr_image image = {0};
        gr_text png = draw(i, "png");
        snprintf(name, sizeof name, "%s_%s", pictures[i][0], pictures[i][1]);
        test_golden(name, png.data, png.size, &image);
        assert_true(test_pictures_differ(&image, &before) > test_golden_tolerance()); /* another figure is far away */
        gr_image_free(&before);
        before = image;
        gr_text_free(&png);
    }
    gr_image_free(&before);
}

static void every_format_twice(void **state)
{
    (void)state;
    static const char *const formats[] = {"svg", "pdf", "png"}, *const begins[] = {"<svg", "%PDF", "\x89PNG"};
    for (int i = 0; i < PICTURES; i++)
        for (int k = 0; k < 3; k++) {
            gr_text a = draw(i, formats[k]), b = draw(i, formats[k]);
            assert_true(gr_starts_with(a.data, begins[k]));
            assert_int_equal(a.size, b.size);
            assert_memory_equal(a.data, b.data, a.size);
            gr_text_free(&a);
            gr_text_free(&b);
        }
}

static void all_are_in_the_table_once(void **state)
{
    (void)state;
    int shown = 0;
    for (int i = 0; gr_figure_at(i) != NULL; i++) {
        const gr_figure *f = gr_figure_at(i);
        assert_ptr_equal(gr_figure_find(f->name), f);
        assert_true(f->title != NULL && f->shows != NULL && f->can != NULL && f->draw != NULL);
        shown++;
    }
    assert_true(shown >= 9);
    assert_null(gr_figure_at(-1));
    assert_null(gr_figure_find("nothing"));
}

static void lists_say_what_and_why_not(void **state)
{
    (void)state;
    gr_text out = {0};
    gr_error err = {0};
    assert_int_equal(gr_figure_list(test_in_folder("scores"), &out, &err), GR_OK);
    const char *not_shown = strstr(out.data, "Not of this run:");
    assert_non_null(not_shown);
    assert_true(strstr(out.data, "bland_altman") < not_shown && strstr(out.data, "roc ") > not_shown);
    gr_text_free(&out);
    assert_int_equal(gr_figure_list(test_in_folder("absent"), &out, &err), GR_INVALID);
}

static void refuse(const char *run, const char *name, gr_figure_options o, const char *word)
{
    gr_figure_file file;
    gr_error err = {0};
    assert_int_equal(gr_figure_draw(test_in_folder(run), name, &o, &file, &err), GR_INVALID);
    if (strstr(err.text, word) == NULL)
        fail_msg("%s", err.text);
    assert_null(file.file.data);
}

static void what_cannot_be_drawn(void **state)
{
    (void)state;
    refuse("classes", "rok", (gr_figure_options){0}, "\"roc\" is one; there are learning, roc");
    refuse("classes", "scores", (gr_figure_options){0}, "cannot show scores: the predictions are of classes");
    refuse("young", "roc", (gr_figure_options){0}, "cannot show roc: there is no predictions.csv");
    refuse("classes", "roc", (gr_figure_options){.format = "jpg"}, "no format \"jpg\"");
    refuse("classes", "roc", (gr_figure_options){.width = 5.0}, "10 to 2000 mm");
    refuse("classes", "roc", (gr_figure_options){.dpi = 1.0}, "20 to 2400");
    refuse("absent", "roc", (gr_figure_options){0}, "absent");
}

static int make(void **state)
{
    int failed = test_shown_make(state);
    if (failed == 0)
        test_make_mapped_run();
    return failed;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pictures_are_those_that_were_looked_at),
                                       cmocka_unit_test(every_format_twice), cmocka_unit_test(all_are_in_the_table_once),
                                       cmocka_unit_test(lists_say_what_and_why_not), cmocka_unit_test(what_cannot_be_drawn)};
    return cmocka_run_group_tests(tests, make, test_folder_remove);
}
