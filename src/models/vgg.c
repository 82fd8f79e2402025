/* VGG-16 (Simonyan and Zisserman 2014, "Very deep convolutional networks for large-scale image recognition", table 1, column
 * D) with torchvision's names: 3x3 convolutions with bias and ReLU, 2 of 64, 2 of 128, 3 of 256, 3 of 512, 3 of 512, a 2x2
 * max pool after each of the five groups; features.N counts convolutions, ReLUs and pools in one row. VGG-Face (Parkhi et
 * al. 2015) is the same network trained on faces.
 *
 * Head `linear` has the original top: average pool to 7 x 7, dense 4096, ReLU, dropout, dense 4096, ReLU, dropout, and the
 * classifier. Any other head stands on the last map: `mlp` with hidden [2048, 1024] and dropout 0.5 is InfantPain's. */
#include "models/models.h"

static const struct {
    int64_t filters;
    int convolutions;
} groups[5] = {{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}};

static gr_value *dense_top(gr_graph *g, gr_value *map)
{
    gr_value *x = gr_adaptive_avg_pool(g, map, "backbone.avgpool", 7, 7);
    x = gr_flatten(g, x, "backbone.flatten");
    for (int i = 0; i < 2; i++) {
        x = gr_dense(g, x, gr_layer_name(g, "backbone.classifier", "%d", 3 * i), 4096, GR_INIT_NORMAL_001);
        x = gr_relu(g, x, gr_layer_name(g, "backbone.classifier", "%d", 3 * i + 1));
        x = gr_dropout(g, x, gr_layer_name(g, "backbone.classifier", "%d", 3 * i + 2), 0.5);
    }
    return x;
}

gr_backbone_out gr_build_vgg16(gr_graph *g, gr_value *image, const gr_model_options *options)
{
    gr_value *x = image;
    int index = 0;
    for (int group = 0; group < 5; group++) {
        for (int i = 0; i < groups[group].convolutions; i++, index += 2) {
            x = gr_conv2d(g, x, gr_layer_name(g, "backbone.features", "%d", index),
                          (gr_conv2d_args){.out = groups[group].filters,
                                           .kernel = {3, 3},
                                           .pad = {1, 1},
                                           .bias = true,
                                           .init = GR_INIT_KAIMING_NORMAL_FAN_OUT});
            x = gr_relu(g, x, gr_layer_name(g, "backbone.features", "%d", index + 1));
        }
        x = gr_max_pool(g, x, gr_layer_name(g, "backbone.features", "%d", index++), (gr_pool_args){.kernel = {2, 2}});
    }
    return (gr_backbone_out){
        .map = x, .vector = gr_head_takes_vector(options) ? dense_top(g, x) : NULL, .classifier = GR_INIT_NORMAL_001};
}
