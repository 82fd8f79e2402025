/* All figures: drawn in every format, the same bytes twice, and like the pictures of tests/golden.
 *
 * Those pictures are made anew by GRIMACE_GOLDEN=write build/tests/unit/report/test_figures, to be looked at before they are
 * kept. */
#include <stdlib.h>
#include <string.h>

#include "support/drawing.h"
#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

/* Of 255, in a square of 8 x 8 pixels: letters of another release of a font stay below it, a line that is missing does not.
 */
static const double tolerance = 45.0;

static const char *const pictures[][2] = {
    {"classes", "learning"},  {"classes", "roc"},         {"classes", "pr"},          {"many", "roc"},
    {"classes", "confusion"}, {"many", "confusion"},      {"classes", "reliability"}, {"classes", "coverage"},
    {"scores", "scores"},     {"scores", "bland_altman"}, {"classes", "animals"},     {"scores", "animals"},
    {"timed", "time"},        {"timed", "work"},          {"grid", "sensitivity"},    {"single", "sensitivity"},
    {"grid", "ranking"},      {"cross", "matrix"},        {"points", "landmarks"}};
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

static void golden_path(int i, char path[128])
{
    snprintf(path, 128, "tests/golden/%s_%s.png", pictures[i][0], pictures[i][1]);
}

static void pictures_are_those_that_were_looked_at(void **state)
{
    (void)state;
    const char *write = getenv("GRIMACE_GOLDEN");
    gr_image before = {0};
    for (int i = 0; i < PICTURES; i++) {
        char path[128];
        gr_image golden = {0}, image = {0};
        gr_error err = {0};
        gr_text png = draw(i, "png");
        golden_path(i, path);
        if (write != NULL && strcmp(write, "write") == 0)
            assert_int_equal(gr_file_write(path, png.data, png.size, &err), GR_OK);
        assert_int_equal(gr_image_decode(png.data, png.size, "drawn", &image, &err), GR_OK);
        if (gr_image_read(path, &golden, &err) != GR_OK)
            fail_msg("%s", err.text);
        double difference = test_pictures_differ(&image, &golden);
        if (!(difference < tolerance))
            fail_msg("%s of the run %s is %.1f of 255 away from %s", pictures[i][1], pictures[i][0], difference, path);
        assert_true(test_pictures_differ(&image, &before) > tolerance); /* another figure is far away */
        gr_image_free(&before);
        before = image;
        gr_image_free(&golden);
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pictures_are_those_that_were_looked_at),
                                       cmocka_unit_test(every_format_twice), cmocka_unit_test(all_are_in_the_table_once),
                                       cmocka_unit_test(lists_say_what_and_why_not), cmocka_unit_test(what_cannot_be_drawn)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
