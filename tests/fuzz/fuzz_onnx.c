/* A network in ONNX: one sentence, or a graph that can be asked about a small picture, with one sentence or numbers of the
 * shape that they say. */
#include <string.h>

#include "base/base.h"
#include "detect/onnx_endings.h"
#include "fuzz/fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 4096, OUTPUTS = 8 };

static void demand(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void look(const gr_onnx_file *f, const gr_nd *outputs)
{
    const gr_onnx_ending *ending;
    gr_onnx_reading reading;
    gr_onnx_box box;
    gr_error err = {0};
    if (gr_onnx_ending_of(f, outputs, &ending, &err) != GR_OK || ending->read(f, 16, 16, &reading, &err) != GR_OK)
        return;
    for (int64_t i = 0; i < ending->count(outputs); i++)
        if (ending->box(outputs, i, 16, 16, 0.1, &box))
            demand(box.score >= 0.1 && box.kind >= 0);
}

static void run(const gr_onnx_graph *g)
{
    const gr_onnx_file *f = gr_onnx_graph_file(g);
    int64_t dim[GR_ONNX_RANK], count = 1;
    gr_nd input = {0}, outputs[OUTPUTS];
    gr_error err = {0};
    for (int i = 0; i < f->inputs[0].rank; i++) {
        dim[i] = f->inputs[0].dim[i] < 0 ? 16 : f->inputs[0].dim[i];
        count = dim[i] < MOST && count < MOST ? count * dim[i] : MOST;
    }
    if (count >= MOST || f->output_count > OUTPUTS || gr_nd_make(&input, f->inputs[0].rank, dim, &err) != GR_OK)
        return;
    for (int64_t i = 0; i < input.count; i++)
        input.values[i] = (float)(i * 31 % 17) / 8.0f - 1.0f;
    if (gr_onnx_graph_run(g, &input, outputs, &err) == GR_OK) {
        look(f, outputs);
        for (int o = 0; o < f->output_count; o++)
            gr_free(outputs[o].values);
    } else {
        demand(err.status == GR_INVALID || err.status == GR_NOMEM);
    }
    gr_free(input.values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    gr_onnx_graph *g;
    gr_error err = {0};
    gr_source file = fuzz_file(data, size, path);
    if (gr_onnx_graph_open(path, &g, &err) == GR_OK) {
        run(g);
        gr_onnx_graph_close(g);
    } else {
        demand((err.status == GR_INVALID && strstr(err.text, path) == err.text) || err.status == GR_NOMEM);
    }
    close(file.file);
    return 0;
}
