#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

float test_number(uint32_t stream, uint32_t i)
{
    uint32_t h = i * 0x9E3779B1u + stream * 0x85EBCA77u + 0x165667B1u;
    h ^= h >> 15;
    h *= 0x2C1B3C6Du;
    h ^= h >> 12;
    h *= 0x297A2D39u;
    h ^= h >> 15;
    return (float)(h >> 8) * 0x1p-23f - 1.0f;
}

void test_fill(float *out, int64_t count, uint32_t stream, float scale)
{
    for (int64_t i = 0; i < count; i++)
        out[i] = scale * test_number(stream, (uint32_t)i);
}

static gr_status dot_infer(const gr_op *op, const gr_shape *in, gr_shape *out, gr_error *err)
{
    (void)op;
    if (!gr_shape_equal(&in[0], &in[1]))
        return gr_fail(err, GR_INVALID, "the test's dot needs equal shapes");
    out[0] = gr_shape1(1);
    return GR_OK;
}

static void dot_forward(const gr_call *call)
{
    double sum = 0.0;
    for (int64_t i = 0; i < gr_shape_elements(&call->in[0].shape); i++)
        sum += (double)call->in[0].data[i] * (double)call->in[1].data[i];
    call->out[0].data[0] = (float)sum;
}

static void dot_backward(const gr_call *call)
{
    for (int64_t i = 0; call->in[0].grad != NULL && i < gr_shape_elements(&call->in[0].shape); i++)
        call->in[0].grad[i] = call->out[0].grad[0] * call->in[1].data[i] + (call->in[0].accumulate ? call->in[0].grad[i] : 0.0f);
}

static unsigned dot_reads(const gr_op *op)
{
    (void)op;
    return 2;
}

static const gr_op_type test_dot_type = {
    .name = "test_dot", .infer = dot_infer, .forward = dot_forward, .backward = dot_backward, .backward_reads = dot_reads};

gr_value *test_dot(gr_graph *g, gr_value *y, gr_value *r, const char *name)
{
    gr_op *op = gr_graph_add_op(g, &test_dot_type, name, (gr_value *[]){y, r}, 2, 1, "", 0);
    return op != NULL ? op->out[0] : NULL;
}

test_run test_compile(const gr_graph *g, gr_value *loss, const gr_value *const *keep, int keep_count, int64_t batch, bool fusion)
{
    gr_error err = {0};
    test_run run = {0};
    if (gr_graph_status(g, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(gr_params_create(g, 3, true, &run.params, &err), GR_OK);
    run.workspace = gr_workspace_create();
    assert_non_null(run.workspace);
    gr_plan_options options = {.batch = batch, .training = loss != NULL, .no_fusion = !fusion, .loss = loss, .keep = keep,
                               .keep_count = keep_count};
    if (gr_plan_compile(g, run.params, run.workspace, &options, &run.plan, &err) != GR_OK)
        fail_msg("%s", err.text);
    return run;
}

void test_run_destroy(test_run *run)
{
    gr_plan_destroy(run->plan);
    gr_workspace_destroy(run->workspace);
    gr_params_destroy(run->params);
}

bool test_close(const float *a, const float *b, int64_t count, double limit)
{
    double largest = 1e-30;
    for (int64_t i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)b[i]));
    for (int64_t i = 0; i < count; i++) {
        double d = fabs((double)a[i] - (double)b[i]);
        if (!(d <= limit * largest)) {
            print_message("element %lld of %lld: %.9g, expected %.9g (largest %.3g, limit %.1e)\n", (long long)i,
                          (long long)count, (double)a[i], (double)b[i], largest, limit);
            return false;
        }
    }
    return true;
}

bool test_with_every_isa(bool (*check)(void))
{
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    bool good = true;
    for (int t = 0; t < count; t++) {
        setenv("GRIMACE_ISA", tables[t]->isa, 1);
        assert_int_equal(gr_kernels_select(NULL), GR_OK);
        if (!check()) {
            print_message("  with %s\n", tables[t]->isa);
            good = false;
        }
    }
    unsetenv("GRIMACE_ISA");
    assert_int_equal(gr_kernels_select(NULL), GR_OK);
    return good;
}
