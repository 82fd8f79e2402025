/* One run's predictions by animals: what happens when images are there several times, and without animals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <math.h>
#include <cmocka.h>

#include "base/base.h"
#include "grimace/clusters.h"

enum { ANIMALS = 10, EACH = 6, ROWS = ANIMALS * EACH * 2 };

static char names[ANIMALS][8];
static const char *groups[ROWS];
static int32_t labels[ROWS], predicted[ROWS];
static float probabilities[2 * ROWS];

/* `times` copies of each row. */
static gr_predictions make(int times)
{
    gr_rng rng = gr_rng_make(5, GR_FOR_TEST, 0, 0);
    int at = 0;
    for (int a = 0; a < ANIMALS; a++) {
        double shift = 0.4 * gr_rng_normal(&rng);
        snprintf(names[a], sizeof names[a], "rat%d", a);
        for (int i = 0; i < EACH; i++) {
            double score = 0.5 + 0.2 * ((i % 2 ? 1.0 : -1.0) + shift + gr_rng_normal(&rng));
            for (int k = 0; k < times; k++, at++) {
                groups[at] = names[a];
                labels[at] = i % 2;
                predicted[at] = score > 0.5;
                probabilities[2 * at] = (float)(1.0 - score);
                probabilities[2 * at + 1] = (float)score;
            }
        }
    }
    static const char *const classes[] = {"calm", "pain"};
    return (gr_predictions){.count = at,
                            .class_count = 2,
                            .classes = classes,
                            .group_column = "animal",
                            .groups = groups,
                            .labels = labels,
                            .predicted = predicted,
                            .probabilities = probabilities};
}

/* The same images twice are no more evidence. */
static void copies_change_no_interval(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_group_statistics once, twice;
    gr_predictions p = make(1);
    assert_int_equal(gr_group_statistics_make(&p, 1, 0.95, 200, 7, &once, &err), GR_OK);
    p = make(2);
    assert_int_equal(gr_group_statistics_make(&p, 1, 0.95, 200, 7, &twice, &err), GR_OK);
    assert_true(once.groups == ANIMALS && twice.right.n == 2 * once.right.n);
    for (int i = 0; i < GR_METRIC_COUNT; i++) {
        const gr_by_cluster *a = &once.metric[i], *b = &twice.metric[i];
        assert_true(fabs(a->value - b->value) < 1e-12 && fabs(a->error - b->error) < 1e-12);
        assert_true(fabs(a->jackknife.low - b->jackknife.low) < 1e-12 && fabs(a->bca.low - b->bca.low) < 1e-12);
        assert_true(a->jackknife.low <= a->value && a->value <= a->jackknife.high && a->jackknife.high <= 1.0);
        assert_true(a->bca.low < a->value && a->value < a->bca.high);
    }
    assert_true(!once.ordered);
    p.ordered = true; /* two classes in order: their distance is the share of wrong ones */
    assert_int_equal(gr_group_statistics_make(&p, 1, 0.95, 200, 7, &once, &err), GR_OK);
    const gr_by_cluster *mae = &once.ordinal[GR_ORDINAL_MAE], *right = &once.metric[GR_METRIC_ACCURACY];
    assert_true(once.ordered && fabs(mae->value - (1.0 - right->value)) < 1e-12 && fabs(mae->error - right->error) < 1e-12);
    assert_true(fabs(mae->bca.low - (1.0 - right->bca.high)) < 1e-9 && mae->jackknife.low > 0.0);
    const gr_by_cluster *kappa = &once.ordinal[GR_ORDINAL_KAPPA_QUADRATIC], *plain = &once.metric[GR_METRIC_KAPPA];
    assert_true(fabs(kappa->value - plain->value) < 1e-12 && fabs(kappa->jackknife.low - plain->jackknife.low) < 1e-12);
    assert_true(fabs(once.delong.variance[0] - twice.delong.variance[0]) < 1e-12);
    assert_true(twice.right.effective < 0.6 * (double)twice.right.n);
}

static void without_animals_nothing_is_known(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_group_statistics g;
    gr_predictions p = make(1);
    for (int i = 0; i < ROWS; i++)
        groups[i] = "one";
    assert_int_equal(gr_group_statistics_make(&p, 1, 0.95, 20, 7, &g, &err), GR_OK);
    assert_int_equal(g.groups, 0);
    p.groups = NULL;
    assert_int_equal(gr_group_statistics_make(&p, 1, 0.95, 20, 7, &g, &err), GR_OK);
    assert_int_equal(g.groups, 0);
    p = make(1);
    assert_int_equal(gr_group_statistics_make(&p, 1, 0.95, 0, 7, &g, &err), GR_OK);
    assert_true(g.groups == ANIMALS && isnan(g.metric[GR_METRIC_MCC].bca.low) && g.metric[GR_METRIC_MCC].error > 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_change_no_interval),
        cmocka_unit_test(without_animals_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
