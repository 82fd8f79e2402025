/* ResNet-18, 34, 50 and 101 (He et al. 2015, "Deep residual learning for image recognition", table 1), with torchvision's names:
 *
 *   conv1 7x7/2 64, bn1, ReLU, max pool 3x3/2
 *   layer1..4: blocks of width 64, 128, 256, 512; the first block of layers 2..4 halves the map
 *   basic block (18, 34): conv1 3x3, bn1, ReLU, conv2 3x3, bn2, + shortcut, ReLU
 *   bottleneck (50, 101): conv1 1x1, bn1, ReLU, conv2 3x3 (strided), bn2, ReLU, conv3 1x1 to 4 width, bn3, + shortcut, ReLU
 *   a shortcut that changes shape is downsample.0 (1x1, strided), downsample.1 (batch norm)
 *
 * Keras's variant, as the paper has it: the first 1x1 of a bottleneck is strided, not its 3x3; batch norm has eps 1.001e-5 and
 * momentum 0.01. The biases of Keras's convolutions would change nothing in front of a batch norm, and are left out. */
#include "models/models.h"

#include <string.h>

/* Where the two variants differ. */
typedef struct style {
    bool early_stride; /* in a bottleneck's first convolution */
    double eps, momentum;
} style;

static const style torchvision = {false, 1e-5, 0.1}, keras = {true, 1.001e-5, 0.01};

static gr_value *norm(gr_graph *g, gr_value *x, const style *s, const char *name)
{
    return gr_batch_norm_with(g, x, name, s->eps, s->momentum);
}

static gr_value *conv(gr_graph *g, gr_value *x, const char *name, int64_t out, int64_t kernel, int64_t stride)
{
    return gr_conv2d(g, x, name, (gr_conv2d_args){.out = out, .kernel = {kernel, kernel}, .stride = {stride, stride},
                                                  .pad = {kernel / 2, kernel / 2}, .init = GR_INIT_KAIMING_NORMAL_FAN_OUT});
}

static gr_value *conv_norm(gr_graph *g, gr_value *x, const style *s, const char *block, int index, int64_t out,
                           int64_t kernel, int64_t stride)
{
    x = conv(g, x, gr_layer_name(g, block, "conv%d", index), out, kernel, stride);
    return norm(g, x, s, gr_layer_name(g, block, "bn%d", index));
}

static gr_value *conv_norm_relu(gr_graph *g, gr_value *x, const style *s, const char *block, int index, int64_t out, int64_t kernel,
                                int64_t stride)
{
    x = conv_norm(g, x, s, block, index, out, kernel, stride);
    return gr_relu(g, x, gr_layer_name(g, block, "relu%d", index));
}

static gr_value *residual_block(gr_graph *g, gr_value *x, const style *s, const char *name, int64_t width, int64_t stride,
                                bool bottleneck)
{
    int64_t out = bottleneck ? 4 * width : width, last = bottleneck ? 3 : 2;
    gr_value *y, *shortcut = x;
    if (bottleneck) {
        y = conv_norm_relu(g, x, s, name, 1, width, 1, s->early_stride ? stride : 1);
        y = conv_norm_relu(g, y, s, name, 2, width, 3, s->early_stride ? 1 : stride);
        y = conv_norm(g, y, s, name, 3, out, 1, 1);
    } else {
        y = conv_norm_relu(g, x, s, name, 1, width, 3, stride);
        y = conv_norm(g, y, s, name, 2, out, 3, 1);
    }
    if (x != NULL && (stride != 1 || gr_value_shape(x).dim[3] != out)) {
        shortcut = conv(g, x, gr_layer_name(g, name, "downsample.0"), out, 1, stride);
        shortcut = norm(g, shortcut, s, gr_layer_name(g, name, "downsample.1"));
    }
    y = gr_add(g, y, shortcut, gr_layer_name(g, name, "add"));
    return gr_relu(g, y, gr_layer_name(g, name, "relu%d", (int)last));
}

typedef struct variant {
    const char *name;
    int blocks[4];
    bool bottleneck;
} variant;

static const variant variants[] = {
    {"resnet18", {2, 2, 2, 2}, false},
    {"resnet34", {3, 4, 6, 3}, false},
    {"resnet50", {3, 4, 6, 3}, true},
    {"resnet101", {3, 4, 23, 3}, true},
};

gr_backbone_out gr_build_resnet(gr_graph *g, gr_value *image, const gr_model_options *options)
{
    const variant *v = variants;
    const style *s = gr_model_is_keras(options) ? &keras : &torchvision;
    while (strcmp(v->name, options->backbone) != 0)
        v++; /* the table of build.c names no other */
    gr_value *x = conv(g, image, "backbone.conv1", 64, 7, 2);
    x = norm(g, x, s, "backbone.bn1");
    x = gr_relu(g, x, "backbone.relu");
    x = gr_max_pool(g, x, "backbone.maxpool", (gr_pool_args){.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}});
    for (int layer = 0; layer < 4; layer++)
        for (int block = 0; block < v->blocks[layer]; block++)
            x = residual_block(g, x, s, gr_layer_name(g, "backbone", "layer%d.%d", layer + 1, block), (int64_t)64 << layer,
                               layer > 0 && block == 0 ? 2 : 1, v->bottleneck);
    return (gr_backbone_out){.map = x};
}
