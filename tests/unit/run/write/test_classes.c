/* Classes in order: what is added to the files and the table of classes, and that nothing else changes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/base.h"
#include "grimace/results.h"
#include "support/folder.h"

static const char *const images[] = {"a.png", "b.png", "c.png", "d.png"}, *const folds[] = {"Rat1", "Rat2"};
static const char *const classes[] = {"0", "1", "2"};
static const int32_t fold[] = {0, 0, 1, 1}, labels[] = {0, 1, 2, 1}, predicted[] = {0, 2, 2, 0};
static const float probabilities[] = {0.5f, 0.25f, 0.25f, 0.25f, 0.25f, 0.5f, 0.25f, 0.25f, 0.5f, 0.5f, 0.25f, 0.25f};

static gr_predictions run(void)
{
    return (gr_predictions){.count = 4,
                            .class_count = 3,
                            .classes = classes,
                            .fold_count = 2,
                            .folds = folds,
                            .images = images,
                            .fold = fold,
                            .labels = labels,
                            .predicted = predicted,
                            .probabilities = probabilities};
}

static gr_results make(bool ordinal)
{
    gr_predictions p = run();
    gr_results r;
    gr_error err = {0};
    assert_int_equal(gr_results_make("ord", &p, 2, &r, &err), GR_OK);
    if (ordinal)
        assert_int_equal(gr_results_add_ordinal(&r, &p, &err), GR_OK);
    return r;
}

/* What is written of *r: GIVES the JSON and the text of the CSV file. */
static json_t *write_and_read(const gr_results *r, char **csv)
{
    char folder[TEST_TEMP], path[300], *text;
    size_t size;
    gr_error err = {0};
    assert_non_null(test_temp_folder(folder, "classes"));
    assert_int_equal(gr_results_write(r, folder, &err), GR_OK);
    snprintf(path, sizeof path, "%s/results.csv", folder);
    assert_int_equal(gr_file_read(path, 100000, csv, &size, &err), GR_OK);
    unlink(path);
    snprintf(path, sizeof path, "%s/results.json", folder);
    assert_int_equal(gr_file_read(path, 100000, &text, &size, &err), GR_OK);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    gr_free(text);
    return root;
}

/* Takes both numbers away from `level`, which must have had them. */
static void strip(json_t *level, double mae, double kappa)
{
    assert_true(json_number_value(json_object_get(level, "mae")) == mae);
    assert_true(fabs(json_number_value(json_object_get(level, "kappa_quadratic")) - kappa) < 1e-12);
    assert_int_equal(json_object_del(level, "mae"), 0);
    assert_int_equal(json_object_del(level, "kappa_quadratic"), 0);
}

static void json_has_two_more_numbers_at_every_level(void **state)
{
    (void)state;
    gr_results plain = make(false), ordinal = make(true);
    char *plain_csv, *ordinal_csv;
    json_t *without = write_and_read(&plain, &plain_csv), *with = write_and_read(&ordinal, &ordinal_csv);
    const char *second = json_object_iter_key(json_object_iter_next(with, json_object_iter(with)));
    assert_string_equal(second, "task");
    assert_string_equal(json_string_value(json_object_get(with, "task")), "ordinal");
    assert_int_equal(json_object_del(with, "task"), 0);
    strip(json_array_get(json_object_get(with, "folds"), 0), 0.5, 2.0 / 3.0);
    strip(json_array_get(json_object_get(with, "folds"), 1), 0.5, 2.0 / 3.0);
    strip(json_object_get(with, "pooled"), 0.5, 2.0 / 3.0);
    strip(json_object_get(with, "mean"), 0.5, 2.0 / 3.0);
    strip(json_object_get(with, "std"), 0.0, 0.0);
    assert_true(json_equal(without, with));
    json_decref(without);
    json_decref(with);
    gr_free(plain_csv);
    gr_free(ordinal_csv);
    gr_results_free(&plain);
    gr_results_free(&ordinal);
}

static void csv_has_two_more_columns(void **state)
{
    (void)state;
    gr_results plain = make(false), ordinal = make(true);
    char *without, *with, *row, *rest, *longer;
    json_decref(write_and_read(&plain, &without));
    json_decref(write_and_read(&ordinal, &with));
    row = strtok_r(without, "\n", &rest);
    char *more = with;
    for (int i = 0; row != NULL; i++, row = strtok_r(NULL, "\n", &rest)) {
        longer = more;
        assert_true(gr_starts_with(longer, row));
        more = strchr(longer, '\n') + 1;
        more[-1] = '\0';
        assert_true(i > 0 || strcmp(longer + strlen(row), ",mae,kappa_quadratic") == 0);
        assert_true(i != 3 || gr_starts_with(longer + strlen(row), ",0.5,0.666667"));
    }
    assert_string_equal(more, "");
    gr_free(without);
    gr_free(with);
    gr_results_free(&plain);
    gr_results_free(&ordinal);
}

static void the_table_has_one_more_line(void **state)
{
    (void)state;
    gr_results plain = make(false), ordinal = make(true);
    gr_text without = {0}, with = {0};
    gr_results_table(&plain, 0, &without);
    gr_results_table(&ordinal, 0, &with);
    assert_true(gr_starts_with(with.data, without.data));
    assert_string_equal(with.data + without.size, "pooled, in classes: MAE 0.5000, quadratic kappa 0.6667\n");
    gr_text_free(&without);
    gr_text_free(&with);
    gr_results_free(&plain);
    gr_results_free(&ordinal);
}

static void a_paper_stands_beside(void **state)
{
    (void)state;
    gr_reported_number whole[] = {{"mae", true, 0.25, 0.125, NAN, NAN}, {"accuracy", false, 0.75, NAN, NAN, NAN}};
    gr_reported_number of_fold[] = {{"kappa_quadratic", false, 0.5, NAN, NAN, NAN}};
    gr_reported_part part = {"Rat2", of_fold, 1};
    gr_reported reported = {.whole = {"", whole, 2}, .folds = &part, .fold_count = 1};
    gr_results r = make(true);
    gr_text text = {0};
    r.reported = &reported;
    gr_reported_table(&r, &text);
    assert_non_null(strstr(text.data, "mean over folds    mae                0.2500 +- 0.1250            0.5000 +- 0.0000\n"));
    assert_non_null(strstr(text.data, "pooled             accuracy           0.7500                      0.5000\n"));
    assert_non_null(strstr(text.data, "fold Rat2          kappa_quadratic    0.5000                      0.6667\n"));
    gr_text_free(&text);
    gr_results_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_two_more_numbers_at_every_level),
        cmocka_unit_test(csv_has_two_more_columns),
        cmocka_unit_test(the_table_has_one_more_line),
        cmocka_unit_test(a_paper_stands_beside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
