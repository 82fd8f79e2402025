/* Parameters to named tensors in PyTorch's layouts, and back. */
#include "models/models.h"
#include "grimace/plan.h"

#include <string.h>

/* The shape in a file: [OC, C, KH, KW] for a convolution. */
static gr_shape file_shape(const gr_parameter *param)
{
    if (param->layout != GR_LAYOUT_CONV)
        return param->shape;
    const int64_t *d = param->shape.dim; /* KH, KW, C, OC */
    return gr_shape4(d[3], d[2], d[0], d[1]);
}

static void to_file(const gr_parameter *param, const float *from, float *to)
{
    if (param->layout != GR_LAYOUT_CONV) {
        memcpy(to, from, param->count * sizeof(float));
        return;
    }
    int64_t taps = param->shape.dim[0] * param->shape.dim[1], c = param->shape.dim[2], oc = param->shape.dim[3];
    for (int64_t o = 0; o < oc; o++)
        for (int64_t i = 0; i < c; i++)
            for (int64_t t = 0; t < taps; t++)
                to[(o * c + i) * taps + t] = from[(t * c + i) * oc + o];
}

static void from_file(const gr_parameter *param, const float *from, float *to)
{
    if (param->layout != GR_LAYOUT_CONV) {
        memcpy(to, from, param->count * sizeof(float));
        return;
    }
    int64_t taps = param->shape.dim[0] * param->shape.dim[1], c = param->shape.dim[2], oc = param->shape.dim[3];
    for (int64_t o = 0; o < oc; o++)
        for (int64_t i = 0; i < c; i++)
            for (int64_t t = 0; t < taps; t++)
                to[(t * c + i) * oc + o] = from[(o * c + i) * taps + t];
}

gr_status gr_model_export(const gr_model *model, const struct gr_params *params, gr_weights **out, gr_error *err)
{
    *out = NULL;
    gr_weights *weights = gr_weights_create();
    if (weights == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the weights");
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < gr_graph_parameter_count(model->graph); i++) {
        const gr_parameter *param = gr_graph_parameter(model->graph, i);
        gr_shape shape = file_shape(param);
        gr_tensor tensor;
        status = gr_tensor_create(&tensor, GR_F32, &shape, err);
        if (status != GR_OK)
            break;
        to_file(param, params->values + param->offset, tensor.data);
        status = gr_weights_take(weights, param->name, &tensor, err);
        gr_tensor_destroy(&tensor);
    }
    if (status != GR_OK) {
        gr_weights_destroy(weights);
        return status;
    }
    *out = weights;
    return GR_OK;
}

/* ---- import: counts of what happened, said in a few sentences -------------------------------------------------------------- */

typedef struct import_log {
    void (*report)(void *ctx, const char *sentence);
    void *ctx;
    int loaded;
    gr_buffer line;
} import_log;

static void say(import_log *log)
{
    if (log->report != NULL && !log->line.failed && log->line.data != NULL)
        log->report(log->ctx, log->line.data);
    gr_buffer_free(&log->line);
}

/* The parameter that a tensor of this name is for: its own name, or "backbone." before it. */
static const gr_parameter *target(const gr_model *model, const char *name)
{
    for (int i = 0; i < gr_graph_parameter_count(model->graph); i++) {
        const gr_parameter *param = gr_graph_parameter(model->graph, i);
        if (strcmp(param->name, name) == 0 ||
            (gr_starts_with(param->name, "backbone.") && strcmp(param->name + strlen("backbone."), name) == 0))
            return param;
    }
    return NULL;
}

static gr_status load_one(const gr_parameter *param, const gr_tensor *tensor, float *to, gr_error *err)
{
    gr_tensor plain;
    gr_status status = gr_tensor_to_f32(tensor, &plain, err);
    if (status != GR_OK)
        return status;
    from_file(param, plain.data, to);
    gr_tensor_destroy(&plain);
    return GR_OK;
}

static gr_status load_fitting(const gr_model *model, struct gr_params *params, const gr_weights *weights, bool *filled,
                              import_log *log, gr_error *err)
{
    for (int i = 0; i < gr_weights_count(weights); i++) {
        const char *name = gr_weights_name(weights, i);
        const gr_tensor *tensor = gr_weights_at(weights, i);
        const gr_parameter *param = target(model, name);
        if (param == NULL) {
            /* PyTorch's batch norms count their batches, which nothing here needs to know. */
            if (gr_ends_with(name, ".num_batches_tracked"))
                continue;
            gr_buffer_printf(&log->line, "left out: %s, which the model does not have", name);
            say(log);
            continue;
        }
        gr_shape want = file_shape(param);
        if (!gr_shape_equal(&want, &tensor->shape)) {
            char a[GR_SHAPE_TEXT], b[GR_SHAPE_TEXT];
            gr_buffer_printf(&log->line, "of another shape: %s is %s in the file and %s in the model; it keeps its initial values",
                             name, gr_shape_text(&tensor->shape, a), gr_shape_text(&want, b));
            say(log);
            continue;
        }
        gr_status status = load_one(param, tensor, params->values + param->offset, err);
        if (status != GR_OK)
            return status;
        for (int p = 0; p < gr_graph_parameter_count(model->graph); p++)
            filled[p] = filled[p] || gr_graph_parameter(model->graph, p) == param;
        log->loaded++;
    }
    return GR_OK;
}

gr_status gr_model_import(const gr_model *model, struct gr_params *params, const gr_weights *weights,
                          void (*report)(void *ctx, const char *sentence), void *ctx, gr_error *err)
{
    int count = gr_graph_parameter_count(model->graph);
    bool *filled = gr_alloc((size_t)count + 1, sizeof *filled);
    if (filled == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to load weights");
    import_log log = {report, ctx, 0, {0}};
    gr_status status = load_fitting(model, params, weights, filled, &log, err);
    if (status == GR_OK && log.loaded == 0)
        status = gr_fail(err, GR_INVALID, "none of its %d tensors fits the model, whose first parameter is %s",
                         gr_weights_count(weights), gr_graph_parameter(model->graph, 0)->name);
    for (int i = 0; status == GR_OK && i < count; i++) {
        if (filled[i])
            continue;
        gr_buffer_printf(&log.line, "not in the file: %s; it keeps its initial values", gr_graph_parameter(model->graph, i)->name);
        say(&log);
    }
    if (status == GR_OK) {
        gr_buffer_printf(&log.line, "loaded: %d of the model's %d tensors", log.loaded, count);
        say(&log);
    }
    gr_free(filled);
    return status;
}
