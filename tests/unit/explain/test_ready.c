/* Samples as a model is asked about them: copies that are turned, or those that were given. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "explain/ready.h"
#include "geometry/upright.h"
#include "run/apply/align_rule.h"

static const float face[6] = {4, 8, 12, 8, 8, 14};

static void turned_ones_are_copies(void **state)
{
    (void)state;
    gr_upright upright = {.size = 16};
    gr_error err = {0};
    gr_ready ready;
    gr_sample samples[] = {{.path = "a.png", .points = face, .point_count = 3}, {.path = "b.png"}};
    assert_int_equal(gr_align_rule_read("1:2:1,2,3", "--by", 10, &upright.rule, &err), GR_OK);
    const gr_card card = {.guide = {.upright = &upright}};
    if (gr_ready_open(&card, "model", samples, 2, NULL, &ready, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_ptr_equal(ready.samples, ready.own);
    assert_int_equal(ready.samples[0].side, 16);
    assert_null(ready.problems[0]);
    assert_string_equal(ready.problems[1], "its landmarks do not tell how the face lies");
    assert_int_equal(samples[0].side, 0); /* theirs are as they were */
    gr_ready_close(&ready);
}

static void others_stay_as_they_are(void **state)
{
    (void)state;
    const gr_card card = {0};
    const gr_sample samples[] = {{.path = "a.png"}};
    gr_error err = {0};
    gr_ready ready;
    assert_int_equal(gr_ready_open(&card, "model", samples, 1, NULL, &ready, &err), GR_OK);
    assert_ptr_equal(ready.samples, samples);
    assert_null(ready.own);
    assert_null(ready.problems[0]);
    gr_ready_close(&ready);
}

static void no_landmarks_at_all_are_refused(void **state)
{
    (void)state;
    gr_upright upright = {.size = 16};
    gr_error err = {0};
    gr_ready ready;
    const gr_sample sample = {.path = "a.png"};
    assert_int_equal(gr_align_rule_read("1:2:1,2,3", "--by", 10, &upright.rule, &err), GR_OK);
    const gr_card card = {.guide = {.upright = &upright}};
    assert_int_equal(gr_ready_open(&card, "model", &sample, 1, NULL, &ready, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "model: turns faces upright by landmarks of a table"));
    gr_ready_close(&ready); /* also when it failed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(turned_ones_are_copies), cmocka_unit_test(others_stay_as_they_are),
                                       cmocka_unit_test(no_landmarks_at_all_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
