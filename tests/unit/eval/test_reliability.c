/* Calibration error and risk against coverage, counted in a plain way. */
#include <math.h>

#include "eval/reliability.h"
#include "support/support.h"

enum { ROWS = 200 };

typedef struct made {
    int32_t labels[ROWS], predicted[ROWS];
    float probabilities[3 * ROWS];
    gr_predictions p;
} made;

static void make(made *m)
{
    for (int i = 0; i < ROWS; i++) {
        float top = 0.34f + 0.66f * (0.5f + 0.5f * test_number(11, (uint32_t)i));
        top = (float)(ceil(top * 60.0) / 60.0); /* many on the edges of the bins, many equal */
        m->predicted[i] = i % 3;
        m->labels[i] = test_number(12, (uint32_t)i) + 1.0f < 1.8f * top ? i % 3 : (i + 1) % 3;
        for (int k = 0; k < 3; k++)
            m->probabilities[3 * i + k] = k == i % 3 ? top : (1.0f - top) / 2.0f;
    }
    m->p = (gr_predictions){
        .count = ROWS, .class_count = 3, .labels = m->labels, .predicted = m->predicted, .probabilities = m->probabilities};
}

static void bins_are_closed_on_the_right(void **state)
{
    (void)state;
    made m;
    make(&m);
    gr_reliability r;
    gr_reliability_make(&m.p, &r);
    double ece = 0.0;
    int64_t all = 0;
    for (int b = 0; b < GR_RELIABILITY_BINS; b++) {
        double sum = 0.0, right = 0.0, n = 0.0;
        for (int i = 0; i < ROWS; i++) {
            double p = m.probabilities[3 * i + m.predicted[i]];
            if (p * 15.0 > b && p * 15.0 <= b + 1) {
                sum += p;
                right += m.predicted[i] == m.labels[i];
                n += 1.0;
            }
        }
        assert_int_equal(r.count[b], (int64_t)n);
        all += r.count[b];
        if (n > 0.0) {
            assert_true(fabs(r.confidence[b] - sum / n) < 1e-12 && fabs(r.accuracy[b] - right / n) < 1e-12);
            ece += fabs(right - sum) / ROWS;
        } else {
            assert_true(isnan(r.confidence[b]) && isnan(r.accuracy[b]));
        }
    }
    assert_int_equal(all, ROWS);
    assert_true(ece > 0.01 && fabs(r.ece - ece) < 1e-12);
}

static void coverage_takes_the_most_sure_first(void **state)
{
    (void)state;
    made m;
    make(&m);
    gr_coverage c;
    gr_error err = {0};
    assert_int_equal(gr_coverage_make(&m.p, &c, &err), GR_OK);
    double area = 0.0, before = 0.0;
    for (int64_t k = 0; k < c.count; k++) {
        int n = (int)llround(c.coverage[k] * ROWS), right = 0;
        double least = 2.0;
        /* the n most sure are those above some probability: find it by counting */
        for (int i = 0; i < ROWS; i++) {
            double p = m.probabilities[3 * i + m.predicted[i]];
            int above = 0;
            for (int j = 0; j < ROWS; j++)
                above += m.probabilities[3 * j + m.predicted[j]] >= p;
            if (above <= n && p < least)
                least = p;
        }
        int taken = 0;
        for (int i = 0; i < ROWS; i++)
            if (m.probabilities[3 * i + m.predicted[i]] >= least) {
                taken++;
                right += m.predicted[i] == m.labels[i];
            }
        assert_int_equal(taken, n);
        assert_true(fabs(c.accuracy[k] - (double)right / n) < 1e-12);
        area += (c.coverage[k] - before) * (1.0 - c.accuracy[k]);
        before = c.coverage[k];
    }
    assert_true(before == 1.0 && c.count > 10 && c.count < ROWS);
    assert_true(fabs(c.area - area) < 1e-12);
    assert_true(gr_coverage_at(&c, 1.0) == c.accuracy[c.count - 1]);
    assert_true(isnan(gr_coverage_at(&c, 1.1)));
    gr_coverage_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bins_are_closed_on_the_right),
                                       cmocka_unit_test(coverage_takes_the_most_sure_first)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
