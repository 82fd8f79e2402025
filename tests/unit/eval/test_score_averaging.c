/* Scores of several images taken together: who belongs together, the means, labels that differ or are not known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/averaging.h"

static const char *const images[] = {"a", "b", "c", "d", "e"}, *const groups[] = {"r1", "r1", "r2", "r1", "r1"};
static const char *const values[] = {"s1", "s2", "s1", "s1", "s1"}, *const folds[] = {"x", "y"}, *const names[] = {"p", "q"};
static const int32_t fold[] = {0, 0, 1, 0, 1};
static const double truth[] = {1, 4, 2, 1, NAN, 0, 4, NAN, 3, 3}, predicted[] = {0.1, 1, 0.2, 2, 0.3, 3, 0.4, 4, 0.5, 5};

static gr_score_predictions make(void)
{
    return (gr_score_predictions){.count = 5,
                                  .outputs = 2,
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

static void units_have_means(void **state)
{
    (void)state;
    gr_score_predictions p = make();
    gr_averaged_scores a;
    gr_error err = {0};
    assert_int_equal(gr_average_scores(&p, "session", values, &a, &err), GR_OK);
    const gr_score_predictions *q = &a.predictions; /* rows 0 and 3; 1; 2; 4, of another fold */
    assert_true(q->count == 4 && q->outputs == 2);
    assert_string_equal(q->images[0], "r1 s1");
    assert_string_equal(q->images[2], "r2 s1");
    assert_true(a.sizes[0] == 2 && a.sizes[3] == 1 && q->fold[3] == 1);
    assert_true(q->truth[0] == 2.5 && q->truth[1] == 4 && isnan(q->truth[4]) && q->truth[5] == 0);
    assert_true(q->predicted[0] == (double)0.25f && q->predicted[1] == 2.5 && q->predicted[2] == (double)0.2f);
    gr_averaged_scores_free(&a);
    assert_int_equal(gr_average_scores(&p, "animal", groups, &a, &err), GR_OK);
    assert_string_equal(a.predictions.images[0], "r1"); /* the column is the group's own */
    gr_averaged_scores_free(&a);
}

static void results_hang_at_the_run(void **state)
{
    (void)state;
    gr_score_predictions p = make();
    gr_averaged_scores a;
    gr_results r;
    gr_error err = {0};
    gr_bootstrap_options options = {.count = 10, .level = 0.9, .by_group = true, .seed = 1};
    assert_int_equal(gr_score_results_make("run", &p, &r, &err), GR_OK);
    assert_int_equal(gr_average_scores(&p, "session", values, &a, &err), GR_OK);
    assert_int_equal(gr_results_average_scores(&r, &a, &options, &err), GR_OK);
    assert_string_equal(r.averaged_over, "session");
    assert_string_equal(r.averaged->name, "run, averaged over session");
    assert_int_equal(gr_score_whole(r.averaged->scores)->pooled.n, 3);
    assert_non_null(gr_score_whole(r.averaged->scores)->bootstrap);
    gr_averaged_scores_free(&a);
    gr_results_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_have_means),
        cmocka_unit_test(results_hang_at_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
