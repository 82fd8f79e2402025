/* Operators on maps: convolution, pooling, normalisation, other sizes, as ONNX Runtime has them. */
#include "support/onnx_case.h"
#include "support/support.h"

static void as_onnx_runtime(void **state)
{
    (void)state;
    static const char *const cases[] = {"m_average",
                                        "m_average_all",
                                        "m_average_ceil",
                                        "m_ceil",
                                        "m_conv",
                                        "m_depthwise",
                                        "m_dilated",
                                        "m_global_average",
                                        "m_global_max",
                                        "m_max",
                                        "m_norm",
                                        "m_resize_linear_align_corners",
                                        "m_resize_linear_half_pixel",
                                        "m_resize_linear_pytorch_half_pixel",
                                        "m_resize_nearest_asymmetric",
                                        "m_resize_nearest_half_pixel",
                                        "m_resize_sizes",
                                        "m_same",
                                        "m_upsample"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        test_onnx_case(cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_onnx_runtime)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
