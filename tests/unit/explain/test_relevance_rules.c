#include "explain/relevance_rules.h"

#include <string.h>

#include "support/support.h"

static gr_relevance_rules parsed(const char *text)
{
    gr_error err = {0};
    gr_relevance_rules rules;
    if (gr_relevance_rules_parse(text, &rules, &err) != GR_OK)
        fail_msg("%s: %s", text, err.text);
    return rules;
}

static void every_name_is_read(void **state)
{
    (void)state;
    int count = 0;
    for (; gr_relevance_rules_name(count) != NULL; count++)
        assert_true(parsed(gr_relevance_rules_name(count)).dense.count >= 1);
    assert_int_equal(count, 13);
}

static void numbers_stand_behind_a_colon(void **state)
{
    (void)state;
    assert_true(parsed("epsilon:0.5").convolution.eps == 0.5);
    assert_true(parsed("epsilon").dense.eps == 1e-6);
    assert_true(parsed("gamma:0.75").first.sets[0].parts[0].plus == 1.75);
    gr_relevance_rules rules = parsed("alpha_beta:3,2");
    assert_true(rules.dense.count == 2 && rules.dense.sets[0].factor == 3.0 && rules.dense.sets[1].factor == -2.0);
    assert_int_equal(parsed("alpha_beta:1,0").dense.count, 1);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } wrong[] = {
        {"epsilom", "did you mean 'epsilon'"}, {"", "unknown rules ''"},         {"epsilon:", "one number"},
        {"epsilon:1,2", "one number"},         {"epsilon:-1", "at least 0"},     {"gamma:x", "one number"},
        {"gamma:inf", "one number"},           {"alpha_beta:2", "alpha - 1"},    {"alpha_beta:2,2", "alpha - 1"},
        {"flat:1", "none would be right"},     {"alpha_beta:2,", "two numbers"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        gr_error err = {0};
        gr_relevance_rules rules;
        assert_int_equal(gr_relevance_rules_parse(wrong[i].text, &rules, &err), GR_INVALID);
        if (strstr(err.text, wrong[i].words) == NULL)
            fail_msg("%s: %s lacks %s", wrong[i].text, err.text, wrong[i].words);
    }
}

static void epsilon_is_of_the_epsilon_rule(void **state)
{
    (void)state;
    gr_relevance_rules rules = parsed("epsilon_gamma_box");
    assert_true(gr_relevance_rules_set_epsilon(&rules, 0.25));
    assert_true(rules.dense.eps == 0.25 && rules.convolution.eps == 1e-6);
    rules = parsed("flat");
    assert_false(gr_relevance_rules_set_epsilon(&rules, 0.25));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_is_read),
        cmocka_unit_test(numbers_stand_behind_a_colon),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(epsilon_is_of_the_epsilon_rule),
    };
    return cmocka_run_group_tests_name("rules of relevance", tests, NULL, NULL);
}
