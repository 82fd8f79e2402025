/* A model as an ONNX graph: what its outputs need, operator by operator, each in its own words (gr_op_type.onnx). */
#include "formats/onnx.h"
#include "models/models.h"

#include <string.h>

typedef struct output {
    const char *name;
    const gr_value *value;
} output;

enum { MOST_OUTPUTS = 2, PREFIX = 32 };

static int list_outputs(const gr_model *model, output *list)
{
    int count = 0;
    list[count++] = (output){gr_ending_find(model->task)->answer, model->answer};
    if (model->beta != NULL)
        list[count++] = (output){"beta", model->beta};
    return count;
}

/* Marks needed[index of the value], back to the inputs. Operators stand behind those that they read. */
static void mark_needed(const gr_graph *g, const output *outputs, int count, bool *needed)
{
    for (int i = 0; i < count; i++)
        needed[outputs[i].value->index] = true;
    for (int o = g->op_count - 1; o >= 0; o--) {
        const gr_op *op = g->ops[o];
        bool used = false;
        for (int i = 0; i < op->out_count; i++)
            used = used || needed[op->out[i]->index];
        for (int i = 0; used && i < op->in_count; i++)
            needed[op->in[i]->index] = true;
    }
}

static bool is_needed(const gr_op *op, const bool *needed)
{
    for (int i = 0; i < op->out_count; i++)
        if (needed[op->out[i]->index])
            return true;
    return false;
}

static gr_status add_network(const gr_graph *g, const gr_weights *weights, const bool *needed, gr_onnx *onnx, gr_error *err)
{
    for (int o = 0; o < g->op_count; o++) {
        const gr_op *op = g->ops[o];
        if (!is_needed(op, needed))
            continue;
        if (op->type->onnx == NULL)
            return gr_fail(err, GR_INVALID, "%s: the operator %s has no form in ONNX", op->name, op->type->name);
        op->type->onnx(g, op, onnx);
        for (int p = 0; p < op->param_count; p++) {
            const char *name = g->params[op->param[p]]->name;
            const gr_tensor *tensor = gr_weights_find(weights, name);
            if (tensor == NULL)
                return gr_fail(err, GR_INTERNAL, "the weights lack %s", name);
            gr_onnx_tensor(onnx, name, tensor);
        }
    }
    return GR_OK;
}

/* [1,H,W,C] as [N,C,H,W], and [1,F] as [N,F]. */
static int onnx_dims(const gr_shape *shape, int64_t dims[4])
{
    dims[0] = GR_ONNX_BATCH;
    dims[1] = shape->dim[shape->rank - 1];
    for (int i = 2; i < shape->rank; i++)
        dims[i] = shape->dim[i - 1];
    return shape->rank;
}

/* One network keeps its names; several have theirs behind "model1/", "model2/" ... */
static void enter(gr_onnx *onnx, int network, int count, char prefix[PREFIX])
{
    snprintf(prefix, PREFIX, "model%d/", network + 1);
    gr_onnx_prefix(onnx, count > 1 ? prefix : "");
}

/* Cuts a network's scores to ranges[S, 2]. Gives the name of what comes out. */
static const char *add_clip(gr_onnx *onnx, const gr_value *scores, const double *ranges)
{
    enum { MOST = 64 }; /* columns that data.labels may name */
    int64_t count = scores->shape.dim[scores->shape.rank - 1];
    float ends[2][MOST];
    const char *const types[] = {"Max", "Min"}, *const bounds[] = {"lowest", "highest"},
                      *const steps[] = {"above", "clipped"};
    const char *from = scores->name;
    for (int64_t i = 0; i < 2 * count && i < 2 * MOST; i++)
        ends[i % 2][i / 2] = (float)ranges[i];
    for (int e = 0; e < 2; e++) {
        const char *bound = gr_onnx_name(onnx, scores->name, bounds[e]), *to = gr_onnx_name(onnx, scores->name, steps[e]);
        gr_onnx_matrix(onnx, bound, ends[e], 1, count);
        gr_onnx_node2(onnx, types[e], to, from, bound);
        from = to;
    }
    return from;
}

/* The model's output: the networks' mean; `ranges` NULL: nothing to cut it to. */
static void add_output(gr_onnx *onnx, output out, const double *const *ranges, int count)
{
    int64_t dims[4];
    char prefix[PREFIX];
    const char *name = out.value->name;
    gr_onnx_output(onnx, out.name, dims, onnx_dims(&out.value->shape, dims));
    if (count == 1 && ranges == NULL && strcmp(out.name, name) == 0)
        return;
    for (int i = 0; ranges != NULL && i < count; i++) {
        enter(onnx, i, count, prefix);
        name = add_clip(onnx, out.value, ranges[i]);
    }
    gr_onnx_prefix(onnx, "");
    gr_onnx_node(onnx, count > 1 ? "Mean" : "Identity", out.name);
    for (int i = 0; i < count; i++) {
        enter(onnx, i, count, prefix);
        gr_onnx_reads(onnx, name);
    }
    gr_onnx_prefix(onnx, "");
}

static gr_status add_all(const gr_model *model, const gr_weights *const *weights, const double *const *ranges, int count,
                         bool *needed, gr_onnx *onnx, gr_error *err)
{
    output outputs[MOST_OUTPUTS];
    int output_count = list_outputs(model, outputs);
    int64_t dims[4];
    char prefix[PREFIX];
    gr_status status = GR_OK;
    mark_needed(model->graph, outputs, output_count, needed);
    gr_onnx_input(onnx, model->image->name, dims, onnx_dims(&model->image->shape, dims));
    for (int i = 0; status == GR_OK && i < count; i++) {
        enter(onnx, i, count, prefix);
        status = add_network(model->graph, weights[i], needed, onnx, err);
    }
    gr_onnx_prefix(onnx, "");
    for (int i = 0; status == GR_OK && i < output_count; i++)
        add_output(onnx, outputs[i], i == 0 ? ranges : NULL, count);
    return status;
}

gr_status gr_model_onnx(const gr_model *model, const gr_weights *const *weights, const double *const *ranges, int count,
                        gr_onnx *onnx, gr_error *err)
{
    bool *needed = gr_alloc((size_t)model->graph->value_count, sizeof *needed);
    if (needed == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the ONNX model");
    gr_status status = add_all(model, weights, ranges, count, needed, onnx, err);
    gr_free(needed);
    return status;
}
