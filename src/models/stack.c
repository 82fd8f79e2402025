/* The backbone that is built from a list of layers. Weights are called layers.N.weight, N counted from 1. */
#include "models/layer_list.h"

#include <string.h>

/* Training by Adam keeps four float32 of each: 16 GiB. */
static const size_t MOST_NUMBERS = (size_t)1 << 30;

static gr_value *blame(gr_graph *g, int number, const gr_stack_layer *layer)
{
    gr_error_prefix(&g->error, "layer %d (%s)", number, layer->kind->name);
    return NULL;
}

static gr_value *build_layer(gr_graph *g, gr_value *x, int number, const gr_stack_layer *layer)
{
    int rank = x->shape.rank, want = layer->kind->rank;
    if (want != 0 && rank != want) {
        gr_fail(&g->error, GR_INVALID,
                want == 4 ? "reads a map, but a vector of %lld comes out of the layer before it; it would be right "
                            "before flatten or global_pool"
                          : "reads a vector, but a map of %lld x %lld x %lld comes to it; {flatten: {}} or "
                            "{global_pool: avg} before it would be right",
                (long long)x->shape.dim[1], (long long)x->shape.dim[2], (long long)x->shape.dim[3]);
        return blame(g, number, layer);
    }
    gr_value *y = layer->kind->build(g, x, gr_layer_name(g, "layers", "%d", number), layer);
    return y != NULL && g->error.status == GR_OK ? y : blame(g, number, layer);
}

gr_backbone_out gr_build_stack(gr_graph *g, gr_value *image, const gr_model_options *options)
{
    gr_stack_layer *layers = gr_arena_alloc(g->arena, GR_STACK_MOST, sizeof *layers);
    const gr_yaml *root = NULL;
    int count = 0, line;
    gr_backbone_out out = {.map = image};
    gr_status status = layers != NULL
                           ? gr_yaml_parse(NULL, options->layers, strlen(options->layers), g->arena, &root, &g->error)
                           : gr_fail(&g->error, GR_NOMEM, "no memory for the model");
    if (status == GR_OK)
        status = gr_stack_read(root, layers, &count, &line, &g->error);
    gr_value *x = image;
    for (int i = 0; status == GR_OK && x != NULL && i < count; i++) {
        x = build_layer(g, x, i + 1, &layers[i]);
        out.map = x != NULL && x->shape.rank == 4 ? x : out.map;
    }
    out.vector = x;
    if (status == GR_OK && x != NULL && g->param_floats > MOST_NUMBERS)
        gr_fail(&g->error, GR_INVALID, "have %zu numbers to learn; at most %zu would be right", g->param_floats, MOST_NUMBERS);
    if (status == GR_OK && x != NULL && x->shape.rank == 4)
        gr_fail(&g->error, GR_INVALID,
                "the last of the %d layers gives a map of %lld x %lld x %lld; {flatten: {}} or {global_pool: avg} "
                "behind it would be right",
                count, (long long)x->shape.dim[1], (long long)x->shape.dim[2], (long long)x->shape.dim[3]);
    return out;
}
