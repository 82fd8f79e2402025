/* Operators on single numbers, and products, as ONNX Runtime has them. */
#include "support/onnx_case.h"
#include "support/support.h"

static void as_onnx_runtime(void **state)
{
    (void)state;
    static const char *const cases[] = {"n_add",   "n_clip",        "n_clip6",     "n_div",       "n_exp",       "n_gemm",
                                        "n_gemm2", "n_hardsigmoid", "n_hardswish", "n_leakyrelu", "n_matmul",    "n_matmul2",
                                        "n_max",   "n_mean",        "n_min",       "n_mul",       "n_neg",       "n_pow",
                                        "n_prelu", "n_relu",        "n_sigmoid",   "n_softmax",   "n_softmax11", "n_sqrt",
                                        "n_sub",   "n_tanh"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        test_onnx_case(cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_onnx_runtime)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
