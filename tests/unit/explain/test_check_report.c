/* What trials said, as tables: rows, and means by method, class and fold that skip what is not known. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "grimace/explain.h"
#include "support/folder.h"
#include "support/support.h"

enum { NUMBERS = 32 };

static void add(gr_explain_report *report, int64_t sample, const char *method, const char *fold, double first, double last)
{
    double numbers[NUMBERS], curves[2 * GR_EXPLAIN_CURVE_POINTS];
    gr_error err = {0};
    assert_true(gr_explain_check_count() < NUMBERS);
    for (int i = 0; i < NUMBERS; i++)
        numbers[i] = (double)NAN;
    for (int i = 0; i < 2 * GR_EXPLAIN_CURVE_POINTS; i++)
        curves[i] = first;
    numbers[0] = first;
    numbers[gr_explain_check_count() - 1] = last;
    const gr_explain_checked checked = {
        .sample = sample, .method = method, .fold = fold, .class_name = "yes", .numbers = numbers, .curves = curves};
    assert_int_equal(gr_explain_report_add(report, &checked, &err), GR_OK);
}

static double real(const json_t *json, const char *key)
{
    return json_number_value(json_object_get(json, key));
}

static void means_skip_what_is_not_known(void **state)
{
    (void)state;
    static const char *const images[] = {"a,b.png", "c.png", "d.png"}, *const truth[] = {"yes", "no", ""};
    gr_explain_report *report;
    gr_error err = {0};
    gr_text table = {0};
    char *text;
    size_t size;
    assert_int_equal(gr_explain_report_open(images, truth, 3, &report, &err), GR_OK);
    add(report, 0, "gradcam", "rat1", 0.25, 0.1);
    add(report, 1, "gradcam", "rat2", 0.5, (double)NAN);
    add(report, 2, "gradcam", "rat2", 0.75, 0.3);
    add(report, 2, "occlusion", "rat2", 1, 1);
    assert_int_equal(gr_explain_report_write(report, test_folder(), &err), GR_OK);
    assert_int_equal(gr_file_read(test_in_folder("check.csv"), 65536, &text, &size, &err), GR_OK);
    assert_non_null(strstr(text, "image,fold,label,class,method,deletion,insertion,random_1,"));
    assert_non_null(strstr(text, "\n\"a,b.png\",rat1,yes,yes,gradcam,0.25,,"));
    gr_free(text);
    assert_int_equal(gr_file_read(test_in_folder("check.json"), 1 << 20, &text, &size, &err), GR_OK);
    json_t *all = json_loadb(text, size, 0, NULL);
    gr_free(text);
    const json_t *gradcam = json_array_get(json_object_get(all, "methods"), 0);
    assert_int_equal(json_integer_value(json_object_get(gradcam, "n")), 3);
    assert_true(fabs(real(gradcam, "deletion") - 0.5) < 1e-9 && fabs(real(gradcam, "parts") - 0.2) < 1e-9);
    assert_true(json_is_null(json_object_get(gradcam, "insertion")));
    const json_t *classes = json_object_get(gradcam, "by_class"), *yes = json_array_get(classes, 0);
    assert_int_equal(json_array_size(classes), 2);
    assert_true(fabs(real(yes, "deletion") - 0.5) < 1e-9); /* the image of an unknown class counts for the one explained */
    assert_int_equal(json_array_size(json_object_get(gradcam, "by_fold")), 2);
    assert_int_equal(json_array_size(json_object_get(gradcam, "deletion_curve")), GR_EXPLAIN_CURVE_POINTS);
    json_decref(all);
    gr_explain_report_table(report, &table);
    assert_non_null(strstr(table.data, "gradcam                   3     0.500         -"));
    assert_non_null(strstr(table.data, "occlusion                 1     1.000"));
    gr_text_free(&table);
    gr_explain_report_close(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(means_skip_what_is_not_known)};
    return cmocka_run_group_tests_name("reports on maps", tests, test_folder_make, test_folder_remove);
}
