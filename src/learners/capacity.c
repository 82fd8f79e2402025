#include "learners/capacity.h"

#include <math.h>
#include <string.h>

#include "base/memory_left.h"

/* Gradients and an optimiser's two moments were asked for, but are taken page by page as they are written first. */
static size_t untouched(const gr_network *network, bool training)
{
    return training ? 3 * network->params->count * sizeof(float) : 0;
}

static size_t room(const gr_network *network, bool training)
{
    size_t left = gr_memory_left(), later = untouched(network, training);
    return left == SIZE_MAX ? left : left > later ? left - later : 0;
}

static gr_status blame_image(const gr_recipe *recipe, const gr_network *network, size_t bytes, size_t left, gr_error *err)
{
    gr_shape image = gr_value_shape(network->model->image);
    double share = sqrt((double)left / (double)bytes); /* activations grow with the area */
    gr_status status = gr_fail(err, GR_INVALID, "one image of %lld x %lld takes %.2f GB of memory and %.2f GB are free; about %.0f "
                               "x %.0f would fit", (long long)image.dim[1], (long long)image.dim[2], (double)bytes * 1e-9,
                               (double)left * 1e-9, floor((double)image.dim[1] * share), floor((double)image.dim[2] * share));
    return gr_recipe_blame(recipe, "data.image.size", status, err);
}

bool gr_capacity_low(const gr_recipe *recipe)
{
    return recipe->train.memory != NULL && strcmp(recipe->train.memory, "low") == 0;
}

gr_status gr_capacity_check(const gr_recipe *recipe, const gr_network *network, gr_plan_options *options, size_t held,
                            gr_error *err)
{
    size_t bytes = 0, one = 0, left = room(network, options->training);
    const gr_graph *graph = network->model->graph;
    gr_status status = gr_plan_measure(graph, network->params, options, &bytes, err);
    if (status == GR_OK && bytes > held && bytes - held > left && options->training && !options->low_memory) {
        options->low_memory = true;
        status = gr_plan_measure(graph, network->params, options, &bytes, err);
    }
    if (status != GR_OK || bytes <= held || bytes - held <= left)
        return status;
    int64_t batch = 0;
    gr_plan_options alone = *options;
    alone.batch = 1;
    status = gr_plan_largest_batch(graph, network->params, options, held + left, &batch, err);
    if (status == GR_OK && batch == 0)
        status = gr_plan_measure(graph, network->params, &alone, &one, err);
    if (status != GR_OK)
        return status;
    if (batch == 0)
        return blame_image(recipe, network, one, held + left, err);
    status = gr_fail(err, GR_INVALID, "a step of %lld images takes %.2f GB of memory and %.2f GB are free; %lld would fit",
                     (long long)options->batch, (double)bytes * 1e-9, (double)(held + left) * 1e-9, (long long)batch);
    return gr_recipe_blame(recipe, "train.batch_size", status, err);
}

gr_status gr_capacity_largest(const gr_network *network, const gr_plan_options *options, int64_t *batch, size_t *left,
                              gr_error *err)
{
    *left = room(network, options->training);
    return gr_plan_largest_batch(network->model->graph, network->params, options, *left, batch, err);
}
