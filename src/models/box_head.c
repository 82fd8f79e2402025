/* The head that finds boxes: maps of the backbone's levels, each through a 1x1 convolution, are added up from the coarsest
 * to the finest (Lin et al. 2017, "Feature pyramid networks for object detection"), and a 3x3 convolution and two 1x1 ones
 * make of the finest the five numbers of each kind of box.
 *
 * A level's map is the last one of its size that the backbone makes: of a residual network the end of a stage, of networks
 * of inverted bottlenecks the wide map in front of a stride, as in Sandler et al. 2018's SSDLite. So any backbone will do.
 */
#include "models/models.h"

enum { MOST_LEVELS = 8 };

/* The last map that is larger than `below` (of what the backbone made before it), no larger than twice its sides and one
 * pixel more; NULL: there is none. */
static gr_value *finer_map(const gr_graph *g, const gr_value *below)
{
    for (int i = below->index - 1; i >= 0; i--) {
        gr_value *v = g->values[i];
        if (v->maker == NULL || v->shape.rank != 4 || v->shape.dim[1] <= below->shape.dim[1])
            continue;
        return v->shape.dim[1] <= 2 * below->shape.dim[1] + 2 ? v : NULL;
    }
    return NULL;
}

/* The levels from the coarsest on, until cells are no further apart than `stride` pixels. */
static int find_levels(const gr_graph *g, gr_value *map, int64_t size, int64_t stride, gr_value **levels)
{
    int count = 0;
    for (gr_value *v = map; v != NULL && count < MOST_LEVELS; v = finer_map(g, v)) {
        levels[count++] = v;
        if (v->shape.dim[1] * stride >= size)
            break;
    }
    return count;
}

static gr_value *convolution(gr_graph *g, gr_value *x, const char *name, int64_t out, int64_t kernel)
{
    return gr_conv2d(g, x, name,
                     (gr_conv2d_args){.out = out,
                                      .kernel = {kernel, kernel},
                                      .pad = {kernel / 2, kernel / 2},
                                      .init = GR_INIT_KAIMING_NORMAL_FAN_OUT});
}

static gr_value *last_layer(gr_graph *g, gr_value *x, const char *name, int64_t out, gr_init init)
{
    return gr_conv2d(g, x, name, (gr_conv2d_args){.out = out, .kernel = {1, 1}, .bias = true, .init = init});
}

gr_head_out gr_build_box_head(gr_model *model, const gr_model_options *options, gr_backbone_out out)
{
    gr_graph *g = model->graph;
    gr_value *levels[MOST_LEVELS], *sum = NULL;
    int64_t stride = options->box_stride > 0 ? options->box_stride : 8,
            filters = options->box_filters > 0 ? options->box_filters : 64;
    model->head_input = NULL;
    if (out.map == NULL)
        return (gr_head_out){0};
    int count = find_levels(g, out.map, options->size, stride, levels);
    for (int i = 0; i < count; i++) {
        gr_shape shape = gr_value_shape(levels[i]);
        const char *name = gr_layer_name(g, "boxes", "level%d", i + 1);
        gr_value *own = gr_batch_norm(g, convolution(g, levels[i], name, filters, 1), gr_layer_name(g, name, "norm"));
        if (sum != NULL)
            sum = gr_upsample(g, sum, gr_layer_name(g, name, "upsample"), shape.dim[1], shape.dim[2]);
        sum = sum != NULL ? gr_add(g, own, sum, gr_layer_name(g, name, "sum")) : own;
    }
    sum = gr_relu(g, sum, "boxes.relu");
    sum = gr_batch_norm(g, convolution(g, sum, "boxes.conv", filters, 3), "boxes.norm");
    sum = gr_relu(g, sum, "boxes.conv_relu");
    gr_value *heat = last_layer(g, sum, "boxes.heat", options->classes, GR_INIT_RARE);
    gr_value *sides = last_layer(g, sum, "boxes.sides", 4 * options->classes, GR_INIT_NORMAL_001);
    return (gr_head_out){.value = gr_concat(g, (gr_value *[]){heat, sides}, 2, "boxes.maps"), .init = GR_INIT_NORMAL_001};
}
