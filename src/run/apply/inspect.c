/* A model as a table, and a plan with its measured times. */
#include "grimace/inspect.h"

#include "graph/op.h"
#include "grimace/manifest.h"
#include "config/config.h"
#include "learners/capacity.h"
#include "learners/learner.h"
#include "learners/network.h"
#include "run/cohort/outputs.h"
#include "run/tasks/task.h"
#include "ops/ops.h"

/* Two classes where the manifest cannot be read. */
static gr_outputs find_outputs(const gr_config *config)
{
    gr_manifest manifest;
    gr_outputs outputs;
    const char *const *classes;
    gr_error ignored = {0};
    if (gr_outputs_of(config, &manifest, &outputs, &classes, &ignored) != GR_OK)
        outputs = (gr_outputs){.classes = config->data.classes.count >= 2 ? config->data.classes.count : 2, .labels = 1};
    gr_manifest_free(&manifest);
    return outputs;
}

/* Labels or targets. */
static void fill_answers(const gr_model *model, gr_plan *plan, int64_t batch)
{
    int32_t *labels = model->labels != NULL ? (int32_t *)(void *)gr_plan_data(plan, model->labels) : NULL;
    for (int64_t i = 0; labels != NULL && i < batch; i++)
        labels[i] = (int32_t)(i % 2);
    gr_shape row = model->targets != NULL ? gr_value_shape(model->targets) : gr_shape1(1);
    for (int64_t i = 0; model->targets != NULL && i < batch * gr_shape_elements(&row); i++)
        gr_plan_data(plan, model->targets)[i] = 0.5f;
}

static void run_steps(const gr_config *config, const gr_network *network, gr_plan *plan, int steps)
{
    gr_shape image = gr_value_shape(network->model->image);
    int64_t batch = gr_plan_batch(plan), count = batch * gr_shape_elements(&image);
    for (int s = 0; s < steps; s++) {
        float *x = gr_plan_data(plan, network->model->image);
        for (int64_t i = 0; i < count; i++)
            x[i] = (float)(i * 7919 % 2001 - 1000) * 1e-3f;
        fill_answers(network->model, plan, batch);
        gr_plan_forward(plan, config->seed, (uint64_t)s);
        gr_plan_backward(plan);
    }
}

/* What a step takes with train.memory as either value. */
static gr_status measure_both(const gr_network *network, gr_plan_options options, size_t bytes[2], gr_error *err)
{
    gr_status status = GR_OK;
    for (int low = 0; low < 2 && status == GR_OK; low++) {
        options.low_memory = low;
        status = gr_plan_measure(network->model->graph, network->params, &options, &bytes[low], err);
    }
    return status;
}

static gr_status report(const gr_plan *plan, bool low, const size_t bytes[2], int64_t largest, size_t left, char **text,
                        gr_error *err)
{
    gr_text out = {0};
    char *rows = gr_plan_report(plan);
    if (rows != NULL)
        gr_text_printf(&out, "%s", rows);
    gr_text_printf(&out, "activations and gradients of a step: %.1f MB; with train.memory: low, which computes convolutions twice, "
                   "%.1f MB; this is the %s\n", (double)bytes[0] * 1e-6, (double)bytes[1] * 1e-6, low ? "latter" : "former");
    if (left != SIZE_MAX)
        gr_text_printf(&out, "largest batch that fits in the %.1f GB of memory that are free: %lld\n", (double)left * 1e-9,
                       (long long)largest);
    bool good = rows != NULL && !out.failed;
    gr_free(rows);
    if (!good) {
        gr_text_free(&out);
        return gr_fail(err, GR_NOMEM, "no memory for the report");
    }
    *text = out.data;
    return GR_OK;
}

gr_status gr_inspect_plan(const gr_config *config, int steps, char **text, gr_error *err)
{
    *text = NULL;
    gr_network network;
    const gr_recipe recipe = gr_config_recipe(config);
    gr_threads_set(config->threads);
    gr_status status = gr_learner_check_network(&recipe, err);
    if (status == GR_OK)
        status = gr_network_create(&recipe, find_outputs(config), NULL, true, &network, err);
    if (status != GR_OK)
        return status;
    gr_workspace *workspace = gr_workspace_create();
    gr_plan *plan = NULL;
    const gr_target *target = &gr_task_of(config)->target;
    const gr_value *keep[] = {target->counted != NULL ? target->counted(network.model) : network.model->answer};
    gr_plan_options options = {.batch = config->train.batch_size, .training = true, .loss = network.model->loss, .keep = keep,
                               .precision = config->train.precision,
                               .low_memory = gr_capacity_low(&recipe),
                               .keep_count = 1};
    if (workspace == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the plan");
    int64_t largest = 0;
    size_t left = 0, bytes[2] = {0};
    if (status == GR_OK)
        status = measure_both(&network, options, bytes, err);
    if (status == GR_OK)
        status = gr_capacity_check(&recipe, &network, &options, 0, err);
    if (status == GR_OK)
        status = gr_capacity_largest(&network, &options, &largest, &left, err);
    if (status == GR_OK)
        status = gr_plan_compile(network.model->graph, network.params, workspace, &options, &plan, err);
    if (status == GR_OK) {
        run_steps(config, &network, plan, steps);
        status = report(plan, options.low_memory, bytes, largest, left, text, err);
    }
    gr_plan_destroy(plan);
    gr_workspace_destroy(workspace);
    gr_network_destroy(&network);
    return status;
}

/* Trained numbers of an operator; running statistics are not among them, as the literature counts. */
static size_t trained(const gr_graph *g, const gr_op *op)
{
    size_t count = 0;
    for (int i = 0; i < op->param_count; i++)
        count += g->params[op->param[i]]->buffer ? 0 : g->params[op->param[i]]->count;
    return count;
}

/* The literature's tables (fvcore's, timm's) count a batch norm's multiplication and addition of each element one each, beside the
 * multiply-adds of convolutions and dense layers; the papers on mobile networks leave it out. */
static double normalising(const gr_op *op)
{
    return op->type == &gr_op_batch_norm ? 2.0 * (double)gr_shape_elements(&op->out[0]->shape) : 0.0;
}

static double multiply_adds(const gr_op *op)
{
    gr_call call = {.op = op};
    for (int i = 0; i < op->in_count; i++)
        call.in[i].shape = op->in[i]->shape;
    for (int i = 0; i < op->out_count; i++)
        call.out[i].shape = op->out[i]->shape;
    return op->type->flops != NULL ? op->type->flops(&call) / 2.0 : 0.0;
}

gr_status gr_inspect_model(const gr_model_options *options, char **text, gr_error *err)
{
    *text = NULL;
    gr_model *model;
    gr_status status = gr_model_create(options, &model, err);
    if (status != GR_OK)
        return status;
    gr_text out = {0};
    size_t parameters = 0;
    double macs = 0.0, norms = 0.0, floats = 0.0;
    gr_text_printf(&out, "%-36s %-16s %-20s %12s %12s\n", "layer", "operator", "output", "parameters", "MMAC");
    for (int o = 0; o < model->graph->op_count; o++) {
        const gr_op *op = model->graph->ops[o];
        char shape[GR_SHAPE_TEXT];
        gr_text_printf(&out, "%-36s %-16s %-20s %12zu %12.2f\n", op->name, op->type->name,
                         gr_shape_text(&op->out[0]->shape, shape), trained(model->graph, op),
                         (multiply_adds(op) + normalising(op)) * 1e-6);
        parameters += trained(model->graph, op);
        macs += multiply_adds(op);
        norms += normalising(op);
        floats += (double)gr_shape_elements(&op->out[0]->shape);
    }
    gr_text_printf(&out, "%.2f M parameters, %.*f GMAC (%.*f without batch norms) and %.1f MB of activations an image\n",
                     (double)parameters * 1e-6, macs < 1e9 ? 3 : 2, (macs + norms) * 1e-9, macs < 1e9 ? 3 : 2, macs * 1e-9,
                     floats * 4e-6);
    gr_model_destroy(model);
    if (out.failed) {
        gr_text_free(&out);
        return gr_fail(err, GR_NOMEM, "no memory for the table");
    }
    *text = out.data;
    return GR_OK;
}

gr_status gr_inspect_keras(const char *path, char **text, gr_error *err)
{
    gr_weights *weights;
    *text = NULL;
    gr_status status = gr_weights_read(path, &weights, err);
    if (status != GR_OK)
        return status;
    status = gr_keras_listing(weights, path, text, err);
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s", path);
    gr_weights_destroy(weights);
    return status;
}
