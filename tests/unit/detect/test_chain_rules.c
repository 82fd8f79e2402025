/* Rules between two parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/steps.h"

static bool holds(const char *name, gr_found a, gr_found b, double low, double high)
{
    int numbers = -1;
    gr_chain_holds *rule = gr_chain_rule_named(name, &numbers);
    assert_non_null(rule);
    assert_true(numbers >= 0 && numbers <= 2);
    return rule(&a, &b, low, high);
}

static void hold_or_not(void **state)
{
    (void)state;
    const gr_found ear = {0, 0, 20, 20, 1, ""}, eye = {5, 30, 10, 10, 1, ""}, other = {40, 2, 20, 20, 1, ""};
    assert_true(holds("above", ear, eye, 0, 0) && !holds("above", eye, ear, 0, 0));
    assert_true(holds("left_of", ear, other, 0, 0) && !holds("left_of", other, ear, 0, 0));
    assert_true(holds("size", ear, eye, 1.5, 2) && !holds("size", eye, ear, 1.5, 2));
    assert_true(holds("distance", ear, eye, 2.4, 2.6) && !holds("distance", ear, eye, 0, 2.4));
    assert_true(holds("level", ear, other, 0, 5) && !holds("level", ear, eye, 0, 45));
    assert_true(holds("overlap", ear, eye, 0, 0) && !holds("overlap", ear, ear, 0, 0.9));
    assert_null(gr_chain_rule_named("beside", &(int){0}));
    assert_non_null(strstr(gr_chain_rule_names(), "above"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hold_or_not)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
