/* Totals of scores: Youden's threshold against a search over all, and the agreement with the true totals. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "run/several/totals.h"

enum { MOST = 60 };

static double youden(const double *totals, const uint8_t *positive, int64_t count, double threshold)
{
    double right[2] = {0}, all[2] = {0};
    for (int64_t i = 0; i < count; i++) {
        all[positive[i]]++;
        right[positive[i]] += (totals[i] >= threshold) == (positive[i] == 1);
    }
    return right[0] / all[0] + right[1] / all[1];
}

static void threshold_is_the_best_and_the_lowest(void **state)
{
    (void)state;
    double totals[MOST], found;
    uint8_t positive[MOST];
    for (uint32_t round = 0; round < 500; round++) {
        gr_rng rng = gr_rng_make(5, GR_FOR_TEST, 0, round);
        int64_t count = 2 + (int64_t)gr_rng_below(&rng, MOST - 2);
        for (int64_t i = 0; i < count; i++) {
            positive[i] = i < 2 ? (uint8_t)i : (uint8_t)gr_rng_below(&rng, 2);
            totals[i] = (double)gr_rng_below(&rng, 8) + positive[i];
        }
        assert_true(gr_totals_threshold(totals, positive, count, &found));
        bool present = false;
        for (int64_t i = 0; i < count; i++) {
            double mine = youden(totals, positive, count, found), other = youden(totals, positive, count, totals[i]);
            present = present || totals[i] == found;
            assert_true(other <= mine + 1e-12);
            if (fabs(other - mine) < 1e-12)
                assert_true(totals[i] >= found);
        }
        assert_true(present);
    }
    memset(positive, 1, sizeof positive);
    assert_false(gr_totals_threshold(totals, positive, 5, &found));
    assert_false(gr_totals_threshold(totals, positive, 0, &found));
}

static void agreement_by_hand(void **state)
{
    (void)state;
    static const double truth[] = {0, 1, 2, 4, 10}, predicted[] = {1, 1, 3, 4, 7};
    gr_totals t;
    gr_agreement_of_totals a;
    gr_error err = {0};
    assert_int_equal(gr_totals_open(5, 2, &t, &err), GR_OK);
    memcpy(t.truth, truth, sizeof truth);
    memcpy(t.predicted, predicted, sizeof predicted);
    t.threshold[0] = 3;
    t.threshold[1] = 4;
    assert_int_equal(gr_totals_agreement(&t, &a, &err), GR_OK);
    assert_true(fabs(a.mae - 1.0) < 1e-12);             /* (1 + 0 + 1 + 0 + 3) / 5 */
    assert_true(fabs(a.rmse - sqrt(11.0 / 5)) < 1e-12); /* 1 + 1 + 9 */
    assert_true(fabs(a.exact - 0.4) < 1e-12);
    assert_true(fabs(a.limits.bias + 0.2) < 1e-12); /* predicted - true: (1 + 0 + 1 + 0 - 3) / 5 */
    assert_true(a.pearson.r > 0.97 && a.pearson.r < 0.99);
    assert_true(a.line.slope > 1); /* true over predicted */
    static const char *const folds[] = {"1", "2"};
    json_t *json = gr_totals_json(&t, &a, folds, 0, 10);
    assert_true(json_real_value(json_object_get(json_object_get(json, "thresholds"), "2")) == 4);
    assert_true(json_is_array(json_object_get(json_object_get(json, "bland_altman"), "upper_interval")));
    json_decref(json);
    gr_text text = {0};
    gr_totals_table(&t, &a, &text);
    assert_non_null(strstr(text.data, "bias -0.2000, 95 % limits of agreement"));
    assert_non_null(strstr(text.data, "positive from a total of 3 on (up to 4, by fold)"));
    gr_text_free(&text);
    gr_totals_free(&t);
}

static void what_is_undefined_is_no_number(void **state)
{
    (void)state;
    gr_totals t;
    gr_agreement_of_totals a;
    gr_error err = {0};
    gr_text text = {0};
    assert_int_equal(gr_totals_open(3, 1, &t, &err), GR_OK);
    assert_int_equal(gr_totals_agreement(&t, &a, &err), GR_OK);
    gr_totals_table(&t, &a, &text);
    assert_non_null(strstr(text.data, "Pearson -, Spearman -"));
    gr_text_free(&text);
    gr_totals_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threshold_is_the_best_and_the_lowest),
        cmocka_unit_test(agreement_by_hand),
        cmocka_unit_test(what_is_undefined_is_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
