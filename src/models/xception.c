/* Xception (Chollet 2017, "Xception: deep learning with depthwise separable convolutions", figure 5), as keras.applications'
 * Xception. Parameter names are Keras's layer names under "backbone.": a separable convolution NAME has NAME.depthwise.weight
 * and NAME.pointwise.weight, a batch norm NAME has weight, bias, running_mean, running_var; the shortcuts, which Keras numbers,
 * are blockN_shortcut and blockN_shortcut_bn. The classifier is Keras's `predictions`.
 *
 *   block1       3x3/2 32 and 3x3 64 without padding, each with batch norm and ReLU
 *   block2..4    two separable 3x3 of 128, 256, 728, max pool 3x3/2; + 1x1/2 of x
 *   block5..12   three separable 3x3 of 728; + x
 *   block13      separable 3x3 of 728 and 1024, max pool 3x3/2; + 1x1/2 of x
 *   block14      separable 3x3 of 1536 and 2048, each with batch norm and ReLU
 *
 * ReLU stands in front of each separable convolution of blocks 2 to 13 but the very first. */
#include "models/models.h"

#include <stdio.h>

static const double EPS = 1e-3, MOMENTUM = 0.01;

/* Convolution and batch norm NAME_bn. */
static gr_value *conv(gr_graph *g, gr_value *x, const char *name, int64_t filters, int64_t kernel, int64_t stride)
{
    x = gr_conv2d(g, x, gr_layer_name(g, "backbone", "%s", name),
                  (gr_conv2d_args){.out = filters,
                                   .kernel = {kernel, kernel},
                                   .stride = {stride, stride},
                                   .init = GR_INIT_KAIMING_NORMAL_FAN_IN});
    return gr_batch_norm_with(g, x, gr_layer_name(g, "backbone", "%s_bn", name), EPS, MOMENTUM);
}

/* Separable 3x3 and batch norm, blockB_sepconvI; ReLU in front where `active`. */
static gr_value *separable(gr_graph *g, gr_value *x, int block, int index, int64_t filters, bool active)
{
    const char *name = gr_layer_name(g, "backbone", "block%d_sepconv%d", block, index);
    if (active)
        x = gr_relu(g, x, gr_layer_name(g, name, "relu"));
    int64_t channels = x != NULL ? gr_value_shape(x).dim[3] : 1;
    x = gr_conv2d(g, x, gr_layer_name(g, name, "depthwise"),
                  (gr_conv2d_args){.out = channels,
                                   .kernel = {3, 3},
                                   .pad = {1, 1},
                                   .groups = channels,
                                   .init = GR_INIT_KAIMING_NORMAL_FAN_IN});
    x = gr_conv2d(g, x, gr_layer_name(g, name, "pointwise"),
                  (gr_conv2d_args){.out = filters, .kernel = {1, 1}, .init = GR_INIT_KAIMING_NORMAL_FAN_IN});
    return gr_batch_norm_with(g, x, gr_layer_name(g, "backbone", "block%d_sepconv%d_bn", block, index), EPS, MOMENTUM);
}

/* Max pool 3x3/2 with Keras's padding "same": of an even size the window hangs over the end. */
static gr_value *halved(gr_graph *g, gr_value *x, int block)
{
    if (x == NULL)
        return NULL;
    gr_shape s = gr_value_shape(x);
    return gr_max_pool(
        g, x, gr_layer_name(g, "backbone", "block%d_pool", block),
        (gr_pool_args){.kernel = {3, 3}, .stride = {2, 2}, .pad = {s.dim[1] % 2, s.dim[2] % 2}, .ceil_mode = true});
}

/* Two separable convolutions of `first` and `second` filters at half of the size, and the shortcut. */
static gr_value *halving_block(gr_graph *g, gr_value *x, int block, int64_t first, int64_t second)
{
    char name[24];
    snprintf(name, sizeof name, "block%d_shortcut", block);
    gr_value *shortcut = conv(g, x, name, second, 1, 2);
    x = separable(g, x, block, 1, first, block > 2);
    x = halved(g, separable(g, x, block, 2, second, true), block);
    return gr_add(g, x, shortcut, gr_layer_name(g, "backbone", "block%d_add", block));
}

gr_backbone_out gr_build_xception(gr_graph *g, gr_value *image, const gr_model_options *options)
{
    (void)options;
    static const int64_t widths[3] = {128, 256, 728};
    gr_value *x = gr_relu(g, conv(g, image, "block1_conv1", 32, 3, 2), "backbone.block1_conv1_relu");
    x = gr_relu(g, conv(g, x, "block1_conv2", 64, 3, 1), "backbone.block1_conv2_relu");
    for (int i = 0; i < 3; i++)
        x = halving_block(g, x, i + 2, widths[i], widths[i]);
    for (int block = 5; block <= 12; block++) {
        gr_value *y = x;
        for (int i = 1; i <= 3; i++)
            y = separable(g, y, block, i, 728, true);
        x = gr_add(g, y, x, gr_layer_name(g, "backbone", "block%d_add", block));
    }
    x = halving_block(g, x, 13, 728, 1024);
    x = gr_relu(g, separable(g, x, 14, 1, 1536, false), "backbone.block14_sepconv1_relu");
    x = gr_relu(g, separable(g, x, 14, 2, 2048, false), "backbone.block14_sepconv2_relu");
    return (gr_backbone_out){.map = x};
}
