/* Boxes of several kinds in folds: each kind's numbers are those of its boxes alone; the score parts found from not found.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/box_results.h"

static const gr_kind_box truths_a[] = {{{0, 0, 10, 10}, 0, 0}, {{2, 2, 3, 3}, 0, 1}},
                         truths_b[] = {{{20, 20, 10, 10}, 0, 0}};
static const gr_kind_box found_a[] = {{{0, 0, 10, 10}, 0.9, 0}, {{50, 50, 5, 5}, 0.8, 0}, {{2, 2, 3, 3}, 0.25, 1}},
                         found_b[] = {{{20, 20, 10, 10}, 0.25, 0}};
static const gr_box_case cases[] = {{truths_a, 2, found_a, 3}, {truths_b, 1, found_b, 1}, {NULL, 0, NULL, 0}};
static const char *const kinds[] = {"face", "eye"}, *const folds[] = {"1", "2"}, *const images[] = {"a", "b", "c"};
static const int32_t fold[] = {0, 1, 1};

static void kind_by_kind(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_box_numbers n;
    assert_int_equal(gr_box_numbers_of_kind(cases, NULL, 3, 0, 0.5, &n, &err), GR_OK);
    assert_true(n.images == 3 && n.truths == 2 && n.found == 2 && n.matched == 1 && n.empty == 2);
    assert_true(n.recall == 0.5 && n.precision == 0.5 && n.mean_iou == 0.5);
    /* average precision reads all: hit, miss, hit at recalls 1/2, 1/2, 1 */
    assert_true(fabs(n.ap50 - (51 + 50 * 2.0 / 3) / 101) < 1e-9 && fabs(n.voc - (0.5 + 0.5 * 2 / 3)) < 1e-9);
    assert_int_equal(gr_box_numbers_of_kind(cases, NULL, 3, 1, 0.5, &n, &err), GR_OK);
    assert_true(n.truths == 1 && n.found == 0 && n.recall == 0 && isnan(n.precision) && fabs(n.ap50 - 1) < 1e-9);
}

static void of_a_run(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_results r;
    const gr_box_predictions p = {.count = 3,
                                  .kind_count = 2,
                                  .kinds = kinds,
                                  .score = 0.5,
                                  .fold_count = 2,
                                  .folds = folds,
                                  .images = images,
                                  .fold = fold,
                                  .cases = cases,
                                  .known = true};
    assert_int_equal(gr_box_results_make("x", &p, &r, &err), GR_OK);
    const gr_box_results *b = r.boxes;
    assert_true(b->kind_count == 2 && strcmp(b->kinds[1], "eye") == 0);
    assert_true(b->each[0].recall == 1 && b->each[2].recall == 0 && b->each[4].recall == 0.5);
    assert_true(isnan(b->each[3].recall)); /* no eye in the second fold */
    assert_true(b->mean[GR_BOX_RECALL] == 0.5 && fabs(b->std[GR_BOX_RECALL] - sqrt(0.5)) < 1e-12);
    assert_string_equal(gr_box_metric_name(GR_BOX_MEAN_IOU), "mean_iou");
    assert_true(gr_box_metric_of(&b->each[4], GR_BOX_VOC) == b->each[4].voc);
    gr_results_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kind_by_kind), cmocka_unit_test(of_a_run)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
