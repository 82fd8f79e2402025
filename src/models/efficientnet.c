/* EfficientNet-B0 (Tan & Le 2019, "EfficientNet: rethinking model scaling", table 1), with torchvision's names:
 *
 *   features.0     3x3/2 to 32, SiLU
 *   features.1..7  MBConv: block.0 1x1 to t times the channels (not where t is 1), SiLU; depthwise, SiLU; squeeze and excitation
 *                  with a quarter of the block's input channels; 1x1 without activation; stochastic depth and + x where the
 *                  shape stays
 *   features.8     1x1 to 1280, SiLU
 *   classifier     mean, dropout 0.2, dense
 *
 * Block i of the 16 is dropped at rate 0.2 i / 16 (Huang et al. 2016). Keras's variant pads unevenly at stride 2, and batch norm
 * has eps 1e-3 and momentum 0.01. */
#include "models/mobile_blocks.h"

static const gr_mobile_style torchvision = {1e-5, 0.1, GR_INIT_KAIMING_NORMAL_FAN_OUT, false};
static const gr_mobile_style keras = {1e-3, 0.01, GR_INIT_KAIMING_NORMAL_FAN_OUT, true};

enum { BLOCKS = 16 };

typedef struct stage {
    int expand, kernel, stride, out, blocks;
} stage;

static gr_value *mb_conv(gr_graph *g, gr_value *x, const gr_mobile_style *style, const char *name, const stage *s,
                         int64_t stride, double drop_rate)
{
    int64_t in = gr_channels_of(x);
    int part = 0;
    gr_value *y = x;
    if (s->expand != 1)
        y = gr_mobile_block(g, y, style, gr_layer_name(g, name, "block.%d", part++), gr_pointwise(in * s->expand), gr_silu);
    y = gr_mobile_block(g, y, style, gr_layer_name(g, name, "block.%d", part++), gr_depthwise_of(y, s->kernel, stride), gr_silu);
    y = gr_mobile_squeeze(g, y, style, gr_layer_name(g, name, "block.%d", part++), in / 4 > 1 ? in / 4 : 1, gr_silu, gr_sigmoid);
    y = gr_mobile_block(g, y, style, gr_layer_name(g, name, "block.%d", part), gr_pointwise(s->out), NULL);
    if (stride != 1 || in != s->out)
        return y;
    y = gr_stochastic_depth(g, y, gr_layer_name(g, name, "stochastic_depth"), drop_rate);
    return gr_add(g, y, x, gr_layer_name(g, name, "add"));
}

gr_backbone_out gr_build_efficientnet_b0(gr_graph *g, gr_value *image, const gr_model_options *options)
{
    static const stage stages[] = {{1, 3, 1, 16, 1},  {6, 3, 2, 24, 2},  {6, 5, 2, 40, 2}, {6, 3, 2, 80, 3},
                                   {6, 5, 1, 112, 3}, {6, 5, 2, 192, 4}, {6, 3, 1, 320, 1}};
    enum { STAGES = sizeof stages / sizeof stages[0] };
    const gr_mobile_style *style = gr_model_is_keras(options) ? &keras : &torchvision;
    int block = 0;
    gr_value *x = gr_mobile_block(g, image, style, "backbone.features.0", gr_full(32, 3, 2), gr_silu);
    for (int s = 0; s < STAGES; s++)
        for (int b = 0; b < stages[s].blocks; b++, block++)
            x = mb_conv(g, x, style, gr_layer_name(g, "backbone", "features.%d.%d", s + 1, b), &stages[s],
                        b == 0 ? stages[s].stride : 1, 0.2 * block / BLOCKS);
    x = gr_mobile_block(g, x, style, gr_layer_name(g, "backbone", "features.%d", STAGES + 1), gr_pointwise(1280), gr_silu);
    return (gr_backbone_out){.map = x, .dropout = 0.2, .classifier = GR_INIT_UNIFORM_FAN_OUT};
}
