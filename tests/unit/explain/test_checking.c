/* Trials of a run's maps: which images are tried, by which fold, and what is said of each. */
#include <math.h>
#include <string.h>

#include "explain/explainer.h"
#include "support/folder.h"
#include "support/model_run.h"
#include "support/support.h"

typedef struct heard {
    int64_t samples[8];
    char folds[8][8];
    double inside[8];
    int count;
} heard;

static double number(const gr_explain_checked *checked, const char *name)
{
    for (int i = 0; i < gr_explain_check_count(); i++)
        if (strcmp(gr_explain_check_name(i), name) == 0)
            return checked->numbers[i];
    fail_msg("there is no number %s", name);
    return 0.0;
}

static gr_status hear(void *ctx, const gr_explain_checked *checked, gr_error *err)
{
    heard *h = ctx;
    (void)err;
    assert_true(h->count < 8);
    double deletion = number(checked, "deletion"), parts = number(checked, "parts");
    assert_true(deletion > 0.0 && deletion < 1.0); /* an area below probabilities */
    for (int k = 0; k < 2 * GR_EXPLAIN_CURVE_POINTS; k++)
        assert_true(checked->curves[k] >= 0.0 && checked->curves[k] <= 1.0);
    /* the picture itself begins one curve and ends the other */
    assert_true(fabs(checked->curves[0] - checked->curves[2 * GR_EXPLAIN_CURVE_POINTS - 1]) < 1e-6);
    assert_true(number(checked, "random_1") <= 1.0);
    assert_true(isnan(parts) || (parts > 0.0 && parts < 0.5));
    h->samples[h->count] = checked->sample;
    h->inside[h->count] = number(checked, "inside");
    snprintf(h->folds[h->count++], sizeof h->folds[0], "%s", checked->fold);
    return GR_OK;
}

static void images_are_tried_by_their_fold(void **state)
{
    (void)state;
    static const char *const method = "saliency";
    const double points[] = {10, 12, NAN, NAN, 5, 5};
    char paths[3][300];
    gr_error err = {0};
    gr_explainer *e;
    heard h = {0};
    int64_t left_out = -1;
    const char *const names[] = {"images/b.png", "images/a.png", "images/new.png"};
    gr_sample samples[3] = {0};
    for (int i = 0; i < 3; i++) {
        snprintf(paths[i], sizeof paths[i], "%s", test_in_folder(names[i]));
        samples[i].path = paths[i];
    }
    const gr_explain_options options = {.methods = &method, .method_count = 1};
    const gr_explain_faces faces = {.points = points, .point_count = 1};
    if (gr_explainer_open(test_in_folder("run"), &options, &e, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(gr_explainer_check(e, samples, 3, &faces, hear, &h, NULL, &left_out, &err), GR_OK);
    assert_int_equal(left_out, 1); /* all folds explain the new one */
    assert_int_equal(h.count, 2);
    assert_true(h.samples[0] == 1 && h.samples[1] == 0);
    assert_string_equal(h.folds[0], "one");
    assert_string_equal(h.folds[1], "two");
    assert_true(isnan(h.inside[0])); /* no part of this face is known */
    assert_true(h.inside[1] >= 0.0 && h.inside[1] <= 1.0);
    const volatile sig_atomic_t stop = 1;
    assert_int_equal(gr_explainer_check(e, samples, 3, &faces, hear, &h, &stop, &left_out, &err), GR_INTERRUPTED);
    gr_explainer_close(e);
}

static void names_end(void **state)
{
    (void)state;
    assert_non_null(gr_explain_check_name(gr_explain_check_count() - 1));
    assert_null(gr_explain_check_name(gr_explain_check_count()));
    assert_null(gr_explain_check_name(-1));
}

static int make(void **state)
{
    if (test_folder_make(state) != 0)
        return -1;
    test_make_model_run();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(images_are_tried_by_their_fold), cmocka_unit_test(names_end)};
    return cmocka_run_group_tests_name("trials of a run's maps", tests, make, test_folder_remove);
}
