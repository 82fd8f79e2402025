/* The waterfall of images that were explained: a panel for each, of several classes about the most probable one. */
#include <string.h>

#include "grimace/report.h"
#include "support/folder.h"
#include "support/support.h"

static const char *write_shares(const char *text)
{
    test_folder_text("shap.csv", text);
    return test_folder();
}

static void each_image_has_its_way(void **state)
{
    (void)state;
    gr_figure_file figure;
    gr_error err = {0};
    const gr_figure_options options = {0};
    const char *folder = write_shares("image,fold,class,margin,bias,ear,eye\n"
                                      "photos/a.jpg,all,no,-1.5,0.5,-2.5,0.5\n"
                                      "photos/a.jpg,all,severe,2.75,0.25,0.5,2\n"
                                      "b.jpg,1,no,1,0.5,1,-0.5\n"
                                      "b.jpg,1,severe,-1,0.25,-1,-0.25\n");
    assert_int_equal(gr_figure_draw_shares(folder, &options, &figure, &err), GR_OK);
    assert_string_equal(figure.table.data, "image,feature,shap,reached\n"
                                           "a.jpg,eye,2,2.25\n"
                                           "a.jpg,ear,0.5,2.75\n"
                                           "b.jpg,ear,1,1.5\n"
                                           "b.jpg,eye,-0.5,1\n");
    assert_non_null(strstr(figure.alternative.data, "a.jpg, about severe: bias 0.25, margin 2.75, moved most by eye (2)."));
    assert_non_null(strstr(figure.alternative.data, "b.jpg, about no: bias 0.5, margin 1, moved most by ear (1)."));
    assert_non_null(strstr(figure.file.data, "<svg"));
    gr_figure_file_free(&figure);
}

static void of_many_the_first_twelve(void **state)
{
    (void)state;
    char text[2000];
    gr_figure_file figure;
    gr_error err = {0};
    const gr_figure_options options = {0};
    int size = snprintf(text, sizeof text, "image,fold,class,margin,bias,ear\n");
    for (int i = 1; i <= 14; i++)
        size += snprintf(text + size, sizeof text - (size_t)size, "%d.jpg,all,pain,1,0,1\n", i);
    const char *folder = write_shares(text);
    assert_int_equal(gr_figure_draw_shares(folder, &options, &figure, &err), GR_OK);
    assert_non_null(strstr(figure.table.data, "\n12.jpg,ear,1,1\n"));
    assert_null(strstr(figure.table.data, "13.jpg"));
    gr_figure_file_free(&figure);
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    gr_figure_file figure;
    gr_error err = {0};
    const gr_figure_options options = {0};
    const char *folder = write_shares("image,fold\na.jpg,all\n");
    assert_int_equal(gr_figure_draw_shares(folder, &options, &figure, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "shap.csv:1: is no table of shares"));
    assert_int_equal(gr_figure_draw_shares("/nowhere", &options, &figure, &err), GR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_image_has_its_way),
        cmocka_unit_test(of_many_the_first_twelve),
        cmocka_unit_test(what_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
