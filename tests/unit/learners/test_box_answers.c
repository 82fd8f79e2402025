/* Found boxes as floats: written, read, joined over models. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "learners/box_answers.h"

static float answers[3][GR_BOX_ANSWER];

static void the_best_are_kept_in_order(void **state)
{
    (void)state;
    gr_kind_box boxes[130], back[GR_BOXES_MOST];
    for (int i = 0; i < 130; i++)
        boxes[i] = (gr_kind_box){{i, 2 * i, 10, 20}, (double)(i * 37 % 130) / 128, i % 3};
    gr_box_answer_put(boxes, 130, answers[0]);
    assert_int_equal(gr_box_answer_get(answers[0], back), GR_BOXES_MOST);
    for (int i = 1; i < GR_BOXES_MOST; i++)
        assert_true(back[i].score <= back[i - 1].score);
    assert_true(back[0].score == 129.0 / 128 && back[0].box.y == 2 * back[0].box.x);
    assert_true(gr_box_answer_best(answers[0], back[0].kind) == back[0].score);
    gr_box_answer_put(boxes, 0, answers[0]);
    assert_int_equal(gr_box_answer_get(answers[0], back), 0);
    assert_true(gr_box_answer_best(answers[0], 0) == 0);
}

static void those_that_cover_each_other_go(void **state)
{
    (void)state;
    gr_kind_box boxes[] = {
        {{0, 0, 10, 10}, 0.9, 0}, {{1, 0, 10, 10}, 0.8, 0}, {{1, 0, 10, 10}, 0.7, 1}, {{20, 0, 10, 10}, 0.6, 0}};
    assert_int_equal(gr_box_suppress(boxes, 4, 0.5), 3);
    assert_true(boxes[1].kind == 1 && boxes[2].box.x == 20);
}

static void models_agree(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_kind_box a[] = {{{0, 0, 10, 10}, 0.75, 0}, {{50, 50, 10, 10}, 0.25, 0}}, b[] = {{{1, 0, 10, 10}, 0.25, 0}},
                c[] = {{{0, 0, 10, 10}, 0.5, 1}}, out[GR_BOXES_MOST];
    float joined[GR_BOX_ANSWER];
    gr_box_answer_put(a, 2, answers[0]);
    gr_box_answer_put(b, 1, answers[1]);
    gr_box_answer_put(c, 1, answers[2]);
    const float *const all[] = {answers[0], answers[1], answers[2]};
    assert_int_equal(gr_box_answers_join(all, 3, joined, &err), GR_OK);
    assert_int_equal(gr_box_answer_get(joined, out), 3);
    assert_true(fabs(out[0].score - 1.0 / 3) < 1e-6 && fabs(out[0].box.x - 0.25) < 1e-6 && out[0].kind == 0);
    assert_true(fabs(out[1].score - 0.5 / 3) < 1e-6 && out[1].kind == 1);
    assert_true(fabs(out[2].score - 0.25 / 3) < 1e-6 && out[2].box.x == 50);
    /* one model alone says what it says */
    assert_int_equal(gr_box_answers_join(all, 1, joined, &err), GR_OK);
    assert_memory_equal(joined, answers[0], sizeof joined);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_best_are_kept_in_order),
                                       cmocka_unit_test(those_that_cover_each_other_go), cmocka_unit_test(models_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
