/* Bands against curves of rows that are really repeated. */
#include <math.h>

#include "eval/curve_bands.h"
#include "eval/resample.h"
#include "support/support.h"

enum { ROWS = 60, GROUPS = 6, SAMPLES = 40 };

typedef struct made {
    int32_t labels[ROWS], predicted[ROWS], fold[ROWS];
    float probabilities[2 * ROWS];
    const char *images[ROWS], *groups[ROWS];
    char names[ROWS][8];
    gr_predictions p;
} made;

/* Probabilities with ties: multiples of 1/16. */
static void make(made *m)
{
    static const char *const classes[] = {"no", "yes"}, *const groups[GROUPS] = {"a", "b", "c", "d", "e", "f"},
                             *const folds[] = {"all"};
    for (int i = 0; i < ROWS; i++) {
        m->labels[i] = i % 3 == 0;
        float p = (float)(floor(16.0 * (0.5 + 0.35 * test_number(7, (uint32_t)i) + (m->labels[i] ? 0.1 : -0.1))) / 16.0);
        m->probabilities[2 * i] = 1.0f - p;
        m->probabilities[2 * i + 1] = p;
        m->predicted[i] = p > 0.5f;
        m->fold[i] = 0;
        snprintf(m->names[i], sizeof m->names[i], "%d", i);
        m->images[i] = m->names[i];
        m->groups[i] = groups[i * GROUPS / ROWS];
    }
    m->p = (gr_predictions){.count = ROWS,
                            .class_count = 2,
                            .classes = classes,
                            .fold_count = 1,
                            .folds = folds,
                            .group_column = "animal",
                            .images = m->images,
                            .groups = m->groups,
                            .fold = m->fold,
                            .labels = m->labels,
                            .predicted = m->predicted,
                            .probabilities = m->probabilities};
}

/* The curve's height at x: on straight lines, the highest where it is upright. */
static double roc_at(const gr_curve *c, double x)
{
    double best = NAN;
    for (int64_t i = 0; i < c->count; i++)
        if (c->x[i] == x)
            best = c->y[i];
    for (int64_t i = 1; isnan(best) && i < c->count; i++)
        if (c->x[i - 1] < x && x < c->x[i])
            best = c->y[i - 1] + (x - c->x[i - 1]) / (c->x[i] - c->x[i - 1]) * (c->y[i] - c->y[i - 1]);
    return best;
}

static double pr_at(const gr_curve *c, double recall)
{
    for (int64_t i = 1; i < c->count; i++)
        if (c->x[i] > 0.0 && c->x[i] >= recall)
            return c->y[i];
    return NAN;
}

/* Both curves of a sample: each row as often as it was drawn. */
static void repeat(const made *m, const int32_t *weights, gr_curve *roc, gr_curve *pr)
{
    double scores[ROWS * ROWS];
    uint8_t positive[ROWS * ROWS];
    int64_t n = 0;
    gr_error err = {0};
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < weights[i]; k++, n++) {
            scores[n] = m->probabilities[2 * i + 1];
            positive[n] = (uint8_t)m->labels[i];
        }
    assert_int_equal(gr_roc_curve(scores, positive, n, roc, &err), GR_OK);
    assert_int_equal(gr_pr_curve(scores, positive, n, pr, &err), GR_OK);
}

static void check(const made *m, bool by_group)
{
    static double heights[2][GR_BAND_POINTS][SAMPLES];
    gr_bootstrap_options o = {.count = SAMPLES, .level = 0.9, .by_group = by_group, .seed = 3};
    gr_curve_band bands[2];
    gr_bootstrap areas;
    gr_resample r;
    gr_error err = {0};
    int32_t draws[ROWS], weights[ROWS];
    assert_int_equal(gr_curve_bands(&m->p, 1, &o, &bands[0], &bands[1], &err), GR_OK);
    assert_int_equal(gr_resample_make(&m->p, 1, by_group, &r, &err), GR_OK);
    for (int b = 0; b <= SAMPLES; b++) { /* the last one: the rows as they are */
        gr_curve roc, pr;
        gr_draw_weights(&r.draw, o.seed, (uint64_t)b, draws, weights);
        for (int i = 0; b == SAMPLES && i < ROWS; i++)
            weights[i] = 1;
        repeat(m, weights, &roc, &pr);
        for (int i = 0; i < GR_BAND_POINTS; i++) {
            double h[] = {roc_at(&roc, i / 100.0), pr_at(&pr, i / 100.0)};
            for (int k = 0; k < 2; k++)
                if (b < SAMPLES)
                    heights[k][i][b] = h[k];
                else
                    assert_true(fabs(bands[k].y[i] - h[k]) < 1e-12);
        }
        gr_curve_free(&roc);
        gr_curve_free(&pr);
    }
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < GR_BAND_POINTS; i++) {
            gr_interval ends = gr_percentiles(heights[k][i], SAMPLES, o.level);
            if (!(fabs(ends.low - bands[k].low[i]) < 1e-12) || !(fabs(ends.high - bands[k].high[i]) < 1e-12))
                fail_msg("curve %d at %d: %g to %g, expected %g to %g", k, i, bands[k].low[i], bands[k].high[i], ends.low,
                         ends.high);
        }
    assert_int_equal(gr_bootstrap_metrics(&m->p, 1, &o, &areas, &err), GR_OK);
    assert_true(fabs(areas.metric[GR_METRIC_AUROC].low - bands[0].area.low) < 1e-12);
    assert_true(fabs(areas.metric[GR_METRIC_AUROC].high - bands[0].area.high) < 1e-12);
    assert_true(fabs(areas.metric[GR_METRIC_AUPRC].low - bands[1].area.low) < 1e-12);
    assert_true(fabs(areas.metric[GR_METRIC_AUPRC].high - bands[1].area.high) < 1e-12);
    gr_bootstrap_free(&areas);
    gr_resample_free(&r);
}

static void bands_are_those_of_repeated_rows(void **state)
{
    (void)state;
    made m;
    make(&m);
    check(&m, false);
    check(&m, true);
}

static void one_class_has_no_band(void **state)
{
    (void)state;
    made m;
    make(&m);
    for (int i = 0; i < ROWS; i++)
        m.labels[i] = 1;
    gr_bootstrap_options o = {.count = 5, .level = 0.9};
    gr_curve_band roc, pr;
    gr_error err = {0};
    assert_int_equal(gr_curve_bands(&m.p, 1, &o, &roc, &pr, &err), GR_OK);
    assert_true(isnan(roc.low[50]) && isnan(pr.high[50]) && isnan(roc.area.low) && isnan(roc.y[50]));
    m.p.groups = NULL;
    o.by_group = true;
    assert_int_equal(gr_curve_bands(&m.p, 1, &o, &roc, &pr, &err), GR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bands_are_those_of_repeated_rows),
                                       cmocka_unit_test(one_class_has_no_band)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
