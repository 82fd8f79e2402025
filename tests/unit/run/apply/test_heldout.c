/* What a run says of images that it did not train on: of which table, of which fold, and none of what is judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "run/apply/heldout.h"
#include "support/folder.h"

enum { ROWS = 24 };
static const char *classes[] = {"0", "1"};
static const gr_model_files files = {.card = {.classes = classes, .model = {.classes = 2}}};

/* Rows of four animals in two folds, right but for every fifth. */
static void put_table(const char *name, double sure)
{
    gr_text out = {0};
    gr_text_printf(&out, "image,rat,fold,label,predicted,p_0,p_1\n");
    for (int i = 0; i < ROWS; i++) {
        int label = i % 2, told = i % 5 == 0 ? 1 - label : label;
        double p = told ? sure : 1.0 - sure;
        gr_text_printf(&out, "i%d.png,r%d,%d,%d,%d,%.2f,%.2f\n", i, i % 4, i % 4 / 2 + 1, label, told, 1.0 - p, p);
    }
    test_folder_text(name, out.data);
    gr_text_free(&out);
}

static void make_run(void)
{
    char path[300];
    gr_error err = {0};
    snprintf(path, sizeof path, "%s/run/fold-1", test_folder());
    assert_int_equal(gr_make_folders(path, &err), GR_OK);
    put_table("run/predictions.csv", 0.75);
    test_folder_text("run/fold-1/model.safetensors", "not read here");
}

static gr_status open_run(const char *path, gr_calibrator_kind kind, const gr_asked_images *judged, gr_heldout *out, gr_error *err)
{
    return gr_heldout_open(test_in_folder(path), &files, gr_task_find("classes", false), kind, 1, judged, out, err);
}

static void the_first_table_that_is_there(void **state)
{
    (void)state;
    gr_heldout h;
    gr_error err = {0};
    make_run();
    assert_int_equal(open_run("run", GR_CALIBRATE_NONE, NULL, &h, &err), GR_OK);
    assert_true(h.n == ROWS && h.passed == 0 && h.positive == 1);
    assert_string_equal(h.source, "predictions.csv");
    assert_true(h.labels[1] == 1 && h.probabilities[3] == 0.75f && h.predicted[0] == 1);
    gr_heldout_close(&h);
    assert_int_equal(open_run("run/fold-1/model.safetensors", GR_CALIBRATE_NONE, NULL, &h, &err), GR_OK);
    assert_int_equal(h.n, ROWS / 2);
    gr_heldout_close(&h);
    put_table("run/validation.csv", 0.9);
    assert_int_equal(open_run("run", GR_CALIBRATE_NONE, NULL, &h, &err), GR_OK);
    assert_string_equal(h.source, "validation.csv");
    assert_true(h.probabilities[3] == 0.9f);
    gr_heldout_close(&h);
    unlink(test_in_folder("run/validation.csv"));
}

/* Of 24 rows 2 are judged by name, and 6 by their animal, of which one is the same. */
static void what_is_judged_fits_no_map(void **state)
{
    (void)state;
    const char *const names[] = {"i0.png", "i7.png", "new.png"}, *const paths[] = {NULL, NULL, NULL};
    const char *const groups[] = {NULL, "r9", "r3"}, *const all[] = {"r0", "r1", "r2"};
    const gr_asked_images some = {3, names, paths, groups}, most = {3, names, paths, all};
    gr_heldout h;
    gr_error err = {0}, few = {0};
    make_run();
    assert_int_equal(open_run("run", GR_CALIBRATE_PLATT, &some, &h, &err), GR_OK);
    assert_true(h.n == ROWS - 7 && h.passed == 7);
    gr_heldout_close(&h);
    assert_int_equal(open_run("run", GR_CALIBRATE_PLATT, &most, &h, &few), GR_INVALID); /* five rows of r3 are too few */
    assert_non_null(strstr(few.text, "evaluate.calibrate: predictions.csv"));
    const char *const four[] = {"a", "b", "c", "d"}, *const rats[] = {"r0", "r1", "r2", "r3"}, *const none[4] = {NULL};
    const gr_asked_images all_rats = {4, four, none, rats};
    gr_error nothing = {0};
    assert_int_equal(open_run("run", GR_CALIBRATE_PLATT, &all_rats, &h, &nothing), GR_INVALID);
    assert_non_null(strstr(nothing.text, "all 24 predictions of held-out images in predictions.csv"));
}

static void a_run_without_predictions_has_none(void **state)
{
    (void)state;
    gr_heldout h;
    gr_error err = {0}, none = {0};
    make_run();
    unlink(test_in_folder("run/predictions.csv"));
    assert_int_equal(open_run("run", GR_CALIBRATE_NONE, NULL, &h, &err), GR_OK);
    assert_int_equal(h.n, 0);
    gr_heldout_close(&h);
    assert_int_equal(open_run("run", GR_CALIBRATE_ISOTONIC, NULL, &h, &none), GR_INVALID);
    assert_non_null(strstr(none.text, "has no predictions of held-out images"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_table_that_is_there),
        cmocka_unit_test(what_is_judged_fits_no_map),
        cmocka_unit_test(a_run_without_predictions_has_none),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
