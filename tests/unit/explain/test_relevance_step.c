/* Which rule a layer follows: by its place and by its input. */
#include "explain/relevance_step.h"

#include "support/support.h"

static void the_first_layer_and_dense_ones_have_their_own(void **state)
{
    (void)state;
    const gr_relevance_rules rules = {0};
    gr_relevance_step step = {.rules = &rules};
    step.call.in[0].shape = gr_shape4(1, 4, 4, 3);
    assert_ptr_equal(gr_relevance_rule_of(&step), &rules.convolution);
    step.call.in[0].shape = gr_shape2(1, 48);
    assert_ptr_equal(gr_relevance_rule_of(&step), &rules.dense);
    step.first = true;
    assert_ptr_equal(gr_relevance_rule_of(&step), &rules.first);
}

static void operands_are_counted_whole(void **state)
{
    (void)state;
    const gr_operand map = {.shape = gr_shape4(2, 5, 7, 3)}, scalar = {0};
    assert_int_equal(gr_relevance_elements(&map), 210);
    assert_int_equal(gr_relevance_elements(&scalar), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_layer_and_dense_ones_have_their_own),
        cmocka_unit_test(operands_are_counted_whole),
    };
    return cmocka_run_group_tests_name("steps of relevance", tests, NULL, NULL);
}
