/* Images decided together: units, means and classes against numbers worked out by hand; and images that count twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/averaging.h"
#include "grimace/results.h"
#include "support/folder.h"

enum { ROWS = 8, CLASSES = 2 };
static const char *const classes[] = {"no", "pain"}, *const folds[] = {"1", "2"};
static const char *const images[ROWS] = {"a", "b", "c", "d", "e", "f", "g", "h"};
static const char *const groups[ROWS] = {"r1", "r1", "r2", "r1", "r2", "r2", "r1", "r1"};
static const char *const times[ROWS] = {"t0", "t0", "t0", "t30", "t30", "t0", "t0", "t30"};
static const int32_t fold[ROWS] = {0, 0, 0, 0, 1, 0, 1, 0}, labels[ROWS] = {0, 0, 0, 1, 1, 0, 0, 1},
                     predicted[ROWS] = {0, 1, 0, 1, 1, 1, 1, 0};
static const float probabilities[ROWS * CLASSES] = {0.875f, 0.125f, 0.25f,  0.75f,  0.75f,  0.25f,  0.125f, 0.875f,
                                                    0.375f, 0.625f, 0.375f, 0.625f, 0.375f, 0.625f, 0.625f, 0.375f};

static gr_predictions make(bool grouped)
{
    return (gr_predictions){.count = ROWS,
                            .class_count = CLASSES,
                            .classes = classes,
                            .fold_count = 2,
                            .folds = folds,
                            .group_column = grouped ? "animal" : NULL,
                            .images = images,
                            .groups = grouped ? groups : NULL,
                            .fold = fold,
                            .labels = labels,
                            .predicted = predicted,
                            .probabilities = probabilities};
}

static void an_animal_at_one_time_is_one_row(void **state)
{
    (void)state;
    gr_predictions p = make(true);
    gr_averaged a;
    gr_error err = {0};
    assert_int_equal(gr_average_predictions(&p, "session", times, &a, &err), GR_OK);
    /* r1 t0 of fold 1: a, b; r2 t0: c, f; r1 t30: d, h; then fold 2: e, g */
    static const char *const names[] = {"r1 t0", "r2 t0", "r1 t30", "r2 t30", "r1 t0"};
    static const float pain[] = {0.4375f, 0.4375f, 0.625f, 0.625f, 0.625f};
    static const int64_t sizes[] = {2, 2, 2, 1, 1};
    assert_int_equal(a.predictions.count, 5);
    for (int u = 0; u < 5; u++) {
        assert_string_equal(a.predictions.images[u], names[u]);
        assert_true(a.predictions.probabilities[2 * u + 1] == pain[u]);
        assert_true(a.predictions.probabilities[2 * u] == 1.0f - pain[u]);
        assert_int_equal(a.predictions.predicted[u], pain[u] > 0.5f);
        assert_int_equal(a.predictions.labels[u], u == 2 || u == 3);
        assert_int_equal(a.predictions.fold[u], u >= 3);
        assert_int_equal(a.sizes[u], sizes[u]);
    }
    gr_averaged_free(&a);
}

static void without_groups_the_column_alone_counts(void **state)
{
    (void)state;
    gr_predictions p = make(false);
    gr_averaged a;
    gr_error err = {0};
    assert_int_equal(gr_average_predictions(&p, "session", times, &a, &err), GR_OK);
    assert_int_equal(a.predictions.count, 4); /* t0 and t30 of both folds */
    assert_string_equal(a.predictions.images[0], "t0");
    assert_int_equal(a.sizes[0], 4);
    assert_null(a.predictions.groups);
    gr_averaged_free(&a);
}

static void two_classes_in_a_unit_are_refused(void **state)
{
    (void)state;
    gr_predictions p = make(true);
    gr_averaged a;
    gr_error err = {0};
    assert_int_equal(gr_average_predictions(&p, "animal", groups, &a, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "animal r1: d is of class pain, other images"));
    assert_null(a.memory);
}

static void table_and_results_have_both_levels(void **state)
{
    (void)state;
    gr_predictions p = make(true);
    gr_averaged a;
    gr_results r;
    gr_error err = {0};
    gr_bootstrap_options options = {.count = 20, .level = 0.9, .by_group = true, .seed = 3};
    assert_int_equal(gr_average_predictions(&p, "session", times, &a, &err), GR_OK);
    char folder[TEST_TEMP], path[300], *text;
    size_t size;
    assert_non_null(test_temp_folder(folder, "averaging"));
    snprintf(path, sizeof path, "%s/p.csv", folder);
    assert_int_equal(gr_averaged_write_csv(&a, path, &err), GR_OK);
    assert_int_equal(gr_file_read(path, 10000, &text, &size, &err), GR_OK);
    assert_string_equal(text, "image,animal,fold,label,predicted,p_no,p_pain,session,images\n"
                              "r1 t0,r1,1,no,no,0.5625,0.4375,t0,2\n"
                              "r2 t0,r2,1,no,no,0.5625,0.4375,t0,2\n"
                              "r1 t30,r1,1,pain,pain,0.375,0.625,t30,2\n"
                              "r2 t30,r2,2,pain,pain,0.375,0.625,t30,1\n"
                              "r1 t0,r1,2,no,pain,0.375,0.625,t0,1\n");
    gr_free(text);
    unlink(path);

    assert_int_equal(gr_results_make("x", &p, 1, &r, &err), GR_OK);
    assert_int_equal(gr_results_average(&r, &a, &options, &err), GR_OK);
    assert_int_equal(r.pooled.n, ROWS);
    assert_int_equal(r.averaged->pooled.n, 5);
    assert_true(r.averaged->folds[0].value[GR_METRIC_ACCURACY] == 1.0);
    assert_true(r.averaged->folds[1].value[GR_METRIC_ACCURACY] == 0.5);
    assert_true(r.averaged->pooled.value[GR_METRIC_ACCURACY] == 0.8);
    assert_non_null(r.averaged->bootstrap);
    assert_int_equal(gr_results_write(&r, folder, &err), GR_OK);
    static const char *const written[] = {"results.json", "results.csv", "results_averaged.csv"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, written[i]);
        assert_int_equal(gr_file_read(path, 1 << 20, &text, &size, &err), GR_OK);
        if (i == 0)
            assert_non_null(strstr(text, "\"averaged\": {\n    \"over\": \"session\",\n    \"folds\": ["));
        gr_free(text);
        unlink(path);
    }
    rmdir(folder);
    gr_results_free(&r);
    gr_averaged_free(&a);
}

/* split.repeats: each image twice. Rows are not independent, and a bootstrap by image draws both of an image or none. */
static void repeated_images_are_no_new_images(void **state)
{
    (void)state;
    static const char *const twice[ROWS] = {"a", "b", "c", "d", "a", "b", "c", "d"};
    static const int32_t fold_of[ROWS] = {0, 0, 0, 0, 1, 1, 1, 1}, truth[ROWS] = {0, 0, 1, 1, 0, 0, 1, 1},
                         right_once[ROWS] = {0, 1, 1, 1, 0, 1, 1, 1};
    gr_predictions p = make(false);
    p.images = twice;
    p.fold = fold_of;
    p.labels = truth;
    p.predicted = right_once;
    gr_bootstrap_options options = {.count = 200, .level = 0.9, .seed = 1};
    gr_results r, single;
    gr_interval exact;
    gr_error err = {0};
    assert_int_equal(gr_results_make("x", &p, 1, &r, &err), GR_OK);
    assert_true(r.pooled.repeated && !r.folds[0].repeated && !r.folds[1].repeated);
    assert_true(gr_metrics_interval(&r.pooled, 1, -1, GR_METRIC_ACCURACY, 0.95, &exact));
    assert_true(exact.low != exact.low && exact.high != exact.high); /* NaN */
    assert_true(gr_metrics_interval(&r.folds[0], 1, -1, GR_METRIC_ACCURACY, 0.95, &exact));
    assert_true(exact.low > 0.1 && exact.high < 1.0);
    assert_int_equal(gr_results_bootstrap(&r, &p, &options, &err), GR_OK);
    p.count = 4; /* the first repeat alone has the same four images, so the same draws */
    p.fold_count = 1;
    assert_int_equal(gr_results_make("x", &p, 1, &single, &err), GR_OK);
    assert_false(single.pooled.repeated);
    assert_int_equal(gr_results_bootstrap(&single, &p, &options, &err), GR_OK);
    for (int i = GR_METRIC_ACCURACY; i <= GR_METRIC_SENSITIVITY; i++) {
        assert_true(r.bootstrap->metric[i].low == single.bootstrap->metric[i].low);
        assert_true(r.bootstrap->metric[i].high == single.bootstrap->metric[i].high);
    }
    gr_results_free(&r);
    gr_results_free(&single);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_animal_at_one_time_is_one_row),  cmocka_unit_test(without_groups_the_column_alone_counts),
        cmocka_unit_test(two_classes_in_a_unit_are_refused), cmocka_unit_test(table_and_results_have_both_levels),
        cmocka_unit_test(repeated_images_are_no_new_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
