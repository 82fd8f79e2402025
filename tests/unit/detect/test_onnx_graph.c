/* Graphs that cannot be run: one sentence each, nothing is left behind; the same numbers for any number of threads. */
#include <string.h>

#include "base/base.h"
#include "detect/onnx_graph.h"
#include "support/support.h"

static void unknown_operators(void **state)
{
    (void)state;
    gr_onnx_graph *g = NULL;
    gr_error err = {0};
    assert_int_equal(gr_onnx_graph_open("tests/parity/onnx/operator.onnx", &g, &err), GR_INVALID);
    assert_string_equal(err.text, "tests/parity/onnx/operator.onnx: the operator Erf of the node strange is not known here");
}

static void shapes_that_do_not_go_together(void **state)
{
    (void)state;
    gr_onnx_graph *g = NULL;
    gr_error err = {0};
    gr_nd input, output;
    assert_int_equal(gr_onnx_graph_open("tests/parity/onnx/m_conv.onnx", &g, &err), GR_OK);
    assert_int_equal(gr_nd_make(&input, 4, (int64_t[]){1, 3, 9, 9}, &err), GR_OK);
    memset(input.values, 0, (size_t)input.count * sizeof *input.values);
    assert_int_equal(gr_onnx_graph_run(g, &input, &output, &err), GR_INVALID);
    assert_string_equal(err.text,
                        "tests/parity/onnx/m_conv.onnx: the node m_conv (Conv): [1, 3, 9, 9] by weights [6, 4, 3, 3] in 1 "
                        "groups do not go together");
    assert_null(output.values);
    gr_free(input.values);
    gr_onnx_graph_close(g);
    assert_int_equal(gr_nd_make(&input, 2, (int64_t[]){1 << 20, 1 << 20}, &err), GR_INVALID);
}

static void the_same_for_any_threads(void **state)
{
    (void)state;
    gr_onnx_graph *g = NULL;
    gr_error err = {0};
    gr_nd input, outputs[2];
    assert_int_equal(gr_onnx_graph_open("tests/parity/onnx/m_conv.onnx", &g, &err), GR_OK);
    assert_int_equal(gr_nd_make(&input, 4, (int64_t[]){1, 4, 80, 90}, &err), GR_OK);
    for (int64_t i = 0; i < input.count; i++)
        input.values[i] = (float)(i * 37 % 101) / 50.0f - 1;
    for (int i = 0; i < 2; i++) {
        gr_threads_set(1 + 2 * i);
        assert_int_equal(gr_onnx_graph_run(g, &input, &outputs[i], &err), GR_OK);
    }
    assert_memory_equal(outputs[0].values, outputs[1].values, (size_t)outputs[0].count * sizeof(float));
    gr_free(outputs[0].values);
    gr_free(outputs[1].values);
    gr_free(input.values);
    gr_onnx_graph_close(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(unknown_operators), cmocka_unit_test(shapes_that_do_not_go_together),
                                       cmocka_unit_test(the_same_for_any_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
