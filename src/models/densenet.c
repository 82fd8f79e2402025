/* DenseNet-121 (Huang et al. 2017, "Densely connected convolutional networks", table 1), with torchvision's names:
 *
 *   features.conv0        7x7/2 to 64, batch norm, ReLU, max pool 3x3/2
 *   features.denseblockN  6, 12, 24, 16 layers, each batch norm, ReLU, 1x1 to 128, batch norm, ReLU, 3x3 to 32, whose output is
 *                         put behind all channels before it
 *   features.transitionN  between them: batch norm, ReLU, 1x1 to half of the channels, average pool 2x2
 *   features.norm5        batch norm, ReLU
 *   classifier            mean, dense
 *
 * Keras's variant has an eps of 1.001e-5 and a momentum of 0.01 in batch norm. */
#include "models/models.h"

enum { GROWTH = 32, FIRST = 64, BLOCKS = 4 };

typedef struct net {
    gr_graph *g;
    bool keras;
} net;

static gr_value *conv(const net *n, gr_value *x, const char *name, int64_t out, int64_t kernel, int64_t stride)
{
    return gr_conv2d(n->g, x, name,
                     (gr_conv2d_args){.out = out,
                                      .kernel = {kernel, kernel},
                                      .stride = {stride, stride},
                                      .pad = {kernel / 2, kernel / 2},
                                      .init = GR_INIT_KAIMING_NORMAL_FAN_IN});
}

static gr_value *norm_relu(const net *n, gr_value *x, const char *prefix, const char *norm, const char *relu)
{
    x = gr_batch_norm_with(n->g, x, gr_layer_name(n->g, prefix, "%s", norm), n->keras ? 1.001e-5 : 1e-5, n->keras ? 0.01 : 0.1);
    return gr_relu(n->g, x, gr_layer_name(n->g, prefix, "%s", relu));
}

static gr_value *dense_layer(const net *n, gr_value *x, const char *name)
{
    gr_graph *g = n->g;
    gr_value *y = norm_relu(n, x, name, "norm1", "relu1");
    y = conv(n, y, gr_layer_name(g, name, "conv1"), 4 * GROWTH, 1, 1);
    y = norm_relu(n, y, name, "norm2", "relu2");
    y = conv(n, y, gr_layer_name(g, name, "conv2"), GROWTH, 3, 1);
    return gr_concat(g, (gr_value *[]){x, y}, 2, gr_layer_name(g, name, "concat"));
}

static gr_value *transition(const net *n, gr_value *x, const char *name)
{
    x = norm_relu(n, x, name, "norm", "relu");
    x = conv(n, x, gr_layer_name(n->g, name, "conv"), x != NULL ? gr_value_shape(x).dim[3] / 2 : 1, 1, 1);
    return gr_avg_pool(n->g, x, gr_layer_name(n->g, name, "pool"), (gr_pool_args){.kernel = {2, 2}, .stride = {2, 2}});
}

gr_backbone_out gr_build_densenet121(gr_graph *g, gr_value *image, const gr_model_options *options)
{
    static const int layers[BLOCKS] = {6, 12, 24, 16};
    static const char features[] = "backbone.features";
    const net *n = &(net){g, gr_model_is_keras(options)};
    gr_value *x = conv(n, image, "backbone.features.conv0", FIRST, 7, 2);
    x = norm_relu(n, x, features, "norm0", "relu0");
    x = gr_max_pool(g, x, "backbone.features.pool0", (gr_pool_args){.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}});
    for (int b = 0; b < BLOCKS; b++) {
        for (int i = 0; i < layers[b]; i++)
            x = dense_layer(n, x, gr_layer_name(g, features, "denseblock%d.denselayer%d", b + 1, i + 1));
        if (b + 1 < BLOCKS)
            x = transition(n, x, gr_layer_name(g, features, "transition%d", b + 1));
    }
    return (gr_backbone_out){.map = norm_relu(n, x, features, "norm5", "relu5")};
}
