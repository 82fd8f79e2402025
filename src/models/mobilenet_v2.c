/* MobileNetV2 (Sandler et al. 2018, "Inverted residuals and linear bottlenecks", table 2), with torchvision's names:
 *
 *   features.0       3x3/2 to 32, ReLU6
 *   features.1..17   inverted residuals: 1x1 to t times the channels, ReLU6 (not where t is 1), depthwise 3x3, ReLU6, 1x1 to c
 *                    channels, nothing; + x where the shape stays
 *   features.18      1x1 to 1280, ReLU6
 *   classifier       mean, dropout 0.2, dense
 *
 * The width multiplies all channels, rounded to multiples of 8; the last 1280 only where it is above 1.
 * Keras's variant pads unevenly at stride 2, and batch norm has eps 1e-3 and momentum 0.001. */
#include "models/mobile_blocks.h"

static const gr_mobile_style torchvision = {1e-5, 0.1, GR_INIT_KAIMING_NORMAL_FAN_OUT, false};
static const gr_mobile_style keras = {1e-3, 0.001, GR_INIT_KAIMING_NORMAL_FAN_OUT, true};

static gr_value *inverted_residual(gr_graph *g, gr_value *x, const gr_mobile_style *style, const char *name, int64_t expand,
                                   int64_t out, int64_t stride)
{
    int64_t in = gr_channels_of(x);
    int part = 0;
    gr_value *y = x;
    if (expand != 1)
        y = gr_mobile_block(g, y, style, gr_layer_name(g, name, "conv.%d", part++), gr_pointwise(in * expand), gr_relu6);
    y = gr_mobile_block(g, y, style, gr_layer_name(g, name, "conv.%d", part++), gr_depthwise_of(y, 3, stride), gr_relu6);
    y = gr_mobile_conv(g, y, style, gr_layer_name(g, name, "conv.%d", part), gr_layer_name(g, name, "conv.%d", part + 1),
                       gr_pointwise(out));
    return stride == 1 && in == out ? gr_add(g, y, x, gr_layer_name(g, name, "add")) : y;
}

gr_backbone_out gr_build_mobilenet_v2(gr_graph *g, gr_value *image, const gr_model_options *options)
{
    static const struct {
        int expand, channels, blocks, stride;
    } stages[] = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    const gr_mobile_style *style = gr_model_is_keras(options) ? &keras : &torchvision;
    double width = gr_model_width(options);
    int index = 0;
    gr_value *x = gr_mobile_block(g, image, style, gr_layer_name(g, "backbone", "features.%d", index++),
                                  gr_full(gr_round_channels(32 * width), 3, 2), gr_relu6);
    for (size_t s = 0; s < sizeof stages / sizeof stages[0]; s++)
        for (int b = 0; b < stages[s].blocks; b++)
            x = inverted_residual(g, x, style, gr_layer_name(g, "backbone", "features.%d", index++), stages[s].expand,
                                  gr_round_channels(stages[s].channels * width), b == 0 ? stages[s].stride : 1);
    x = gr_mobile_block(g, x, style, gr_layer_name(g, "backbone", "features.%d", index),
                        gr_pointwise(gr_round_channels(1280 * (width > 1 ? width : 1))), gr_relu6);
    return (gr_backbone_out){.map = x, .dropout = 0.2, .classifier = GR_INIT_NORMAL_001};
}
