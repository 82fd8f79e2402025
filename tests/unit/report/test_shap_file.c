/* The figures of boosted trees: the largest share first, values where they are known, steps that end at the margin. */
#include <math.h>
#include <string.h>

#include "report/shap_file.h"
#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

enum { IMAGES = 90 };

/* Shares and features of the run "classes": b counts most, then c, then a. */
static int make(void **state)
{
    gr_text shares = {0}, features = {0};
    test_shown_make(state);
    gr_text_printf(&shares, "image,fold,class,margin,bias,a,b,c\n");
    gr_text_printf(&features, "image,a,b,c\n");
    for (int i = 0; i < IMAGES; i++) {
        double b = i % 2 == 0 ? 2.0 : -1.5, c = 0.5;
        gr_text_printf(&shares, "images/%02d.png,%d,pain,%.3f,0.25,0,%.3f,%.3f\n", i, i * 6 / IMAGES / 2 + 1, 0.25 + b + c,
                       b, c);
        gr_text_printf(&features, "images/%02d.png,%d,%.3f,%s\n", i, i, (double)(i * i % 17), i % 3 == 0 ? "" : "4");
    }
    test_folder_text("classes/shap.csv", shares.data);
    test_folder_text("classes/features.csv", features.data);
    gr_text_free(&shares);
    gr_text_free(&features);
    return 0;
}

static void features_in_their_order(void **state)
{
    (void)state;
    gr_shap_file f;
    gr_error err = {0};
    gr_run_files run = test_shown_run("classes");
    assert_int_equal(gr_shap_file_open(&run, &f, &err), GR_OK);
    assert_int_equal(f.count, IMAGES);
    assert_string_equal(f.subject, "pain");
    assert_string_equal(gr_shap_name(&f, f.order[0]), "b");
    assert_string_equal(gr_shap_name(&f, f.order[2]), "a");
    assert_true(fabs(f.weights[1] - 1.75) < 1e-12);
    assert_true(isnan(gr_shap_value(&f, 0, 2)) && gr_shap_value(&f, 1, 2) == 4.0);
    gr_shap_file_close(&f);
    gr_run_files_close(&run);
}

static void figures_show_them(void **state)
{
    (void)state;
    gr_figure_made made = test_shown("classes", "shap_summary");
    assert_int_equal(gr_numbers_rows(&made.numbers), 3);
    assert_true(fabs(test_shown_number(&made, 0, "mean_absolute_shap") - 1.75) < 1e-6);
    gr_figure_made_free(&made);
    made = test_shown("classes", "shap_beeswarm");
    assert_true(test_shown_number(&made, 0, "least_shap") == -1.5 && test_shown_number(&made, 0, "greatest_shap") == 2.0);
    gr_figure_made_free(&made);
    made = test_shown("classes", "shap_waterfall"); /* 6 animals of 15 images: 8 or 7 of them up */
    assert_int_equal(gr_numbers_rows(&made.numbers), 18);
    assert_true(test_shown_number(&made, 0, "mean_shap") == 0.5);
    assert_true(fabs(test_shown_number(&made, 1, "mean_shap") - (8 * 2.0 - 7 * 1.5) / 15) < 1e-5);
    assert_true(fabs(test_shown_number(&made, 2, "reached") - (0.25 + 0.5 + (8 * 2.0 - 7 * 1.5) / 15)) < 1e-5);
    gr_figure_made_free(&made);
    made = test_shown("classes", "pca");
    assert_int_equal(gr_numbers_rows(&made.numbers), 3);
    gr_figure_made_free(&made);
    test_not_shown("scores", "shap_summary", "no finished run of boosted trees");
    test_not_shown("many", "pca", "no finished run of boosted trees");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(features_in_their_order), cmocka_unit_test(figures_show_them)};
    return cmocka_run_group_tests(tests, make, test_folder_remove);
}
