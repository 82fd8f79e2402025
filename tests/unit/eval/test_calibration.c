/* Numbers of calibration, and decisions, against scikit-learn and torchmetrics (tests/parity/make_calibration.py). */
#include <math.h>

#include "base/base.h"
#include "grimace/calibration.h"
#include "support/reference.h"

enum { MOST = 300, CLASSES = 5 };

static void numbers_are_those_of_other_libraries(void **state)
{
    (void)state;
    test_reference ref = test_reference_open("tests/parity/eval/calibration.txt");
    static int32_t labels[MOST], predicted[MOST];
    static float p[MOST * CLASSES];
    int cases = 0;
    for (; test_reference_next(&ref); cases++) {
        int64_t rows, cells;
        const double *k = test_reference_get(&ref, "classes", 2, NULL),
                     *label = test_reference_get(&ref, "labels", 1, &rows);
        const double *probability = test_reference_get(&ref, "probabilities", 1, &cells);
        int count = (int)k[0];
        assert_true(rows <= MOST && count <= CLASSES && cells == rows * count);
        for (int64_t i = 0; i < cells; i++)
            p[i] = (float)probability[i];
        for (int64_t i = 0; i < rows; i++) {
            labels[i] = (int32_t)label[i];
            predicted[i] = gr_predict_class(p + i * count, count);
        }
        gr_calibration c;
        gr_error err = {0};
        assert_int_equal(gr_calibration_compute(labels, predicted, p, rows, count, (int)k[1], &c, &err), GR_OK);
        test_reference_expect(&ref, "numbers", c.value, GR_CALIBRATION_NUMBERS, 1e-6); /* torchmetrics sums in floats */
        int64_t n = 0;
        for (int b = 0; b < GR_CALIBRATION_BINS; b++)
            n += c.bins[b].count;
        assert_int_equal(n, rows);
    }
    test_reference_close(&ref);
    assert_int_equal(cases, 7);
}

/* Six rows, of which the surest are right: what is kept by hand. */
static void the_least_sure_are_left_out_first_and_equals_together(void **state)
{
    (void)state;
    const int32_t labels[6] = {1, 1, 0, 0, 1, 0}, predicted[6] = {1, 1, 0, 1, 0, 1};
    const float p[12] = {0.1f, 0.9f, 0.2f, 0.8f, 0.7f, 0.3f, 0.4f, 0.6f, 0.6f, 0.4f, 0.45f, 0.55f};
    gr_calibration c;
    gr_error err = {0};
    assert_int_equal(gr_calibration_compute(labels, predicted, p, 6, 2, 1, &c, &err), GR_OK);
    assert_true(fabs(c.accuracy[0] - 0.5) < 1e-12);  /* all */
    assert_true(fabs(c.accuracy[4] - 0.6) < 1e-12);  /* 0.8: five, the equal 0.6 together */
    assert_true(fabs(c.accuracy[10] - 1.0) < 1e-12); /* 0.5: the three surest */
    assert_true(fabs(c.area - (0.0 + 0.0 + 0.0 + 2 * 0.4 + 0.5) / 6.0) < 1e-12);
    assert_int_equal(gr_calibration_compute(labels, predicted, p, 0, 2, 1, &c, &err), GR_OK);
    assert_true(isnan(c.value[GR_BRIER]) && isnan(c.value[GR_LOG_LOSS]) && isnan(c.value[GR_ECE]) && isnan(c.area));
}

static void a_threshold_parts_positives_from_negatives(void **state)
{
    (void)state;
    const int32_t labels[6] = {0, 0, 1, 0, 1, 1};
    const float p[12] = {0.9f, 0.1f, 0.8f, 0.2f, 0.7f, 0.3f, 0.65f, 0.35f, 0.5f, 0.5f, 0.2f, 0.8f};
    double at;
    gr_error err = {0};
    /* from 0.3 on: 3 of 3 against 1 of 3; from 0.5 on: 2 of 3 against none: equals, and the smaller one is taken */
    assert_int_equal(gr_youden_threshold(labels, p, 6, 2, 1, &at, &err), GR_OK);
    assert_true(at == (double)0.3f);
    assert_int_equal(gr_youden_threshold(labels, p, 2, 2, 1, &at, &err), GR_OK);
    assert_true(isnan(at));
}

static void the_least_sure_share_is_cut_off(void **state)
{
    (void)state;
    const int32_t predicted[5] = {0, 0, 1, 1, 1};
    const float p[10] = {0.9f, 0.1f, 0.8f, 0.2f, 0.3f, 0.7f, 0.4f, 0.6f, 0.4f, 0.6f};
    double below;
    gr_error err = {0};
    assert_int_equal(gr_unsure_below(predicted, p, 5, 2, 0.2, &below, &err), GR_OK);
    assert_true(below == (double)0.6f); /* two are that unsure, and one alone is not left out */
    assert_int_equal(gr_unsure_below(predicted, p, 5, 2, 0.4, &below, &err), GR_OK);
    assert_true(below == (double)0.7f);
    assert_int_equal(gr_unsure_below(predicted, p, 5, 2, 1.0, &below, &err), GR_OK);
    assert_true(isinf(below));
    assert_int_equal(gr_unsure_below(predicted, p, 0, 2, 0.1, &below, &err), GR_OK);
    assert_true(isnan(below));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_other_libraries),
        cmocka_unit_test(the_least_sure_are_left_out_first_and_equals_together),
        cmocka_unit_test(a_threshold_parts_positives_from_negatives),
        cmocka_unit_test(the_least_sure_share_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
