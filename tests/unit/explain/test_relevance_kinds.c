#include "explain/relevance_kinds.h"

#include <string.h>

#include "ops/ops.h"
#include "support/support.h"

/* Operators with a form in ONNX are those of inference: each has a kind, and losses have none. */
static void every_operator_of_inference_has_a_kind(void **state)
{
    (void)state;
    for (const gr_op_type *const *type = gr_op_types; *type != NULL; type++) {
        const gr_relevance_kind *kind = gr_relevance_kind_of(*type);
        if ((kind != NULL) != ((*type)->onnx != NULL))
            fail_msg("%s %s", (*type)->name,
                     kind != NULL ? "is no operator of inference" : "has no kind in relevance_kinds.c");
        assert_true(kind == NULL || (kind->type == *type && (kind->run != NULL || kind->refusal != NULL)));
    }
}

static void numbers_stay_above_0(void **state)
{
    (void)state;
    const bool both[] = {true, true}, one[] = {true, false};
    gr_op op = {.type = &gr_op_add, .in_count = 2};
    assert_true(gr_relevance_stays_above(&op, both));
    assert_false(gr_relevance_stays_above(&op, one));
    op.type = &gr_op_relu;
    assert_true(gr_relevance_stays_above(&op, (bool[]){false, false}));
    op.type = &gr_op_silu;
    assert_false(gr_relevance_stays_above(&op, both));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_operator_of_inference_has_a_kind),
        cmocka_unit_test(numbers_stay_above_0),
    };
    return cmocka_run_group_tests_name("kinds of operators for relevance", tests, NULL, NULL);
}
