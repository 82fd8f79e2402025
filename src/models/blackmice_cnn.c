/* BlackMice's own network (Andresen et al. 2020, figure 3): three 3x3 convolutions of 32, 32, 64 filters, each with ReLU and a
 * 2x2 max pool, then two dense layers of 128. The paper does not say how borders are padded: by one pixel here, which keeps
 * the size. Initialisation is PyTorch's default. */
#include "models/models.h"

gr_backbone_out gr_build_blackmice_cnn(gr_graph *g, gr_value *image, const gr_model_options *options)
{
    static const int64_t filters[3] = {32, 32, 64};
    gr_value *x = image;
    for (int i = 0; i < 3; i++) {
        x = gr_conv2d(g, x, gr_layer_name(g, "backbone", "conv%d", i + 1),
                      (gr_conv2d_args){.out = filters[i], .kernel = {3, 3}, .pad = {1, 1}, .bias = true,
                                       .init = GR_INIT_UNIFORM_FAN_IN});
        x = gr_relu(g, x, gr_layer_name(g, "backbone", "relu%d", i + 1));
        x = gr_max_pool(g, x, gr_layer_name(g, "backbone", "pool%d", i + 1), (gr_pool_args){.kernel = {2, 2}});
    }
    if (!gr_head_takes_vector(options))
        return (gr_backbone_out){.map = x};
    gr_value *y = gr_flatten(g, x, "backbone.flatten");
    for (int i = 0; i < 2; i++) {
        y = gr_dense(g, y, gr_layer_name(g, "backbone", "fc%d", i + 1), 128, GR_INIT_UNIFORM_FAN_IN);
        y = gr_relu(g, y, gr_layer_name(g, "backbone", "relu_fc%d", i + 1));
    }
    return (gr_backbone_out){.map = x, .vector = y};
}
