/* ResNet-18 and ResNet-34 (He et al. 2015, "Deep residual learning for image recognition", table 1), with torchvision's names:
 *
 *   conv1 7x7/2 64, bn1, ReLU, max pool 3x3/2
 *   layer1..4: basic blocks of 64, 128, 256, 512 channels; the first block of layers 2..4 halves the map
 *   block: conv1 3x3, bn1, ReLU, conv2 3x3, bn2, + shortcut, ReLU; a shortcut that changes shape is downsample.0 (1x1), .1 (bn) */
#include "models/models.h"

#include <string.h>

static gr_value *conv(gr_graph *g, gr_value *x, const char *name, int64_t out, int64_t kernel, int64_t stride)
{
    return gr_conv2d(g, x, name, (gr_conv2d_args){.out = out, .kernel = {kernel, kernel}, .stride = {stride, stride},
                                                  .pad = {kernel / 2, kernel / 2}, .init = GR_INIT_KAIMING_NORMAL_FAN_OUT});
}

static gr_value *basic_block(gr_graph *g, gr_value *x, const char *name, int64_t out, int64_t stride, bool project)
{
    gr_value *y = conv(g, x, gr_layer_name(g, name, "conv1"), out, 3, stride);
    y = gr_batch_norm(g, y, gr_layer_name(g, name, "bn1"));
    y = gr_relu(g, y, gr_layer_name(g, name, "relu1"));
    y = conv(g, y, gr_layer_name(g, name, "conv2"), out, 3, 1);
    y = gr_batch_norm(g, y, gr_layer_name(g, name, "bn2"));
    gr_value *shortcut = x;
    if (project) {
        shortcut = conv(g, x, gr_layer_name(g, name, "downsample.0"), out, 1, stride);
        shortcut = gr_batch_norm(g, shortcut, gr_layer_name(g, name, "downsample.1"));
    }
    y = gr_add(g, y, shortcut, gr_layer_name(g, name, "add"));
    return gr_relu(g, y, gr_layer_name(g, name, "relu2"));
}

gr_backbone_out gr_build_resnet(gr_graph *g, gr_value *image, const char *name)
{
    static const int blocks18[4] = {2, 2, 2, 2}, blocks34[4] = {3, 4, 6, 3};
    const int *blocks = strcmp(name, "resnet34") == 0 ? blocks34 : blocks18;
    gr_value *x = conv(g, image, "backbone.conv1", 64, 7, 2);
    x = gr_batch_norm(g, x, "backbone.bn1");
    x = gr_relu(g, x, "backbone.relu");
    x = gr_max_pool(g, x, "backbone.maxpool", (gr_pool_args){.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}});
    for (int layer = 0; layer < 4; layer++) {
        for (int block = 0; block < blocks[layer]; block++) {
            bool first = layer > 0 && block == 0;
            const char *where = gr_layer_name(g, "backbone", "layer%d.%d", layer + 1, block);
            x = basic_block(g, x, where, (int64_t)64 << layer, first ? 2 : 1, first);
        }
    }
    return (gr_backbone_out){.map = x};
}
