/* Two runs by animals and by folds: copies of images are no evidence, a difference is found, folds that differ are told. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>

#include "base/base.h"
#include "grimace/clusters.h"

enum { ANIMALS = 20, EACH = 8, ROWS = ANIMALS * EACH * 3, FOLDS = 5 };

static char names[ANIMALS][8], image_names[ROWS][16];
static const char *groups[ROWS], *images[ROWS];
static int32_t labels[ROWS], fold[ROWS], predicted[2][ROWS];
static float probabilities[2][2 * ROWS];
static double errors[2][ROWS];
static const char *const classes[] = {"calm", "pain"}, *const folds[] = {"1", "2", "3", "4", "5"};

static void score(gr_rng *rng, int at, double better)
{
    for (int k = 0; k < 2; k++) {
        double s = 0.5 + 0.2 * ((labels[at] ? 1.0 : -1.0) * (k == 0 ? 0.4 + better : 0.4) + gr_rng_normal(rng));
        predicted[k][at] = s > 0.5;
        probabilities[k][2 * at] = (float)(1.0 - s);
        probabilities[k][2 * at + 1] = (float)s;
        errors[k][at] = fabs(s - labels[at]);
    }
}

static void make(double better, int times, gr_predictions out[2])
{
    gr_rng rng = gr_rng_make(9, GR_FOR_TEST, 0, 0);
    int at = 0;
    for (int row = 0; row < ANIMALS * EACH; row++) {
        int a = row / EACH, first = at;
        snprintf(names[a], sizeof names[a], "rat%d", a);
        for (int k = 0; k < times; k++, at++) {
            snprintf(image_names[at], sizeof image_names[at], "%d", at);
            images[at] = image_names[at];
            groups[at] = names[a];
            labels[at] = row % 2;
            fold[at] = a % FOLDS;
            if (k == 0)
                score(&rng, at, better);
            for (int r = 0; k > 0 && r < 2; r++) {
                predicted[r][at] = predicted[r][first];
                memcpy(&probabilities[r][2 * at], &probabilities[r][2 * first], 2 * sizeof(float));
                errors[r][at] = errors[r][first];
            }
        }
    }
    for (int k = 0; k < 2; k++)
        out[k] = (gr_predictions){.count = at,
                                  .class_count = 2,
                                  .classes = classes,
                                  .fold_count = FOLDS,
                                  .folds = folds,
                                  .group_column = "animal",
                                  .images = images,
                                  .groups = groups,
                                  .fold = fold,
                                  .labels = labels,
                                  .predicted = predicted[k],
                                  .probabilities = probabilities[k]};
}

static gr_group_comparison compare(const gr_predictions p[2])
{
    const gr_group_comparison_options options = {0.95, 1000, 4};
    gr_group_comparison c;
    gr_error err = {0};
    assert_int_equal(gr_group_comparison_make(&p[0], &p[1], 1, &options, &c, &err), GR_OK);
    return c;
}

static void copies_are_no_evidence(void **state)
{
    (void)state;
    gr_predictions p[2];
    make(0.3, 1, p);
    gr_group_comparison once = compare(p);
    make(0.3, 3, p);
    gr_group_comparison thrice = compare(p);
    assert_true(once.groups == ANIMALS && !once.exact && strcmp(once.column, "animal") == 0);
    assert_true(fabs(once.mean_p - thrice.mean_p) < 1e-12 && fabs(once.mean.error - thrice.mean.error) < 1e-12);
    assert_true(fabs(once.delong.p - thrice.delong.p) < 1e-9 && fabs(once.by_fold.p - thrice.by_fold.p) < 1e-9);
    assert_true(fabs(once.mixed.mean - thrice.mixed.mean) < 1e-9 && thrice.mixed.error > 0.9 * once.mixed.error);
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        assert_true(fabs(once.metric[i].bca.low - thrice.metric[i].bca.low) < 1e-12);
    assert_true(fabs(once.metric[GR_METRIC_ACCURACY].value - once.mean.value) < 1e-12);
    assert_true(thrice.apart.effective < 0.5 * (double)thrice.apart.n);
}

static void a_difference_is_found_and_none_is_not(void **state)
{
    (void)state;
    gr_predictions p[2];
    make(2.0, 1, p);
    gr_group_comparison c = compare(p);
    assert_true(c.mean_p < 0.01 && c.mixed.p < 0.01 && c.delong.p < 0.01 && c.by_fold.p < 0.05 && c.auroc_by_fold.p < 0.05);
    assert_true(c.mean.bca.low > 0.0 && c.mean.jackknife.low > 0.0 && c.p[GR_METRIC_MCC] < 0.01);
    const gr_predictions same[2] = {p[0], p[0]};
    c = compare(same);
    assert_true(c.mean.value == 0.0 && c.mean_p == 1.0 && c.p[GR_METRIC_KAPPA] == 1.0 && isnan(c.mixed.p) &&
                c.delong.p == 1.0);
    assert_true(c.moved == 0 && c.by_fold.mean == 0.0 && isnan(c.by_fold.p));
}

static void folds_that_differ_are_told(void **state)
{
    (void)state;
    gr_predictions p[2];
    int32_t other[ROWS];
    make(0.3, 1, p);
    for (int i = 0; i < ROWS; i++)
        other[i] = (i / 3) % FOLDS;
    p[1].fold = other;
    gr_group_comparison c = compare(p);
    assert_true(c.moved > 0 && isnan(c.by_fold.p) && isnan(c.auroc_by_fold.p) && c.mean_p > 0.0);
    p[0].groups = NULL;
    c = compare(p);
    assert_true(c.groups == ANIMALS); /* the second's */
    p[1].groups = NULL;
    c = compare(p);
    assert_true(c.groups == 0 && isnan(c.mean_p) && isnan(c.metric[GR_METRIC_F1].value));
}

static void scores_are_compared_by_errors(void **state)
{
    (void)state;
    gr_predictions p[2];
    const gr_group_comparison_options options = {0.95, 1000, 4}, none = {0.95, 0, 4};
    gr_group_comparison c;
    gr_error err = {0};
    make(2.0, 1, p);
    gr_error_pairs e = {p[0].count, {errors[0], errors[1]}, images, groups, "animal", {fold, fold}, {FOLDS, FOLDS}};
    assert_int_equal(gr_group_comparison_scores(&e, &options, &c, &err), GR_OK);
    assert_true(c.mean.value < 0.0 && c.mean.bca.high < 0.0 && c.mean_p < 0.01 && isnan(c.metric[GR_METRIC_F1].value));
    assert_true(c.by_fold.mean < 0.0 && c.by_fold.p < 0.05);
    e.groups = NULL;
    assert_int_equal(gr_group_comparison_scores(&e, &options, &c, &err), GR_OK);
    assert_true(c.groups == 0 && c.by_fold.p < 0.05);
    assert_int_equal(gr_group_comparison_scores(&e, &none, &c, &err), GR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_no_evidence),
        cmocka_unit_test(a_difference_is_found_and_none_is_not),
        cmocka_unit_test(folds_that_differ_are_told),
        cmocka_unit_test(scores_are_compared_by_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
