/* NASNet-A 4 @ 1056, mobile (Zoph et al. 2017, "Learning transferable architectures for scalable image recognition", figure
 * 4), as keras.applications' NASNetMobile. Parameter names are Keras's layer names under "backbone.": a convolution NAME has
 * NAME.weight; a separable convolution NAME has NAME.depthwise.weight and NAME.pointwise.weight; a batch norm NAME has
 * weight, bias, running_mean, running_var. The classifier is Keras's `predictions`.
 *
 *   stem        3x3/2 32 without padding, batch norm; two reduction cells of 11 and 22 filters
 *   cells       4 normal of 44, reduction of 88, 4 normal of 88, reduction of 176, 4 normal of 176; ReLU
 *
 * A cell sees the cell before it (`x`) and the one before that (`p`), which is adjusted to x's size or to the filters. Where
 * the stride is 2, Keras pads an even size by one pixel less at the top and left than at the bottom and right. */
#include "models/models.h"

#include <stdio.h>

static const double EPS = 1e-3, MOMENTUM = 0.0003; /* Keras's momentum 0.9997 is the part that stays */

static gr_value *norm(gr_graph *g, gr_value *x, const char *name, const char *id)
{
    return gr_batch_norm_with(g, x, gr_layer_name(g, "backbone", "%s_%s", name, id), EPS, MOMENTUM);
}

static gr_value *conv1x1(gr_graph *g, gr_value *x, const char *name, const char *id, int64_t filters, int64_t stride)
{
    return gr_conv2d(
        g, x, gr_layer_name(g, "backbone", "%s_%s", name, id),
        (gr_conv2d_args){
            .out = filters, .kernel = {1, 1}, .stride = {stride, stride}, .init = GR_INIT_KAIMING_NORMAL_FAN_IN});
}

static gr_value *separable(gr_graph *g, gr_value *x, const char *name, int64_t filters, int64_t kernel, int64_t stride,
                           int64_t pad)
{
    if (x == NULL)
        return NULL;
    int64_t channels = gr_value_shape(x).dim[3];
    x = gr_conv2d(g, x, gr_layer_name(g, name, "depthwise"),
                  (gr_conv2d_args){.out = channels,
                                   .kernel = {kernel, kernel},
                                   .stride = {stride, stride},
                                   .pad = {pad, pad},
                                   .groups = channels,
                                   .init = GR_INIT_KAIMING_NORMAL_FAN_IN});
    return gr_conv2d(g, x, gr_layer_name(g, name, "pointwise"),
                     (gr_conv2d_args){.out = filters, .kernel = {1, 1}, .init = GR_INIT_KAIMING_NORMAL_FAN_IN});
}

/* Twice: ReLU, separable convolution, batch norm; the first one has the stride. `place` and `id` make Keras's block name. */
static gr_value *separable_block(gr_graph *g, gr_value *x, const char *place, const char *id, int64_t filters,
                                 int64_t kernel, int64_t stride)
{
    const char *block = gr_layer_name(g, "backbone", "separable_conv_block_%s_%s", place, id);
    for (int i = 1; i <= 2; i++) {
        bool strided = i == 1 && stride == 2;
        x = gr_relu(g, x, gr_layer_name(g, block, "relu%d", i));
        if (strided)
            x = gr_pad_for_stride(g, x, gr_layer_name(g, block, "pad"), kernel);
        x = separable(g, x, gr_layer_name(g, "backbone", "separable_conv_%d_%s_%s", i, place, id), filters, kernel,
                      strided ? 2 : 1, strided ? 0 : kernel / 2);
        x = gr_batch_norm_with(g, x, gr_layer_name(g, "backbone", "separable_conv_%d_bn_%s_%s", i, place, id), EPS,
                               MOMENTUM);
    }
    return x;
}

static gr_value *average3(gr_graph *g, gr_value *x, const char *name)
{
    return gr_avg_pool(g, x, name, (gr_pool_args){.kernel = {3, 3}, .stride = {1, 1}, .pad = {1, 1}, .exclude_pad = true});
}

/* `p` in the size and width of `x`: every other pixel and every other from the second on, side by side; or one 1x1
 * convolution. */
static gr_value *adjust(gr_graph *g, gr_value *p, gr_value *x, const char *id, int64_t filters)
{
    if (p == NULL || x == NULL)
        return x;
    const char *block = gr_layer_name(g, "backbone", "adjust_block_%s", id);
    gr_shape from = gr_value_shape(p), to = gr_value_shape(x);
    if (from.dim[2] != to.dim[2]) {
        p = gr_relu(g, p, gr_layer_name(g, block, "relu"));
        gr_value *shifted =
            gr_pad(g, p, gr_layer_name(g, block, "shift"), (gr_pad_args){.top = -1, .bottom = 1, .left = -1, .right = 1});
        gr_value *halves[] = {conv1x1(g, p, "adjust_conv_1", id, filters / 2, 2),
                              conv1x1(g, shifted, "adjust_conv_2", id, filters / 2, 2)};
        return norm(g, gr_concat(g, halves, 2, gr_layer_name(g, block, "concat")), "adjust_bn", id);
    }
    if (from.dim[3] == filters)
        return p;
    p = gr_relu(g, p, gr_layer_name(g, block, "relu"));
    return norm(g, conv1x1(g, p, "adjust_conv_projection", id, filters, 1), "adjust_bn", id);
}

static gr_value *normal_cell(gr_graph *g, gr_value *x, gr_value *p, const char *id, int64_t filters)
{
    const char *cell = gr_layer_name(g, "backbone", "normal_%s", id);
    p = adjust(g, p, x, id, filters);
    gr_value *h = gr_relu(g, x, gr_layer_name(g, cell, "relu"));
    h = norm(g, conv1x1(g, h, "normal_conv_1", id, filters, 1), "normal_bn_1", id);
    gr_value *x1 = gr_add(g, separable_block(g, h, "normal_left1", id, filters, 5, 1),
                          separable_block(g, p, "normal_right1", id, filters, 3, 1), gr_layer_name(g, cell, "add_1"));
    gr_value *x2 = gr_add(g, separable_block(g, p, "normal_left2", id, filters, 5, 1),
                          separable_block(g, p, "normal_right2", id, filters, 3, 1), gr_layer_name(g, cell, "add_2"));
    gr_value *x3 = gr_add(g, average3(g, h, gr_layer_name(g, cell, "left3")), p, gr_layer_name(g, cell, "add_3"));
    gr_value *twice = average3(g, p, gr_layer_name(g, cell, "left4")); /* both sides of the fourth sum are the same */
    gr_value *x4 = gr_add(g, twice, twice, gr_layer_name(g, cell, "add_4"));
    gr_value *x5 = gr_add(g, separable_block(g, h, "normal_left5", id, filters, 3, 1), h, gr_layer_name(g, cell, "add_5"));
    gr_value *all[] = {p, x1, x2, x3, x4, x5};
    return gr_concat(g, all, 6, gr_layer_name(g, cell, "concat"));
}

static gr_value *reduction_cell(gr_graph *g, gr_value *x, gr_value *p, const char *id, int64_t filters)
{
    const gr_pool_args half = {.kernel = {3, 3}, .stride = {2, 2}};
    const char *cell = gr_layer_name(g, "backbone", "reduction_%s", id);
    p = adjust(g, p, x, id, filters);
    gr_value *h = gr_relu(g, x, gr_layer_name(g, cell, "relu"));
    h = norm(g, conv1x1(g, h, "reduction_conv_1", id, filters, 1), "reduction_bn_1", id);
    gr_value *h3 = gr_pad_for_stride(g, h, gr_layer_name(g, cell, "pad_1"), 3);
    gr_value *most = gr_max_pool(g, h3, gr_layer_name(g, cell, "left2"), half); /* also the fifth sum's right side */
    gr_value *x1 = gr_add(g, separable_block(g, h, "reduction_left1", id, filters, 5, 2),
                          separable_block(g, p, "reduction_right1", id, filters, 7, 2), gr_layer_name(g, cell, "add_1"));
    gr_value *x2 =
        gr_add(g, most, separable_block(g, p, "reduction_right2", id, filters, 7, 2), gr_layer_name(g, cell, "add_2"));
    gr_value *x3 = gr_add(g, gr_avg_pool(g, h3, gr_layer_name(g, cell, "left3"), half),
                          separable_block(g, p, "reduction_right3", id, filters, 5, 2), gr_layer_name(g, cell, "add_3"));
    gr_value *x4 = gr_add(g, x2, average3(g, x1, gr_layer_name(g, cell, "left4")), gr_layer_name(g, cell, "add_4"));
    gr_value *x5 =
        gr_add(g, separable_block(g, x1, "reduction_left4", id, filters, 3, 1), most, gr_layer_name(g, cell, "add_5"));
    gr_value *all[] = {x2, x3, x4, x5};
    return gr_concat(g, all, 4, gr_layer_name(g, cell, "concat"));
}

gr_backbone_out gr_build_nasnet_mobile(gr_graph *g, gr_value *image, const gr_model_options *options)
{
    (void)options;
    char id[24];
    enum { BLOCKS = 4, FILTERS = 44 };
    gr_value *x =
        gr_conv2d(g, image, "backbone.stem_conv1",
                  (gr_conv2d_args){.out = 32, .kernel = {3, 3}, .stride = {2, 2}, .init = GR_INIT_KAIMING_NORMAL_FAN_IN});
    x = gr_batch_norm_with(g, x, "backbone.stem_bn1", EPS, MOMENTUM);
    gr_value *before = NULL, *made = reduction_cell(g, x, NULL, "stem_1", FILTERS / 4);
    before = x;
    x = made;
    made = reduction_cell(g, x, before, "stem_2", FILTERS / 2);
    before = x;
    x = made;
    for (int stage = 0; stage < 3; stage++) {
        int64_t filters = (int64_t)FILTERS << stage;
        for (int i = 0; i < BLOCKS; i++) {
            snprintf(id, sizeof id, "%d", stage * BLOCKS + (stage > 0) + i); /* 0-3, 5-8, 9-12: Keras's own counting */
            made = normal_cell(g, x, before, id, filters);
            before = x;
            x = made;
        }
        if (stage < 2) {
            snprintf(id, sizeof id, "reduce_%d", (stage + 1) * BLOCKS);
            made = reduction_cell(g, x, before, id, 2 * filters);
            before = x;
            x = made;
        }
    }
    return (gr_backbone_out){.map = gr_relu(g, x, "backbone.relu")};
}
