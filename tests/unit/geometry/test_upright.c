/* Faces upright by a rule or a template: what is looked at, and where it goes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "geometry/upright.h"

enum { POINTS = 4 };

/* Two eyes on a slant, a nose below them, and a point that no rule looks at. */
static const float face[2 * POINTS] = {10, 10, 20, 20, 10, 30, 500, 500};

static gr_upright by_rule(void)
{
    gr_upright u = {.size = 40, .margin = 0};
    u.rule.by = (gr_alignment){.left = {0}, .right = {1}, .frame = {0, 1, 2}, .left_count = 1, .right_count = 1, .frame_count = 3};
    return u;
}

static void at(const double m[6], int i, double to[2])
{
    to[0] = m[0] * (double)face[2 * i] + m[1] * (double)face[2 * i + 1] + m[2];
    to[1] = m[3] * (double)face[2 * i] + m[4] * (double)face[2 * i + 1] + m[5];
}

static void a_rule_levels_and_fills(void **state)
{
    (void)state;
    const gr_upright u = by_rule();
    double m[6], left[2], right[2];
    assert_true(gr_align_rule_needs(&u.rule) == 3);
    assert_true(gr_align_rule_uses(&u.rule, 2) && !gr_align_rule_uses(&u.rule, 3));
    assert_true(gr_upright_fit(&u, face, m));
    at(m, 0, left);
    at(m, 1, right);
    assert_true(fabs(left[1] - right[1]) < 1e-6 && left[0] < right[0]);
    double low = 1e9, high = -1e9;
    for (int i = 0; i < 3; i++) {
        double to[2];
        at(m, i, to);
        for (int k = 0; k < 2; k++) {
            low = fmin(low, to[k]);
            high = fmax(high, to[k]);
        }
    }
    assert_true(fabs(high - low - 40) < 1e-6);
}

static void a_template_is_met(void **state)
{
    (void)state;
    float shape[2 * POINTS]; /* the face turned by a quarter, doubled and moved; the last does not count */
    for (int i = 0; i < POINTS; i++) {
        shape[2 * i] = -2 * face[2 * i + 1] + 70;
        shape[2 * i + 1] = 2 * face[2 * i] + 3;
    }
    shape[6] = shape[7] = NAN;
    const gr_upright u = {.rule = {.is_template = true, .shape = shape, .landmarks = POINTS}, .size = 80};
    double m[6];
    assert_true(gr_align_rule_needs(&u.rule) == POINTS);
    assert_true(gr_align_rule_uses(&u.rule, 2) && !gr_align_rule_uses(&u.rule, 3) && !gr_align_rule_uses(&u.rule, POINTS));
    assert_true(gr_upright_fit(&u, face, m));
    for (int i = 0; i < 3; i++) {
        double to[2];
        at(m, i, to);
        assert_true(fabs(to[0] - (double)shape[2 * i]) < 1e-4 && fabs(to[1] - (double)shape[2 * i + 1]) < 1e-4);
    }
}

static void too_little_does_not_tell(void **state)
{
    (void)state;
    const gr_upright u = by_rule();
    float blind[2 * POINTS];
    double m[6];
    memcpy(blind, face, sizeof blind);
    blind[0] = blind[1] = NAN;
    assert_false(gr_upright_fit(&u, blind, m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_rule_levels_and_fills), cmocka_unit_test(a_template_is_met),
                                       cmocka_unit_test(too_little_does_not_tell)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
