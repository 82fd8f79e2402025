/* Operators that move numbers, as ONNX Runtime has them. */
#include "support/onnx_case.h"
#include "support/support.h"

static void as_onnx_runtime(void **state)
{
    (void)state;
    static const char *const cases[] = {"s_concat",     "s_dropout",       "s_flatten",  "s_gather",  "s_pad",
                                        "s_pad_cut",    "s_reshape",       "s_shape",    "s_slice",   "s_slice9",
                                        "s_slice_back", "s_split",         "s_split11",  "s_squeeze", "s_squeeze11",
                                        "s_transpose",  "s_transpose_all", "s_unsqueeze"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        test_onnx_case(cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_onnx_runtime)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
