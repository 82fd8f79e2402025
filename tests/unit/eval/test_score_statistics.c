/* The statistics of scores: intervals by drawing rows again, shuffles, repeated images, gaps, columns. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "eval/by_cluster.h"
#include "eval/draw.h"
#include "eval/resample.h"
#include "grimace/statistics.h"

enum { ROWS = 40, OUTPUTS = 2, SAMPLES = 25 };
static double truth[ROWS * OUTPUTS], predicted[ROWS * OUTPUTS];
static const char *images[ROWS], *groups[ROWS];
static char names_of[2 * ROWS][8];
static int32_t fold[ROWS];
static const char *const folds[] = {"a", "b"}, *const names[] = {"ear", "eye"};

static gr_score_predictions make(int outputs)
{
    gr_rng rng = gr_rng_make(7, GR_FOR_TEST, 0, 0);
    for (int i = 0; i < ROWS; i++) {
        snprintf(names_of[i], sizeof names_of[i], "i%d", i);
        snprintf(names_of[ROWS + i], sizeof names_of[i], "g%d", i % 5);
        images[i] = names_of[i];
        groups[i] = names_of[ROWS + i];
        fold[i] = i % 5 > 2;
    }
    for (int i = 0; i < ROWS * outputs; i++) {
        truth[i] = (double)gr_rng_below(&rng, 9) / 2;
        predicted[i] = 0.5 * truth[i] + 2 * (double)gr_rng_float(&rng);
    }
    return (gr_score_predictions){.count = ROWS,
                                  .outputs = outputs,
                                  .names = names,
                                  .fold_count = 2,
                                  .folds = folds,
                                  .group_column = "animal",
                                  .images = images,
                                  .groups = groups,
                                  .fold = fold,
                                  .truth = truth,
                                  .predicted = predicted};
}

static gr_statistics_options options_with(int bootstrap, int permutation, bool by_group)
{
    return (gr_statistics_options){.confidence = 0.9,
                                   .bootstrap = {.count = bootstrap, .level = 0.8, .by_group = by_group, .seed = 5},
                                   .permutation = {.count = permutation, .level = 0.8, .by_group = by_group, .seed = 5}};
}

static bool same(double a, double b)
{
    return fabs(a - b) < 1e-12 || (isnan(a) && isnan(b));
}

static void agreement_is_that_of_the_known_rows(void **state)
{
    (void)state;
    gr_score_predictions p = make(1);
    gr_statistics_options options = options_with(0, 0, false);
    gr_statistics s;
    gr_error err = {0};
    double t[ROWS], q[ROWS];
    int64_t n = 0;
    truth[3] = truth[17] = NAN;
    for (int i = 0; i < ROWS; i++)
        if (!isnan(truth[i])) {
            t[n] = truth[i];
            q[n++] = predicted[i];
        }
    assert_int_equal(gr_score_statistics_make("x", &p, &options, &s, &err), GR_OK);
    const gr_score_agreement *a = s.agreement;
    gr_correlation spearman;
    gr_bland_altman limits;
    gr_icc icc[GR_ICC_FORMS];
    double pairs[2 * ROWS];
    for (int64_t i = 0; i < n; i++) {
        pairs[2 * i] = t[i];
        pairs[2 * i + 1] = q[i];
    }
    assert_int_equal(gr_spearman(q, t, n, 0.9, &spearman, &err), GR_OK);
    assert_int_equal(gr_bland_altman_limits(q, t, n, 0.9, &limits, &err), GR_OK);
    gr_intraclass(pairs, n, 2, 0.9, icc);
    assert_true(a->n == ROWS - 2 && s.images == ROWS && s.results.scores->each[0].bootstrap == NULL);
    assert_true(same(a->pearson.r, gr_pearson(q, t, n, 0.9).r) &&
                same(a->pearson.interval.low, gr_pearson(q, t, n, 0.9).interval.low));
    assert_true(same(a->spearman.interval.high, spearman.interval.high) &&
                same(a->line.slope, gr_linear_regression(q, t, n, 0.9).slope));
    assert_true(same(a->limits.upper_interval.high, limits.upper_interval.high));
    assert_true(same(a->icc.value, icc[GR_ICC_2_1].value) && same(a->icc.interval.low, icc[GR_ICC_2_1].interval.low));
    assert_true(same(a->icc.value, s.results.scores->each[0].pooled.value[GR_SCORE_ICC]));
    assert_true(isnan(a->permutation_p[GR_SCORE_MAE]));
    gr_statistics_free(&s);
}

/* By hand: the weights are drawn, the rows laid out, the numbers computed, the percentiles taken. */
static void percentiles_are_of_rows_drawn_again(void **state)
{
    (void)state;
    for (int by_group = 0; by_group < 2; by_group++) {
        gr_score_predictions p = make(1);
        gr_statistics_options options = options_with(SAMPLES, 0, by_group);
        gr_statistics s;
        gr_error err = {0};
        gr_draw draw = {.rows = ROWS};
        int64_t group[ROWS];
        static double t[8 * ROWS], q[8 * ROWS];
        double values[SAMPLES];
        int32_t draws[ROWS], weights[ROWS];
        for (int i = 0; i < ROWS; i++)
            group[i] = i % 5;
        if (by_group) {
            draw.group = group;
            draw.group_count = 5;
        }
        assert_int_equal(gr_score_statistics_make("x", &p, &options, &s, &err), GR_OK);
        for (int m = 0; m < GR_SCORE_METRIC_COUNT; m++) {
            for (int b = 0; b < SAMPLES; b++) {
                gr_score_numbers numbers;
                int64_t n = 0;
                gr_draw_weights(&draw, 5, (uint64_t)b, draws, weights);
                for (int i = 0; i < ROWS; i++)
                    for (int k = 0; k < weights[i]; k++, n++) {
                        t[n] = truth[i];
                        q[n] = predicted[i];
                    }
                assert_int_equal(gr_score_compute(t, q, n, &numbers, &err), GR_OK);
                values[b] = numbers.value[m];
            }
            gr_interval want = gr_percentiles(values, SAMPLES, 0.8), got = s.results.scores->each[0].bootstrap[m];
            assert_true(same(want.low, got.low) && same(want.high, got.high) && got.low < got.high);
        }
        gr_statistics_free(&s);
    }
}

/* The number of the rows that count, each as often as its weight says. */
static double weighed(gr_score_metric metric, const int32_t *weights)
{
    static double t[8 * ROWS], q[8 * ROWS];
    gr_score_numbers numbers;
    gr_error err = {0};
    int64_t n = 0;
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < weights[i]; k++, n++) {
            t[n] = truth[i];
            q[n] = predicted[i];
        }
    assert_int_equal(gr_score_compute(t, q, n, &numbers, &err), GR_OK);
    return numbers.value[metric];
}

/* By hand: each group left out, and whole groups drawn again. */
static void groups_are_left_out_and_drawn_whole(void **state)
{
    (void)state;
    gr_score_predictions p = make(1);
    gr_statistics_options options = options_with(SAMPLES, 0, false);
    gr_statistics s;
    gr_error err = {0};
    int64_t group[ROWS];
    int32_t draws[ROWS], weights[ROWS], once[ROWS];
    double apart[ROWS], left_out[5], samples[SAMPLES];
    gr_clustering clustering;
    for (int i = 0; i < ROWS; i++) {
        once[i] = 1;
        group[i] = i % 5;
        apart[i] = fabs(truth[i] - predicted[i]);
    }
    gr_draw draw = {.rows = ROWS, .group = group, .group_count = 5};
    assert_int_equal(gr_score_statistics_make("x", &p, &options, &s, &err), GR_OK);
    const gr_score_group_statistics *g = &s.agreement[0].groups;
    assert_true(g->groups == 5 && g->count == SAMPLES && same(g->level, 0.9));
    assert_int_equal(gr_clustering_of(apart, group, ROWS, 5, &clustering, &err), GR_OK);
    assert_true(same(g->apart.icc, clustering.icc) && same(g->apart.effective, clustering.effective));
    for (int m = 0; m < GR_SCORE_METRIC_COUNT; m++) {
        for (int k = 0; k < 5; k++) {
            for (int i = 0; i < ROWS; i++)
                weights[i] = group[i] != k;
            left_out[k] = weighed((gr_score_metric)m, weights);
        }
        for (int b = 0; b < SAMPLES; b++) {
            gr_draw_weights(&draw, 5, (uint64_t)b, draws, weights);
            samples[b] = weighed((gr_score_metric)m, weights);
        }
        double value = weighed((gr_score_metric)m, once), error;
        bool falls = m == GR_SCORE_MAE || m == GR_SCORE_RMSE;
        bool correlates = m == GR_SCORE_PEARSON || m == GR_SCORE_SPEARMAN || m == GR_SCORE_ICC;
        gr_interval jackknife = gr_jackknife(value, left_out, 5, 0.9, falls ? 0.0 : correlates ? -1.0 : -INFINITY,
                                             correlates || m == GR_SCORE_R2 ? 1.0 : INFINITY, &error);
        gr_interval bca = gr_bca(samples, SAMPLES, value, left_out, 5, 0.9);
        assert_true(same(g->metric[m].value, value) && same(g->metric[m].error, error));
        assert_true(same(g->metric[m].jackknife.low, jackknife.low) && same(g->metric[m].jackknife.high, jackknife.high));
        assert_true(same(g->metric[m].bca.low, bca.low) && same(g->metric[m].bca.high, bca.high));
        assert_true(jackknife.low < value && value < jackknife.high && isfinite(jackknife.low) && isfinite(jackknife.high));
    }
    gr_statistics_free(&s);
    p.groups = NULL;
    assert_int_equal(gr_score_statistics_make("x", &p, &options, &s, &err), GR_OK);
    assert_int_equal(s.agreement[0].groups.groups, 0);
    gr_statistics_free(&s);
}

static void shuffles_tell_chance(void **state)
{
    (void)state;
    gr_score_predictions p = make(1);
    gr_statistics_options options = options_with(0, 99, false);
    gr_statistics s;
    gr_error err = {0};
    assert_int_equal(gr_score_statistics_make("x", &p, &options, &s, &err), GR_OK);
    assert_true(s.agreement->permutation_p[GR_SCORE_PEARSON] == 0.01 && s.agreement->permutation_p[GR_SCORE_MAE] <= 0.05);
    assert_true(isnan(s.agreement->permutation_p[GR_SCORE_BIAS]) &&
                isnan(s.agreement->permutation_p[GR_SCORE_LIMITS_LOWER]));
    gr_statistics_free(&s);
    for (int i = 0; i < ROWS; i++)
        predicted[i] = 4 - truth[i]; /* worse than chance can be */
    assert_int_equal(gr_score_statistics_make("x", &p, &options, &s, &err), GR_OK);
    assert_true(s.agreement->permutation_p[GR_SCORE_PEARSON] == 1 && s.agreement->permutation_p[GR_SCORE_RMSE] == 1);
    gr_statistics_free(&s);
    for (int i = 0; i < ROWS; i++)
        truth[i] = predicted[i] = i % 5; /* groups of one value: shuffles within them change nothing */
    options = options_with(0, 20, true);
    assert_int_equal(gr_score_statistics_make("x", &p, &options, &s, &err), GR_OK);
    assert_true(s.agreement->permutation_p[GR_SCORE_PEARSON] == 1);
    gr_statistics_free(&s);
    p.groups = NULL;
    assert_int_equal(gr_score_statistics_make("x", &p, &options, &s, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "the predictions have no groups"));
}

static void repeated_images_are_not_independent(void **state)
{
    (void)state;
    gr_score_predictions p = make(1);
    gr_statistics_options options = options_with(SAMPLES, 20, false);
    gr_statistics s;
    gr_error err = {0};
    for (int i = ROWS / 2; i < ROWS; i++) {
        images[i] = images[i - ROWS / 2];
        truth[i] = truth[i - ROWS / 2];
    }
    assert_int_equal(gr_score_statistics_make("x", &p, &options, &s, &err), GR_OK);
    const gr_score_agreement *a = s.agreement;
    assert_true(s.images == ROWS / 2 && !isnan(a->pearson.r) && isnan(a->pearson.p) && isnan(a->spearman.interval.low));
    assert_true(isnan(a->icc.p) && isnan(a->line.slope_p) && isnan(a->limits.bias_interval.low) && !isnan(a->limits.bias));
    assert_true(s.results.scores->each[0].bootstrap[GR_SCORE_MAE].low > 0);
    gr_statistics_free(&s);
}

static void several_scores_have_a_total_and_columns_values(void **state)
{
    (void)state;
    gr_score_predictions p = make(OUTPUTS);
    gr_statistics_options options = options_with(SAMPLES, 0, false);
    gr_statistics s;
    gr_error err = {0};
    const char *values[ROWS];
    double t[ROWS], q[ROWS];
    truth[1] = NAN; /* of the second score of the first row: no total */
    for (int i = 0; i < ROWS; i++) {
        values[i] = i % 2 ? "odd" : "even";
        t[i] = truth[2 * i] + truth[2 * i + 1];
        q[i] = predicted[2 * i] + predicted[2 * i + 1];
    }
    assert_int_equal(gr_score_statistics_make("x", &p, &options, &s, &err), GR_OK);
    assert_true(s.agreement[0].n == ROWS && s.agreement[1].n == ROWS - 1 && s.agreement[2].n == ROWS - 1);
    assert_true(same(s.agreement[2].pearson.r, gr_pearson(q + 1, t + 1, ROWS - 1, 0.9).r));
    for (int k = 0; k < 3; k++)
        assert_non_null(s.results.scores->each[k].bootstrap);
    assert_int_equal(gr_score_statistics_break_down(&s, &p, "parity", values, &err), GR_OK);
    assert_true(s.by_count == 1 && s.by[0].fold_count == 2);
    assert_string_equal(s.by[0].fold_names[0], "even");
    assert_int_equal(gr_score_whole(s.by[0].scores)->folds[0].n, ROWS / 2 - 1);
    gr_statistics_free(&s);
}

static void label_columns_have_statistics_each(void **state)
{
    (void)state;
    make(1);
    static int32_t labels[2 * ROWS], chosen[2 * ROWS];
    static float probabilities[4 * ROWS];
    static const char *const classes[] = {"0", "1"}, *const words[] = {"no", "yes"};
    gr_rng rng = gr_rng_make(9, GR_FOR_TEST, 0, 0);
    for (int i = 0; i < 2 * ROWS; i++) {
        labels[i] = i == 5 ? -1 : (int32_t)gr_rng_below(&rng, 2);
        probabilities[2 * i + 1] = gr_rng_float(&rng);
        probabilities[2 * i] = 1 - probabilities[2 * i + 1];
        chosen[i] = probabilities[2 * i + 1] > 0.5f;
    }
    gr_label_predictions p = {ROWS,     2,      names,  2,    classes, 2,      folds,
                              "animal", images, groups, fold, labels,  chosen, probabilities};
    gr_statistics_options options = options_with(SAMPLES, 5, false);
    gr_statistics s;
    gr_error err = {0};
    assert_int_equal(gr_label_statistics_make("x", &p, 1, &options, &s, &err), GR_OK);
    assert_true(s.column_count == 2 && s.agreement != NULL && s.agreement->n == ROWS - 1);
    assert_true(s.columns[0].results.pooled.n == ROWS && s.columns[1].results.pooled.n == ROWS - 1);
    for (int k = 0; k < 2; k++) {
        const gr_bootstrap *a = s.columns[k].results.bootstrap, *b = s.results.labels->each[k].bootstrap;
        assert_memory_equal(a->metric, b->metric, sizeof a->metric);
        assert_ptr_not_equal(a->classes, b->classes);
    }
    assert_non_null(s.results.labels->total.bootstrap);
    assert_int_equal(gr_label_statistics_break_down(&s, &p, "animal", groups, &err), GR_OK);
    assert_int_equal(s.by[0].fold_count, 5);
    gr_statistics_free(&s);
    p.classes = words; /* no total */
    assert_int_equal(gr_label_statistics_make("x", &p, 1, &options, &s, &err), GR_OK);
    assert_null(s.agreement);
    gr_statistics_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agreement_is_that_of_the_known_rows),
        cmocka_unit_test(percentiles_are_of_rows_drawn_again),
        cmocka_unit_test(groups_are_left_out_and_drawn_whole),
        cmocka_unit_test(shuffles_tell_chance),
        cmocka_unit_test(repeated_images_are_not_independent),
        cmocka_unit_test(several_scores_have_a_total_and_columns_values),
        cmocka_unit_test(label_columns_have_statistics_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
