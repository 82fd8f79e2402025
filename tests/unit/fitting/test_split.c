/* Kinds of boosting by numbers worked out by hand, and the best split of a feature. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fitting/split.h"

static void boosts(void **state)
{
    (void)state;
    const gr_boosting *gentle = gr_boosting_find("gentle"), *discrete = gr_boosting_find("discrete");
    const gr_sides sides = {{0.1, 0.4}, {0.3, 0.2}}; /* left: 0.1 of positives, 0.3 of negatives */
    float leaves[2];
    assert_null(gr_boosting_find("real"));
    assert_true(fabs(gentle->gain(&sides) - (0.04 / 0.4 + 0.04 / 0.6)) < 1e-12);
    gentle->leaves(&sides, leaves);
    assert_true(fabsf(leaves[0] + 0.5f) < 1e-6f && fabsf(leaves[1] - 0.2f / 0.6f) < 1e-6f);
    assert_true(fabs(discrete->gain(&sides) - 0.4) < 1e-12); /* right is right with 0.7, wrong with 0.3 */
    discrete->leaves(&sides, leaves);
    assert_true(fabs((double)leaves[1] - 0.5 * log(0.7 / 0.3)) < 1e-6);
    assert_true(leaves[0] == -leaves[1]);
    const gr_sides turned = {{0.4, 0.1}, {0.2, 0.3}}; /* left is the side of positives */
    discrete->leaves(&turned, leaves);
    assert_true(fabs((double)leaves[0] - 0.5 * log(0.7 / 0.3)) < 1e-6);
}

/* Six windows of 6 x 6: the left half of positives is bright, that of negatives dark, all but one by different amounts. */
static void splits(void **state)
{
    (void)state;
    uint8_t pixels[6][36];
    const int left[6] = {200, 180, 90, 60, 40, 20};
    for (int w = 0; w < 6; w++)
        for (int i = 0; i < 36; i++)
            pixels[w][i] = (uint8_t)(i % 6 < 3 ? left[w] : 100 + i % 2);
    gr_patches positives = {6, 6, 3, pixels[0]}, negatives = {6, 6, 3, pixels[3]};
    gr_samples s;
    gr_cascade_feature edge = {.count = 2, .rects = {{0, 0, 6, 6, -1}, {0, 0, 3, 6, 2}}};
    assert_int_equal(gr_samples_make(GR_CASCADE_HAAR, false, &positives, &negatives, &s, NULL), GR_OK);
    float weights[6], leaves[2], values[32];
    for (int i = 0; i < 6; i++)
        weights[i] = 1.0f / 6;
    gr_cascade_node node;
    assert_int_equal(gr_split_find(gr_boosting_find("gentle"), &s, &edge, weights, &node, leaves, NULL), GR_OK);
    gr_samples_haar(&s, &edge, values);
    int right = 0;
    for (int i = 0; i < 6; i++)
        right += (values[i] < node.threshold) == (i >= 3);
    assert_int_equal(right, 6);
    assert_true(leaves[0] == -1 && leaves[1] == 1);
    gr_samples_free(&s);

    gr_cascade_feature lbp = {.count = 1, .rects = {{0, 0, 2, 2, 0}}};
    assert_int_equal(gr_samples_make(GR_CASCADE_LBP, false, &positives, &negatives, &s, NULL), GR_OK);
    uint8_t patterns[32];
    assert_int_equal(gr_split_find(gr_boosting_find("gentle"), &s, &lbp, weights, &node, leaves, NULL), GR_OK);
    gr_samples_lbp(&s, &lbp, patterns);
    assert_true(patterns[0] != patterns[3] && patterns[0] == patterns[1]);
    assert_int_equal(node.subset[patterns[0] / 32] >> patterns[0] % 32 & 1, 0);
    assert_int_equal(node.subset[patterns[3] / 32] >> patterns[3] % 32 & 1, 1);
    assert_true(leaves[0] < leaves[1]);
    gr_samples_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(boosts), cmocka_unit_test(splits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
