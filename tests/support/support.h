/* What several tests share: numbers that Python makes too, a scalar on any value, graphs run with few lines. */
#ifndef GR_TEST_SUPPORT_H
#define GR_TEST_SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "graph/op.h"
#include "grimace/plan.h"

/* Number i of stream `stream` in [-1, 1): a 32-bit integer hash, the same in tests/parity/common.py. */
float test_number(uint32_t stream, uint32_t i);
void test_fill(float *out, int64_t count, uint32_t stream, float scale);

/* sum(y * r) over all elements: a scalar with the gradient r for y. */
gr_value *test_dot(gr_graph *g, gr_value *y, gr_value *r, const char *name);

/* One graph compiled for training with its parameters, for tests: fails the test when anything fails. */
typedef struct test_run {
    gr_params *params;
    gr_workspace *workspace;
    gr_plan *plan;
} test_run;
test_run test_compile(const gr_graph *g, gr_value *loss, const gr_value *const *keep, int keep_count, int64_t batch, bool fusion);
void test_run_destroy(test_run *run);

/* |a - b| <= limit * max(1e-30, largest |b|) for all elements; false with NaN. */
bool test_close(const float *a, const float *b, int64_t count, double limit);

/* Runs `check` with every instruction set of this processor and says with which it failed. Never an early end: all are run. */
bool test_with_every_isa(bool (*check)(void));

#endif
