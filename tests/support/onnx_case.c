#include "support/onnx_case.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "detect/onnx_graph.h"
#include "support/support.h"

static gr_nd constant(const gr_onnx_file *f, const char *name)
{
    for (int i = 0; i < f->array_count; i++)
        if (strcmp(f->arrays[i].name, name) == 0) {
            const gr_onnx_array *a = &f->arrays[i];
            gr_nd nd = {.rank = a->rank, .count = a->count, .values = a->values};
            memcpy(nd.dim, a->dim, sizeof nd.dim);
            return nd;
        }
    fail_msg("%s: has no constant %s", f->path, name);
    return (gr_nd){0};
}

void test_onnx_case(const char *name)
{
    char path[200], want_name[20], one[GR_ND_TEXT], other[GR_ND_TEXT];
    gr_onnx_graph *g;
    gr_error err = {0};
    gr_nd outputs[4];
    snprintf(path, sizeof path, "tests/parity/onnx/%s.onnx", name);
    if (gr_onnx_graph_open(path, &g, &err) != GR_OK)
        fail_msg("%s", err.text);
    const gr_onnx_file *f = gr_onnx_graph_file(g);
    gr_nd given = constant(f, "given");
    assert_true(f->output_count >= 1 && f->output_count <= 4);
    if (gr_onnx_graph_run(g, &given, outputs, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (int o = 0; o < f->output_count; o++) {
        snprintf(want_name, sizeof want_name, "want.%d", o);
        gr_nd want = constant(f, want_name);
        if (want.rank != outputs[o].rank || memcmp(want.dim, outputs[o].dim, (size_t)want.rank * sizeof *want.dim) != 0)
            fail_msg("%s: output %d is %s, not %s", name, o, gr_nd_text(outputs[o].rank, outputs[o].dim, one),
                     gr_nd_text(want.rank, want.dim, other));
        for (int64_t i = 0; i < want.count; i++)
            if (!(fabsf(want.values[i] - outputs[o].values[i]) <= 2e-5f * fmaxf(1, fabsf(want.values[i]))))
                fail_msg("%s: number %lld of output %d is %g, not %g", name, (long long)i, o, (double)outputs[o].values[i],
                         (double)want.values[i]);
        gr_free(outputs[o].values);
    }
    gr_onnx_graph_close(g);
}
