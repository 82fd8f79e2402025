/* A graph of tests/parity/onnx with its input and what ONNX Runtime says of it. */
#ifndef TEST_ONNX_CASE_H
#define TEST_ONNX_CASE_H

/* Runs tests/parity/onnx/NAME.onnx and compares its outputs: shapes, and numbers to 2e-5. */
void test_onnx_case(const char *name);

#endif
